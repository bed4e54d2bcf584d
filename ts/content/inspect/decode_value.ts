// Values of extensions for people and programs that want them whole: CBOR to JavaScript, by cbor-x. Never for decisions
// of the codec: it accepts much that the format forbids.

import { Decoder, Tag } from 'cbor-x';
import { skipAny } from '../cbor/any.ts';
import { CborReader } from '../cbor/reader.ts';
import { Tagged } from '../cbor/value.ts';
import { ContentError } from '../rules.ts';

/** `Map` for maps, `bigint` above 2^53 − 1, `Tagged` for tags that stand for nothing in JavaScript. */
export type DecodedValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | DecodedValue[]
  | Map<DecodedValue, DecodedValue>
  | Tagged;

/**
 * One value of an extension. Throws ContentError when it breaks the rules C2 to C4 or C9; a value of a decoded message
 * never does.
 */
export function decodeValue(bytes: Uint8Array): DecodedValue {
  const reader = new CborReader(bytes);
  skipAny(reader, 2, '');
  reader.finish();
  // A view of its own: cbor-x keeps something of the array that it is given. A decoder of its own: else records of one
  // value leak into the next.
  const decoder = new Decoder({ useRecords: false, mapsAsObjects: false, tagUint8Array: false });
  try {
    return plain(decoder.decode(bytes.slice()));
  } catch (cause) {
    throw new ContentError('malformed', 'The value cannot be read.', { cause });
  }
}

function plain(value: unknown): DecodedValue {
  if (value instanceof Tag) return new Tagged(value.tag, plain(value.value) as Tagged['value']);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, item]) => [plain(key), plain(item)]));
  }
  return value as DecodedValue;
}
