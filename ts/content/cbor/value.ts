// Values of extensions: JavaScript to deterministic CBOR. The way back, for people, is decode_value.ts.

import { CborWriter, unencodable } from './writer.ts';

/** A tagged value; tags 2 and 3 are written for a `bigint` by themselves. */
export class Tagged {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

/** What an extension can hold. Numbers without a fraction are integers, within ±(2^53 − 1); beyond, use a bigint. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number | string | Uint8Array, CborValue>
  | Tagged;

/** One value, in the shortest form and with its keys sorted. Throws unencodable. */
export function encodeValue(value: CborValue, path = ''): Uint8Array {
  const writer = new CborWriter();
  writeValue(writer, value, path);
  return writer.finish();
}

function writeValue(writer: CborWriter, value: CborValue, path: string): void {
  if (value === null) writer.null();
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (typeof value === 'string') writer.text(value, path);
  else if (typeof value === 'bigint') writeBigInt(writer, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (value instanceof Uint8Array) writer.byteString(value, path);
  else if (value instanceof Tagged) writeTagged(writer, value, path);
  else if (value instanceof Map) writeMap(writer, value, path);
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const [index, item] of value.entries()) writeValue(writer, item, `${path}/${index}`);
  } else throw unencodable(path, 'C3', 'is of a type that extensions cannot hold');
}

function writeNumber(writer: CborWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.integer(value);
  else writer.float(value);
}

/** As an integer where it fits one, else as tag 2 or 3 (RFC 8949, section 3.4.3). */
function writeBigInt(writer: CborWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  if (argument <= 0xffff_ffff_ffff_ffffn) {
    writer.integer(value);
    return;
  }
  const digits = argument.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  writer.tag(value < 0n ? 3 : 2);
  writer.byteString(bytes, '');
}

function writeTagged(writer: CborWriter, { tag, value }: Tagged, path: string): void {
  if (!Number.isSafeInteger(tag) || tag < 0) throw unencodable(path, 'C1', 'has no such tag');
  writer.tag(tag);
  writeValue(writer, value, `${path}/0`);
}

function writeMap(
  writer: CborWriter,
  map: ReadonlyMap<number | string | Uint8Array, CborValue>,
  path: string,
): void {
  const pairs = [...map].map(([key, value]) => ({ key: encodeKey(key, path), name: key, value }));
  pairs.sort((left, right) => compare(left.key, right.key));
  writer.map(pairs.length);
  for (const [index, { key, name, value }] of pairs.entries()) {
    const last = pairs[index - 1];
    if (last !== undefined && compare(last.key, key) === 0) {
      throw unencodable(path, 'C2', `has the key ${name} twice`);
    }
    writer.raw(key);
    writeValue(writer, value, `${path}/${name}`);
  }
}

/** A key of a map, encoded: an integer within ±(2^53 − 1), a text, or bytes. */
export function encodeKey(key: number | string | Uint8Array, path: string): Uint8Array {
  if (typeof key === 'number' && !Number.isSafeInteger(key)) {
    throw unencodable(path, 'C3', `has the key ${key}, which is no integer within ±(2^53 − 1)`);
  }
  return encodeValue(key, path);
}

/** The order of keys: bytewise, of their encodings. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const order = (left[at] as number) - (right[at] as number);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
