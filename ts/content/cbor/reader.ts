// Reads deterministic CBOR (RFC 8949, section 4.2.1) strictly, one pass, no copies. For one item, well-formedness is
// asked first (rule C9), then determinism (C2), the data model of draft-ietf-mimi-content-08 (C3), then type and size
// (C1). What is nested in an item are the next items.

import { ContentError, rules, type Step, Trail } from '../rules.ts';
import { fitsHalf } from './half.ts';
import { hex, isUtf8, readText } from './text.ts';

/** Major types, RFC 8949, section 3.1. */
export const UINT = 0;
export const NINT = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;
export const OTHER = 7;
const NULL = 0xf6;
const BREAK = 0xff;
const INDEFINITE = 31;
const emptyBytes = new Uint8Array();
const words = new DataView(new ArrayBuffer(8));

/** What people call an item of each major type. */
const names = [
  'integer',
  'negative integer',
  'byte string',
  'text',
  'array',
  'map',
  'tag',
  'value',
];

/**
 * A cursor over one message. Each method reads one item; `name` is the last step of its path. Throws ContentError; after
 * a throw the reader is spent. The fast path of each method takes short items as a deterministic encoder writes them,
 * `item` all others.
 */
export class CborReader extends Trail {
  readonly bytes: Uint8Array;
  /** Index of the next byte. */
  at = 0;
  /** Of the last item that `item` read: the argument of its head, a bigint above 2^53 − 1; where its content begins. */
  value: number | bigint = 0;
  from = 0;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  /** A fault of the item that begins at `offset`. */
  fault(
    code: keyof typeof rules,
    offset: number,
    name: Step,
    expected: string,
    found = this.#describe(offset),
  ): ContentError {
    const rule = rules[code];
    const path = this.path(name);
    return new ContentError(
      code,
      `${rule} at byte ${offset}, ${path || '/'}: expected ${expected}, found ${found}.`,
      { details: { rule, offset, path, expected, found } },
    );
  }

  /** Reads null, or leaves the item where it is. */
  skipNull(): boolean {
    if (this.bytes[this.at] !== NULL) return false;
    this.at += 1;
    return true;
  }

  /** An unsigned integer of at most `max`. */
  uint(max: number, name: Step): number {
    const start = this.at;
    const value = this.uint64(name);
    if (value > max) throw this.fault('wrongSize', start, name, `at most ${max}`);
    return value as number;
  }

  /** An unsigned integer of up to 64 bits; a bigint above 2^53 − 1. */
  uint64(name: Step): number | bigint {
    const first = this.bytes[this.at] as number;
    if (first < 0x18) {
      this.at += 1;
      return first;
    }
    this.expect(UINT, name);
    return this.value;
  }

  boolean(name: Step): boolean {
    const start = this.at;
    const first = this.bytes[start];
    this.item(name);
    if (first === 0xf4 || first === 0xf5) return first === 0xf5;
    throw this.fault('wrongType', start, name, 'true or false');
  }

  /** A byte string of at most `most` bytes, as a view. */
  byteString(name: Step, most = 2 ** 32): Uint8Array {
    const { bytes, at } = this;
    const length = (bytes[at] as number) - 0x40;
    if (length === 0) {
      this.at = at + 1;
      return emptyBytes;
    }
    // The longer ones cost the same either way.
    this.expect(BYTES, name);
    if (this.at - this.from > most) throw this.fault('tooLarge', at, name, `at most ${most} bytes`);
    return bytes.subarray(this.from, this.at);
  }

  /** A byte string of exactly `length` bytes. */
  fixedBytes(length: number, name: Step): Uint8Array {
    const start = this.at;
    const value = this.byteString(name);
    if (value.length === length) return value;
    throw this.fault('wrongSize', start, name, `${length} bytes`);
  }

  /** A text string. */
  text(name: Step): string {
    const { bytes, at } = this;
    let length = (bytes[at] as number) - 0x60;
    let from = at + 1;
    if (length === 0x18) {
      length = bytes[from] as number;
      from += 1;
      if (length < 24) length = -1;
    } else if (length > 0x17) length = -1;
    if (length >= 0 && from + length <= bytes.length) {
      const text = readText(bytes, from, from + length);
      if (text !== undefined) {
        this.at = from + length;
        return text;
      }
    }
    this.expect(TEXT, name);
    return readText(bytes, this.from, this.at) as string;
  }

  /** The head of an array or map; gives how many items or pairs follow. */
  count(major: typeof ARRAY | typeof MAP, name: Step): number {
    const { bytes, at } = this;
    const count = (bytes[at] as number) - (major << 5);
    if (count >= 0 && count < 24 && 2 * count < bytes.length - at) {
      this.at = at + 1;
      return count;
    }
    this.expect(major, name);
    return this.value as number;
  }

  /** The head of an array with exactly `length` items. */
  fixedArray(length: number, name: Step): void {
    const { at } = this;
    if (this.count(ARRAY, name) === length) return;
    throw this.fault('wrongLength', at, name, `${length} items`);
  }

  /** The tag with this number. */
  tag(number: number, name: Step): void {
    const { at } = this;
    if (this.item(name) === TAG && this.value === number) return;
    throw this.fault('wrongType', at, name, `tag ${number}`);
  }

  /** Throws trailingBytes unless all is read. */
  finish(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) throw this.fault('trailingBytes', this.at, '', 'the end', `${left} bytes more`);
  }

  /** An item of this major type. */
  expect(major: number, name: Step): void {
    const { at } = this;
    if (this.item(name) !== major) throw this.fault('wrongType', at, name, `${names[major]}`);
  }

  /** Reads one item, without what is nested in it, and gives its major type: any that is allowed anywhere. */
  item(name: Step): number {
    const { bytes, at: start } = this;
    const refuse: Refuse = (code, expected) => this.fault(code, start, name, expected);
    const left = bytes.length - start;
    if (left === 0) throw refuse('truncated', 'more bytes');
    const first = bytes[start] as number;
    const major = first >> 5;
    const info = first & 31;
    const size = sizeOf(info);
    if (size >= left) throw refuse('truncated', 'more bytes');
    if (info > 27) this.#checkIndefinite(major, info, start, refuse);
    const from = start + 1 + size;
    const value = size === 0 ? info : readUint(bytes, start + 1, size);
    this.at = from;
    this.from = from;
    this.value = value;
    if (major === OTHER) {
      const fault = faultOfOther(info, value);
      if (fault !== undefined) throw refuse(fault, 'another value');
      return major;
    }
    const content = major < BYTES || major === TAG ? 0 : Number(value) * (major === MAP ? 2 : 1);
    if (content > bytes.length - from) throw refuse('truncated', 'more bytes');
    if (size > 0 && value < (size === 1 ? 24 : 2 ** (4 * size))) {
      throw refuse('notShortest', 'the shortest form');
    }
    if (major === BYTES || major === TEXT) this.at = from + content;
    if (major === TEXT && !isUtf8(bytes, from, this.at)) throw refuse('invalidUtf8', 'UTF-8');
    return major;
  }

  /** Of what has no value in its head. A string in chunks is well-formed first, then not deterministic. */
  #checkIndefinite(major: number, info: number, start: number, refuse: Refuse): never {
    const { bytes } = this;
    if (info < INDEFINITE || major < BYTES || major > MAP)
      throw refuse('malformed', 'another head');
    for (let at = start + 1; major < ARRAY && bytes[at] !== BREAK; ) {
      const chunk = (bytes[at] as number) - (major << 5);
      if (chunk < 0 || chunk > 27) throw refuse('malformed', 'another head');
      const size = sizeOf(chunk);
      // Not a number beyond the input.
      at += 1 + size + (size === 0 ? chunk : readNumber(bytes, at + 1, size));
      if (!(at < bytes.length)) throw refuse('truncated', 'more bytes');
    }
    throw refuse('indefiniteLength', 'a definite length');
  }

  /** What stands at `offset`: its kind and the first byte of its head. */
  #describe(offset: number): string {
    const first = this.bytes[offset];
    if (first === undefined) return 'the end of the input';
    return `${names[first >> 5]} 0x${hex(this.bytes.subarray(offset, offset + 1))}`;
  }
}

/** Makes the fault of an item. */
type Refuse = (code: keyof typeof rules, expected: string) => ContentError;

/** How many bytes of argument follow the first byte of a head. */
const sizeOf = (info: number): number => (info < 24 || info > 27 ? 0 : 1 << (info - 24));

/** Rounded above 2^53. */
function readNumber(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = at; index < at + size; index += 1)
    value = value * 256 + (bytes[index] as number);
  return value;
}

export function readUint(bytes: Uint8Array, at: number, size: number): number | bigint {
  const value = readNumber(bytes, at, size);
  return Number.isSafeInteger(value) ? value : BigInt(`0x${hex(bytes.subarray(at, at + size))}`);
}

/** Of simple values false, true and null are allowed; floats are as short as they can be, and NaN is f97e00. */
function faultOfOther(info: number, value: number | bigint): keyof typeof rules | undefined {
  if (info < 25) {
    if (info === 24 && value < 32) return 'malformed';
    return info >= 20 && info <= 22 ? undefined : 'simpleNotAllowed';
  }
  if (info === 25) {
    return (Number(value) & 0x7fff) > 0x7c00 && value !== 0x7e00 ? 'nanPayload' : undefined;
  }
  const isSingle = info === 26;
  if (isSingle) words.setUint32(0, Number(value));
  else words.setBigUint64(0, BigInt(value));
  const float = isSingle ? words.getFloat32(0) : words.getFloat64(0);
  if (Number.isNaN(float)) {
    return value === (isSingle ? 0x7fc0_0000 : 0x7ff8n << 48n) ? 'notShortest' : 'nanPayload';
  }
  return (isSingle ? fitsHalf(float) : Math.fround(float) === float) ? 'notShortest' : undefined;
}
