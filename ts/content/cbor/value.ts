// Values of extensions: JavaScript to deterministic CBOR. The way back, for people, is in inspect/.

import { MAX_DEPTH } from '../limits.ts';
import type { ContentError, Step } from '../rules.ts';
import { fitsHalf } from './half.ts';
import { ARRAY, MAP, NINT, TAG, UINT } from './reader.ts';
import { CborWriter } from './writer.ts';

/** A tagged value; tags 2 and 3 are written for a `bigint` by themselves. */
export class Tagged {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

export type CborKey = number | string | Uint8Array;

/** What an extension can hold. Numbers without a fraction are integers, within ±(2^53 − 1); beyond, use a bigint. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>
  | Tagged;

/** The largest argument of a head. */
const MAX_ARGUMENT = 0xffff_ffff_ffff_ffffn;

/** One value, in the shortest form and with its keys sorted. Throws ContentError `unencodable`. */
export function encodeValue(value: CborValue, name: Step = ''): Uint8Array {
  const writer = new CborWriter();
  writeValue(writer, value, name);
  return writer.finish();
}

function writeValue(writer: CborWriter, value: CborValue, name: Step): void {
  if (value === null) writer.null();
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (typeof value === 'string') writer.text(value, name);
  else if (typeof value === 'bigint') writeBigInt(writer, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (value instanceof Uint8Array) writer.byteString(value, name);
  else {
    writer.trail.push(name);
    writeNested(writer, value);
    writer.trail.pop();
  }
}

function writeNested(
  writer: CborWriter,
  value: readonly CborValue[] | ReadonlyMap<CborKey, CborValue> | Tagged,
): void {
  // The map of the extensions is level 1, this value's own path is in the trail.
  if (writer.trail.length >= MAX_DEPTH) {
    throw writer.refusal('C4', '', `exceeds ${MAX_DEPTH} levels`);
  }
  if (value instanceof Tagged) {
    if (!Number.isSafeInteger(value.tag) || value.tag < 0) throw notOfCbor(writer);
    writer.head(TAG, value.tag);
    writeValue(writer, value.value, 0);
  } else if (value instanceof Map) {
    writeMap(writer, value);
  } else if (Array.isArray(value)) {
    writer.head(ARRAY, value.length);
    for (const [index, item] of value.entries()) writeValue(writer, item, index);
  } else throw notOfCbor(writer);
}

const notOfCbor = (writer: CborWriter): ContentError =>
  writer.refusal('C3', '', 'is nothing that extensions can hold');

function writeNumber(writer: CborWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) writeInteger(writer, BigInt(value));
  else writer.raw(floatBytes(value));
}

function writeInteger(writer: CborWriter, value: bigint): void {
  if (value >= 0n) writer.head(UINT, value);
  else writer.head(NINT, -1n - value);
}

/** The shortest float that keeps the value. */
export function floatBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(9));
  if (Number.isNaN(value) || fitsHalf(value)) {
    view.setUint8(0, 0xf9);
    view.setUint16(1, halfBits(value));
    return new Uint8Array(view.buffer, 0, 3);
  }
  if (Math.fround(value) === value) {
    view.setUint8(0, 0xfa);
    view.setFloat32(1, value);
    return new Uint8Array(view.buffer, 0, 5);
  }
  view.setUint8(0, 0xfb);
  view.setFloat64(1, value);
  return new Uint8Array(view.buffer);
}

/** A half-precision float whose value fits one; NaN in its only form. */
function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024);
}

/** As an integer where it fits one, else as tag 2 or 3 (RFC 8949, section 3.4.3). */
function writeBigInt(writer: CborWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  if (argument <= MAX_ARGUMENT) {
    writeInteger(writer, value);
    return;
  }
  const digits = argument.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  writer.head(TAG, value < 0n ? 3 : 2);
  writer.byteString(bytes, '');
}

function writeMap(writer: CborWriter, map: ReadonlyMap<CborKey, CborValue>): void {
  const pairs = Array.from(map, ([name, value]) => ({ key: encodeKey(writer, name), name, value }));
  pairs.sort((left, right) => compareBytes(left.key, right.key));
  writer.head(MAP, pairs.length);
  for (const [index, { key, name, value }] of pairs.entries()) {
    const last = pairs[index - 1];
    if (last !== undefined && compareBytes(last.key, key) === 0) {
      throw writer.refusal('C2', '', `has the key ${name} twice`);
    }
    writer.raw(key);
    writeValue(writer, value, name);
  }
}

/** A key of a map, encoded: an integer within ±(2^53 − 1), a text, or bytes. */
function encodeKey(writer: CborWriter, key: CborKey): Uint8Array {
  if (typeof key === 'number' && !Number.isSafeInteger(key)) {
    throw writer.refusal('C3', '', `has the key ${key}, which is no integer within ±(2^53 − 1)`);
  }
  return encodeValue(key);
}

/** The order of keys: bytewise, of their encodings. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length; at += 1) {
    const order = (left[at] as number) - (right[at] ?? -1);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
