// Reads deterministic CBOR (RFC 8949, section 4.2.1) strictly, one pass, no copies. Well-formedness is rule C9,
// determinism C2, the data model of draft-ietf-mimi-content-08 C3, types and sizes C1: for one item in this order.

import { type ContentErrorCode, faultAt } from '../errors.ts';
import { Bytes, describeItem, Major, type Scalar, scanScalar } from './scan.ts';
import { readText } from './text.ts';

const NULL = 0xf6;
const BREAK = 0xff;
const emptyBytes = new Uint8Array();

/** A step of a path: a name, an index, or a key that says itself when it is asked. */
export type Step = string | number | { toString(): string };

export interface ReaderOptions {
  /** Whether rule C2 holds; only draft04 rooms may relax it. Duplicate keys are refused all the same. */
  readonly deterministic: boolean;
}

/**
 * A cursor over one message. Each method reads one item; `name` is the last step of its path. After a throw the reader
 * is spent. The fast path of each method takes what a deterministic encoder writes; all else goes to `#slow…`, which
 * either names the fault or, where determinism is relaxed, reads the other forms.
 */
export class CborReader {
  readonly bytes: Uint8Array;
  readonly deterministic: boolean;
  readonly end: number;
  /** Index of the next byte. */
  at = 0;
  /** The steps of the path above the item; the items themselves are named as they are read. */
  readonly trail: Step[] = [];

  constructor(bytes: Uint8Array, { deterministic }: ReaderOptions) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.deterministic = deterministic;
  }

  /** A fault of the item that begins at `offset`. */
  fault(
    code: ContentErrorCode,
    offset: number,
    name: Step,
    expected: string,
    found?: string,
  ): Error {
    const steps = name === '' ? this.trail : [...this.trail, name];
    const path = steps.map((step) => `/${escaped(String(step))}`).join('');
    return faultAt(code, offset, path, expected, found ?? describeItem(this.bytes, offset));
  }

  /** Reads null, or leaves the item where it is. */
  skipNull(): boolean {
    if (this.bytes[this.at] !== NULL) return false;
    this.at += 1;
    return true;
  }

  /** An unsigned integer of at most `max`, which is below 2^53. Throws wrongType, wrongSize. */
  uint(max: number, name: Step): number {
    const start = this.at;
    const first = this.bytes[start] as number;
    let value: number;
    if (first < 0x18) {
      this.at = start + 1;
      value = first;
    } else {
      const large = this.#slowUint(start, name, `an unsigned integer of at most ${max}`);
      value = typeof large === 'number' ? large : Number.POSITIVE_INFINITY;
    }
    if (value > max) throw this.fault('wrongSize', start, name, `at most ${max}`);
    return value;
  }

  /** An unsigned integer of up to 64 bits; a bigint above 2^53 − 1. */
  uint64(name: Step): number | bigint {
    const start = this.at;
    const first = this.bytes[start] as number;
    if (first < 0x18) {
      this.at = start + 1;
      return first;
    }
    return this.#slowUint(start, name, 'an unsigned integer');
  }

  boolean(name: Step): boolean {
    const first = this.bytes[this.at];
    if (first !== 0xf4 && first !== 0xf5) throw this.#wrongType(this.at, name, 'true or false');
    this.at += 1;
    return first === 0xf5;
  }

  /** A byte string, as a view. */
  byteString(name: Step): Uint8Array {
    const start = this.at;
    const bytes = this.bytes;
    const first = bytes[start] as number;
    let from = start + 1;
    let length: number;
    if (first >= 0x40 && first < 0x58) {
      length = first - 0x40;
      if (length === 0) {
        this.at = from;
        return emptyBytes;
      }
    } else if (first === 0x58 && start + 1 < this.end && (bytes[from] as number) >= 24) {
      length = bytes[from] as number;
      from += 1;
    } else {
      return this.#slowString(Major.bytes, start, name, 'a byte string') as Uint8Array;
    }
    const to = from + length;
    if (to > this.end) throw this.#truncated(start, name);
    this.at = to;
    return bytes.subarray(from, to);
  }

  /** A byte string of exactly `length` bytes. */
  fixedBytes(length: number, name: Step): Uint8Array {
    const start = this.at;
    const value = this.byteString(name);
    if (value.length === length) return value;
    throw this.fault('wrongSize', start, name, `${length} bytes`, `${value.length} bytes`);
  }

  /** A text string. Throws invalidUtf8. */
  text(name: Step): string {
    const start = this.at;
    const bytes = this.bytes;
    const first = bytes[start] as number;
    let from = start + 1;
    let length: number;
    if (first >= 0x60 && first < 0x78) {
      length = first - 0x60;
      if (length === 0) {
        this.at = from;
        return '';
      }
    } else if (first === 0x78 && from < this.end && (bytes[from] as number) >= 24) {
      length = bytes[from] as number;
      from += 1;
    } else {
      return this.#slowString(Major.text, start, name, 'a text string') as string;
    }
    const to = from + length;
    if (to > this.end) throw this.#truncated(start, name);
    const value = readText(bytes, from, to);
    if (value === undefined) throw this.#notUtf8(start, name);
    this.at = to;
    return value;
  }

  /** Steps over a text string, checked but not made. Throws invalidUtf8. */
  skipText(name: Step): void {
    const start = this.at;
    const scalar = this.#scalarAt(start, name);
    if (scalar.major !== Major.text) throw this.fault('wrongType', start, name, 'a text string');
    this.at = scalar.next;
  }

  /**
   * The head of an array: how many items follow, or -1 where the length is indefinite and that is allowed.
   * Hand the answer to `endArray` when the items are read.
   */
  array(name: Step, expected: string): number {
    return this.#container(Major.array, 0x80, name, expected);
  }

  /** The head of a map: how many pairs follow, or -1 as for arrays. */
  map(name: Step, expected: string): number {
    return this.#container(Major.map, 0xa0, name, expected);
  }

  /** Whether another of `count` items follows, `done` being read already. */
  more(count: number, done: number): boolean {
    return count >= 0 ? done < count : this.bytes[this.at] !== BREAK;
  }

  /** Reads the break of an indefinite array or map. */
  endContainer(count: number): void {
    if (count < 0) this.at += 1;
  }

  /** The head of an array with exactly `length` items. */
  fixedArray(length: number, name: Step): number {
    const start = this.at;
    const expected = `an array of ${length}`;
    const count = this.array(name, expected);
    if (count >= 0 && count !== length) throw this.fault('wrongLength', start, name, expected);
    return count;
  }

  /** The end of an array that was begun by `fixedArray`, at `start`. */
  endFixedArray(count: number, start: number, length: number, name: Step): void {
    if (count >= 0) return;
    if (this.bytes[this.at] !== BREAK) {
      throw this.fault('wrongLength', start, name, `an array of ${length}`);
    }
    this.at += 1;
  }

  /** The tag with this number. */
  tag(number: number, name: Step, expected: string): void {
    const start = this.at;
    const head = this.#scalarAt(start, name);
    if (head.major !== Major.tag || head.value !== number) {
      throw this.fault('wrongType', start, name, expected);
    }
    this.at = head.next;
  }

  /** Throws trailingBytes unless all is read. */
  finish(): void {
    if (this.at === this.end) return;
    const left = this.end - this.at;
    throw this.fault('trailingBytes', this.at, '', 'the end', `${left} bytes`);
  }

  /** The item at `start`, with its own bytes checked: throws its C9, C2 and C3. */
  #scalarAt(start: number, name: Step): Scalar {
    const scalar = scanScalar(this.bytes, start, this.deterministic);
    if (scalar.fault === undefined) return scalar;
    throw this.fault(scalar.fault.code, start, name, scalar.fault.expected);
  }

  /** Of an item that is no such thing, the first fault: its own, before that of its type. */
  #wrongType(start: number, name: Step, expected: string): Error {
    this.#scalarAt(start, name);
    return this.fault('wrongType', start, name, expected);
  }

  #truncated(start: number, name: Step): Error {
    return this.fault('truncated', start, name, 'the bytes that the length announces');
  }

  #notUtf8(start: number, name: Step): Error {
    return this.fault('invalidUtf8', start, name, 'valid UTF-8');
  }

  #slowUint(start: number, name: Step, expected: string): number | bigint {
    const scalar = this.#scalarAt(start, name);
    if (scalar.major !== Major.uint) throw this.fault('wrongType', start, name, expected);
    this.at = scalar.next;
    return scalar.value;
  }

  #slowString(
    major: typeof Major.bytes | typeof Major.text,
    start: number,
    name: Step,
    expected: string,
  ): Uint8Array | string {
    const scalar = this.#scalarAt(start, name);
    if (scalar.major !== major) throw this.fault('wrongType', start, name, expected);
    this.at = scalar.next;
    const bytes = Bytes.of(this.bytes, scalar);
    if (major === Major.bytes) return bytes;
    return readText(bytes, 0, bytes.length) ?? '';
  }

  #container(
    major: typeof Major.array | typeof Major.map,
    base: number,
    name: Step,
    expected: string,
  ): number {
    const start = this.at;
    const first = this.bytes[start] as number;
    const count = first - base;
    const least = major === Major.map ? 2 * count : count;
    if (count >= 0 && count < 24 && least < this.end - start) {
      this.at = start + 1;
      return count;
    }
    const scalar = this.#scalarAt(start, name);
    if (scalar.major !== major) throw this.fault('wrongType', start, name, expected);
    this.at = scalar.next;
    return scalar.indefinite ? -1 : Number(scalar.value);
  }
}

/** A step of a path, as RFC 6901 escapes it. */
const escaped = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
