// One CBOR item without what is nested in it: its head, and what a string or float holds (RFC 8949, sections 3 and 4.2).
// Finds the item's first fault of the rules C9 (well-formed), C2 (deterministic) and C3 (data model), in this order.

import type { ContentErrorCode } from '../errors.ts';
import { isUtf8 } from './text.ts';

export const Major = {
  uint: 0,
  nint: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  other: 7,
} as const;

export interface Fault {
  readonly code: ContentErrorCode;
  /** What should stand there. */
  readonly expected: string;
}

export interface Scalar {
  readonly major: number;
  /** The argument of the head: a number, count or length; a bigint above 2^53 − 1. Of a float, its bits. */
  readonly value: number | bigint;
  /** Where a string's content begins, and where the next item does; nested items are the next. */
  readonly from: number;
  readonly next: number;
  readonly indefinite: boolean;
  readonly fault: Fault | undefined;
}

const INDEFINITE = 31;
const BREAK = 0xff;

const faulty = (code: ContentErrorCode, expected: string): Scalar => {
  return { major: -1, value: 0, from: 0, next: 0, indefinite: false, fault: { code, expected } };
};

const notShortest = { code: 'notShortest', expected: 'the shortest form' } as const;
const notNan = { code: 'nanPayload', expected: 'f97e00 as the only NaN' } as const;

/** The item whose head is at `start`. Reads no further than its own bytes. */
export function scanScalar(bytes: Uint8Array, start: number, deterministic: boolean): Scalar {
  const first = bytes[start];
  if (first === undefined) return faulty('truncated', 'another item');
  const major = first >> 5;
  const info = first & 31;
  if (info === INDEFINITE) return scanIndefinite(bytes, start, major, deterministic);
  if (info > 27) return faulty('malformed', 'a head that RFC 8949 knows');
  let value: number | bigint = info;
  let from = start + 1;
  if (info > 23) {
    const size = 1 << (info - 24);
    if (size > bytes.length - from) return faulty('truncated', 'the whole head');
    value = readUint(bytes, from, size);
    from += size;
  }
  const scalar = { major, value, from, next: from, indefinite: false, fault: undefined };
  if (major === Major.other) return { ...scalar, fault: faultOfOther(info, value, deterministic) };
  const left = bytes.length - from;
  const isString = major === Major.bytes || major === Major.text;
  const least = leastContent(major, value);
  if (least > left) return faulty('truncated', `at most ${left} bytes to come`);
  const next = isString ? from + least : from;
  if (deterministic && info > 23 && value < smallestArgument(info)) {
    return { ...scalar, next, fault: notShortest };
  }
  if (major === Major.text && !isUtf8(bytes, from, next)) {
    return { ...scalar, next, fault: { code: 'invalidUtf8', expected: 'valid UTF-8' } };
  }
  return { ...scalar, next };
}

/** The number of bytes that must follow a head at the least. */
function leastContent(major: number, value: number | bigint): number {
  if (major < Major.bytes || major === Major.tag) return 0;
  return Number(value) * (major === Major.map ? 2 : 1);
}

/** The smallest argument that needs so long a head. */
function smallestArgument(info: number): number {
  return info === 24 ? 24 : 2 ** (4 << (info - 24));
}

export function readUint(bytes: Uint8Array, at: number, size: number): number | bigint {
  let value = 0;
  const end = at + Math.min(size, 4);
  for (let index = at; index < end; index += 1) value = value * 256 + (bytes[index] as number);
  if (size < 8) return value;
  let low = 0;
  for (let index = end; index < at + 8; index += 1) low = low * 256 + (bytes[index] as number);
  const whole = value * 2 ** 32 + low;
  return Number.isSafeInteger(whole) ? whole : (BigInt(value) << 32n) | BigInt(low);
}

/** Simple values and floats. */
function faultOfOther(
  info: number,
  value: number | bigint,
  deterministic: boolean,
): Fault | undefined {
  // False, true, null.
  if (info >= 20 && info <= 22) return undefined;
  if (info > 24) return faultOfFloat(info, value, deterministic);
  if (info === 24 && value < 32) {
    return { code: 'malformed', expected: 'a simple value of 32 or more, or one byte' };
  }
  return { code: 'simpleNotAllowed', expected: 'false, true or null' };
}

const words = new DataView(new ArrayBuffer(8));

/** A float is as short as it can be without losing a bit; for a NaN that is all there is to say of its payload. */
function faultOfFloat(
  info: number,
  value: number | bigint,
  deterministic: boolean,
): Fault | undefined {
  if (info === 25) {
    const isNan = (Number(value) & 0x7c00) === 0x7c00 && (Number(value) & 0x3ff) !== 0;
    return isNan && value !== 0x7e00 ? notNan : undefined;
  }
  if (info === 26) {
    words.setUint32(0, Number(value));
    const float = words.getFloat32(0);
    const fits = Number.isNaN(float) ? (Number(value) & 0x1fff) === 0 : fitsHalf(float);
    if (deterministic && fits) return notShortest;
    return Number.isNaN(float) ? notNan : undefined;
  }
  words.setBigUint64(0, BigInt(value));
  const float = words.getFloat64(0);
  const fits = Number.isNaN(float)
    ? (BigInt(value) & 0x1fff_ffffn) === 0n
    : Math.fround(float) === float;
  if (deterministic && fits) return notShortest;
  return Number.isNaN(float) ? notNan : undefined;
}

/** Whether a float of single precision is one of half precision, too. */
export function fitsHalf(float: number): boolean {
  const size = Math.abs(float);
  if (size === 0 || size === Number.POSITIVE_INFINITY) return true;
  if (size > 65_504) return false;
  // A half has 10 bits behind its first one, and none below 2^-24.
  const unit = size < 2 ** -14 ? 2 ** -24 : 2 ** (Math.floor(Math.log2(size)) - 10);
  return Number.isInteger(size / unit);
}

/** A string in chunks, or an array or map that a break ends. */
function scanIndefinite(
  bytes: Uint8Array,
  start: number,
  major: number,
  deterministic: boolean,
): Scalar {
  if (major < Major.bytes || major > Major.map) {
    return faulty('malformed', major === Major.other ? 'an item, no break' : 'a head with a value');
  }
  const refused: Fault = { code: 'indefiniteLength', expected: 'a definite length' };
  const fault = deterministic ? refused : undefined;
  const from = start + 1;
  const indefinite = true;
  if (major >= Major.array) return { major, value: 0, from, next: from, indefinite, fault };
  let at = from;
  let length = 0;
  let chunkFault: Fault | undefined;
  while (bytes[at] !== BREAK) {
    const chunk = scanScalar(bytes, at, deterministic);
    if (chunk.fault?.code === 'truncated') return chunk;
    if (chunk.major !== major || chunk.indefinite) {
      return faulty('malformed', 'chunks of definite length, of the same type');
    }
    chunkFault ??= chunk.fault;
    length += Number(chunk.value);
    at = chunk.next;
  }
  return { major, value: length, from, next: at + 1, indefinite, fault: fault ?? chunkFault };
}

export const Bytes = {
  /** The content of a string; a copy where it came in chunks. */
  of(bytes: Uint8Array, { from, next, indefinite, value }: Scalar): Uint8Array {
    if (!indefinite) return bytes.subarray(from, next);
    const whole = new Uint8Array(Number(value));
    let length = 0;
    for (let at = from; at < next - 1; ) {
      const chunk = scanScalar(bytes, at, false);
      whole.set(bytes.subarray(chunk.from, chunk.next), length);
      length += Number(chunk.value);
      at = chunk.next;
    }
    return whole;
  },
};

/** What stands at `offset`, for an error that people read; never the content of a string. */
export function describeItem(bytes: Uint8Array, offset: number): string {
  const first = bytes[offset];
  if (first === undefined) return 'the end of the input';
  const { major, value, indefinite, fault } = scanScalar(bytes, offset, false);
  const head = `0x${first.toString(16).padStart(2, '0')}`;
  if (fault !== undefined && major === -1) return `the byte ${head}`;
  const size = indefinite ? 'indefinite length' : `${value}`;
  switch (major) {
    case Major.uint:
      return `the integer ${value}`;
    case Major.nint:
      return `the integer ${-1n - BigInt(value)}`;
    case Major.bytes:
      return `a byte string of ${size}${indefinite ? '' : ' bytes'}`;
    case Major.text:
      return `a text string of ${size}${indefinite ? '' : ' bytes'}`;
    case Major.array:
      return `an array of ${size}`;
    case Major.map:
      return `a map of ${size}`;
    case Major.tag:
      return `tag ${value}`;
    default:
      return simpleNames.get(first) ?? `the simple value or float ${head}`;
  }
}

const simpleNames = new Map([
  [0xf4, 'false'],
  [0xf5, 'true'],
  [0xf6, 'null'],
  [0xf7, 'undefined'],
]);
