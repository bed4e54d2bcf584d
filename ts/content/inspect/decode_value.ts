// Values of extensions for people and programs that want them whole: CBOR to JavaScript. Never for decisions of the codec.
// Arrays, maps and tags are taken apart here, as cbor-x gives many tags a meaning of its own (dates, regular expressions,
// errors); it reads what is in them.

import { Decoder } from 'cbor-x';
import { skipAny } from '../cbor/any.ts';
import { ARRAY, BYTES, CborReader, MAP, NINT, TAG, UINT } from '../cbor/reader.ts';
import { Tagged } from '../cbor/value.ts';
import { ContentError } from '../rules.ts';

/** `Map` for maps, `bigint` above 2^53 − 1, `Tagged` for tags other than those of big integers. */
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
  return readValue(new CborReader(bytes));
}

function readValue(reader: CborReader): DecodedValue {
  const start = reader.at;
  const major = reader.item('');
  if (major === UINT) return reader.value;
  if (major === NINT) return negative(reader.value);
  const count = Number(reader.value);
  if (major === TAG) return tagged(count, readValue(reader));
  if (major === ARRAY) return Array.from({ length: count }, () => readValue(reader));
  if (major === MAP) {
    return new Map(
      Array.from({ length: count }, () => [readValue(reader), readValue(reader)] as const),
    );
  }
  // A view of the message would keep all of it.
  if (major === BYTES) return reader.bytes.slice(reader.from, reader.at);
  return readLeaf(reader.bytes.slice(start, reader.at));
}

/** A number as long as it is a safe one. */
function negative(argument: number | bigint): number | bigint {
  const value = -1n - BigInt(argument);
  return value < Number.MIN_SAFE_INTEGER ? value : Number(value);
}

/** An item that holds no other. */
function readLeaf(item: Uint8Array): DecodedValue {
  try {
    // One for each: else what it keeps of one item is there for the next.
    const decoder = new Decoder({ useRecords: false, mapsAsObjects: false, tagUint8Array: false });
    return decoder.decode(item) as DecodedValue;
  } catch (cause) {
    throw new ContentError('malformed', 'The value cannot be read.', { cause });
  }
}

/** Big integers are numbers of the language (RFC 8949, section 3.4.3). */
function tagged(tag: number, value: DecodedValue): DecodedValue {
  if ((tag !== 2 && tag !== 3) || !(value instanceof Uint8Array)) {
    return new Tagged(tag, value as Tagged['value']);
  }
  let integer = 0n;
  for (const byte of value) integer = (integer << 8n) | BigInt(byte);
  return tag === 2 ? integer : -1n - integer;
}
