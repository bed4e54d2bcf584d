// Times of derived values and of reports, in milliseconds since the epoch: tag 62 on an integer in draft04; in draft08 an
// integer, or an extended time (RFC 9581, section 3), of which whole seconds and thousandths are understood.

import { KeyOrder, skipAny } from './cbor/any.ts';
import { CborReader, type Step } from './cbor/reader.ts';
import { Major, scanScalar } from './cbor/scan.ts';
import type { CborWriter } from './cbor/writer.ts';
import type { Profile } from './model.ts';

const MILLIS_TAG = 62;
const EXTENDED_TIME_TAG = 1001;
/** Keys of an extended time: seconds since the epoch, and thousandths beside them. */
const SECONDS_KEY = 1;
const MILLIS_KEY = -3;

/** A number; a bigint above 2^53 − 1. */
export type Timestamp = number | bigint;

export function readTimestamp(reader: CborReader, profile: Profile, name: Step): Timestamp {
  if (profile === 'draft04') {
    reader.tag(MILLIS_TAG, name, 'tag 62, milliseconds');
    return reader.uint64(name);
  }
  const first = scanScalar(reader.bytes, reader.at, true);
  return first.major === Major.tag ? readExtended(reader, name) : reader.uint64(name);
}

function readExtended(reader: CborReader, name: Step): Timestamp {
  const start = reader.at;
  reader.tag(EXTENDED_TIME_TAG, name, 'milliseconds, or tag 1001');
  const mapAt = reader.at;
  // The rules of extension values hold for the map, too; the tag before it is level 1.
  skipAny(reader, 2, name);
  const map = new CborReader(reader.bytes.subarray(0, reader.at), { deterministic: true });
  map.at = mapAt;
  const count = map.map(name, 'a map');
  const keys = new KeyOrder(map);
  let [seconds, millis]: (number | undefined)[] = [undefined, 0];
  for (let done = 0; done < count; done += 1) {
    const key = keys.next(true).value;
    if (key === SECONDS_KEY) seconds = map.uint(Number.MAX_SAFE_INTEGER / 1000, name);
    else if (key === MILLIS_KEY) millis = map.uint(999, name);
    else skipAny(map, 3, name);
  }
  if (seconds !== undefined) return seconds * 1000 + (millis as number);
  throw reader.fault('wrongType', start, name, 'an extended time with whole seconds, key 1');
}

export function writeTimestamp(
  writer: CborWriter,
  value: Timestamp,
  profile: Profile,
  path: string,
): void {
  if (profile === 'draft04') writer.tag(MILLIS_TAG);
  writer.uint64(value, path);
}
