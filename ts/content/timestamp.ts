// Times of derived values and of reports, in milliseconds since the epoch: tag 62 on an integer in draft04; in draft08 an
// integer, or an extended time (RFC 9581, section 3), of which whole seconds and thousandths are understood.

import { readKey, skipAny } from './cbor/any.ts';
import { BYTES, CborReader, MAP, TAG } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import type { Profile } from './model.ts';
import type { Step } from './rules.ts';

const MILLIS_TAG = 62;
const EXTENDED_TIME_TAG = 1001;
/** Keys of an extended time: seconds since the epoch, and thousandths beside them. */
const SECONDS_KEY = 1;
const MILLIS_KEY = -3;
const MAX_MILLIS = 999;
const MAX_SECONDS = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1;

/** A number; a bigint above 2^53 − 1. */
export type Timestamp = number | bigint;

export function readTimestamp(reader: CborReader, profile: Profile, name: Step): Timestamp {
  if (profile === 'draft04') {
    reader.tag(MILLIS_TAG, name);
    return reader.uint64(name);
  }
  const isTag = (reader.bytes[reader.at] ?? 0) >> 5 === TAG;
  return isTag ? readExtended(reader, name) : reader.uint64(name);
}

function readExtended(reader: CborReader, name: Step): Timestamp {
  const start = reader.at;
  // The rules of extension values hold for the whole, too.
  skipAny(reader, 1, name);
  const map = new CborReader(reader.bytes.subarray(0, reader.at));
  map.at = start;
  map.tag(EXTENDED_TIME_TAG, name);
  const count = map.count(MAP, name);
  let seconds: number | undefined;
  let millis = 0;
  for (let done = 0; done < count; done += 1) {
    const key = readKey(map, undefined, BYTES).value;
    if (key === SECONDS_KEY) seconds = map.uint(MAX_SECONDS, name);
    else if (key === MILLIS_KEY) millis = map.uint(MAX_MILLIS, name);
    else skipAny(map, 3, name);
  }
  if (seconds !== undefined) return seconds * 1000 + millis;
  throw reader.fault('wrongType', start, name, 'an extended time with whole seconds, key 1');
}

export function writeTimestamp(
  writer: CborWriter,
  value: Timestamp,
  profile: Profile,
  name: Step,
): void {
  if (profile === 'draft04') writer.head(TAG, MILLIS_TAG);
  writer.uint64(value, name);
}
