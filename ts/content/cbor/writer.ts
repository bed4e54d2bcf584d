// Writes deterministic CBOR (RFC 8949, section 4.2.1) into one growing buffer.

import { ContentError } from '../errors.ts';
import { fitsHalf, Major } from './scan.ts';

const utf8 = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;
const NULL = 0xf6;
const FALSE = 0xf4;
const TRUE = 0xf5;
/** The only NaN. */
const NAN = 0x7e00;
/** Up to here writing by hand is quicker than calling the host's encoder, in UTF-16 units; measured on Node 20. */
const BY_HAND = 48;

/** A buffer that the last writer left, so that small messages need no other. */
let spare: Uint8Array | undefined = new Uint8Array(4096);

/** What cannot be written, and why: `path` as in faults of received bytes. */
export function unencodable(path: string, rule: string, reason: string): ContentError {
  return new ContentError('unencodable', `${path || '/'} ${reason} (${rule}).`, {
    details: { path, rule },
  });
}

export class CborWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(4096);
    spare = undefined;
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  null(): void {
    this.#byte(NULL);
  }

  boolean(value: boolean): void {
    this.#byte(value ? TRUE : FALSE);
  }

  array(count: number): void {
    this.#head(Major.array, count);
  }

  map(count: number): void {
    this.#head(Major.map, count);
  }

  tag(number: number | bigint): void {
    this.#head(Major.tag, number);
  }

  /** An unsigned integer of at most `max`. */
  uint(value: number, max: number, path: string): void {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw unencodable(path, 'C1', `must be an integer from 0 to ${max}, not ${value}`);
    }
    this.#head(Major.uint, value);
  }

  /** An unsigned integer of up to 64 bits. */
  uint64(value: number | bigint, path: string): void {
    const fits =
      typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && value >= 0;
    if (!fits || value > 0xffff_ffff_ffff_ffffn) {
      throw unencodable(path, 'C1', 'must be an integer from 0 to 2^64 − 1');
    }
    this.#head(Major.uint, value);
  }

  /** Any integer that has a head of its own: −2^64 to 2^64 − 1. */
  integer(value: number | bigint): void {
    if (value >= 0) this.#head(Major.uint, value);
    else this.#head(Major.nint, typeof value === 'bigint' ? -1n - value : -1 - value);
  }

  byteString(value: Uint8Array, path: string): void {
    if (!(value instanceof Uint8Array)) throw unencodable(path, 'C1', 'must be a Uint8Array');
    this.#head(Major.bytes, value.length);
    this.raw(value);
  }

  fixedBytes(value: Uint8Array | undefined, length: number, path: string): void {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      throw unencodable(path, 'C1', `must have ${length} bytes`);
    }
    this.byteString(value, path);
  }

  text(value: string, path: string): void {
    if (typeof value !== 'string') throw unencodable(path, 'C1', 'must be a string');
    const before = this.#length;
    if (value.length <= BY_HAND && this.#asciiText(value)) return;
    this.#length = before;
    if (loneSurrogate.test(value)) {
      throw unencodable(path, 'C3', 'holds half of a surrogate pair');
    }
    this.#longText(value);
  }

  /** The shortest float that keeps the value. */
  float(value: number): void {
    if (Number.isNaN(value) || fitsHalf(value)) {
      this.#grow(3);
      this.#view.setUint8(this.#length, 0xf9);
      this.#view.setUint16(this.#length + 1, Number.isNaN(value) ? NAN : halfBits(value));
      this.#length += 3;
    } else if (Math.fround(value) === value) {
      this.#grow(5);
      this.#view.setUint8(this.#length, 0xfa);
      this.#view.setFloat32(this.#length + 1, value);
      this.#length += 5;
    } else {
      this.#grow(9);
      this.#view.setUint8(this.#length, 0xfb);
      this.#view.setFloat64(this.#length + 1, value);
      this.#length += 9;
    }
  }

  /** Bytes that are CBOR already. */
  raw(bytes: Uint8Array): void {
    const length = bytes.length;
    this.#grow(length);
    const at = this.#length;
    // A call into the host costs more than copying a few bytes.
    if (length < 24) {
      for (let index = 0; index < length; index += 1) {
        this.#bytes[at + index] = bytes[index] as number;
      }
    } else {
      this.#bytes.set(bytes, at);
    }
    this.#length = at + length;
  }

  /** What was written, in an array of its own; the writer is spent. */
  finish(): Uint8Array {
    const result = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length <= 1 << 16) spare = this.#bytes;
    return result;
  }

  #byte(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #head(major: number, value: number | bigint): void {
    const type = major << 5;
    if (value < 24) {
      this.#byte(type | Number(value));
      return;
    }
    this.#grow(9);
    const at = this.#length;
    const view = this.#view;
    if (value < 0x100) {
      view.setUint16(at, ((type | 24) << 8) | Number(value));
      this.#length = at + 2;
    } else if (value < 0x1_0000) {
      view.setUint8(at, type | 25);
      view.setUint16(at + 1, Number(value));
      this.#length = at + 3;
    } else if (value < 0x1_0000_0000) {
      view.setUint8(at, type | 26);
      view.setUint32(at + 1, Number(value));
      this.#length = at + 5;
    } else {
      view.setUint8(at, type | 27);
      view.setBigUint64(at + 1, BigInt(value));
      this.#length = at + 9;
    }
  }

  #asciiText(value: string): boolean {
    const length = value.length;
    this.#head(Major.text, length);
    this.#grow(length);
    const at = this.#length;
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return false;
      this.#bytes[at + index] = unit;
    }
    this.#length = at + length;
    return true;
  }

  #longText(value: string): void {
    // A UTF-16 unit takes at most three bytes of UTF-8; the head is written when their number is known.
    this.#grow(9 + value.length * 3);
    const start = this.#length;
    const guess = start + (value.length < 24 ? 1 : value.length < 0x100 ? 2 : 3);
    const { written } = utf8.encodeInto(value, this.#bytes.subarray(guess));
    this.#head(Major.text, written);
    if (this.#length === guess) {
      this.#length += written;
      return;
    }
    // Writing the head has gone over the first bytes, or left a gap: once more, behind it.
    const { length } = this;
    utf8.encodeInto(value, this.#bytes.subarray(length));
    this.#length = length + written;
  }

  #grow(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** A half-precision float whose value fits one (IEEE 754). */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024);
}
