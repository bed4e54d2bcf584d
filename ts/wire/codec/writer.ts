// Writes TLS presentation language (RFC 8446, 3) with the variable-size vectors of MLS (RFC 9420, 2.1.2)
// into one growing buffer.

import { WireError } from '../errors.ts';
import type { EnumTable } from './enum.ts';
import { MAX_VECTOR_BYTES, Reader } from './reader.ts';

const utf8 = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;

/** What the caller wants written is the caller's to limit. */
const UNLIMITED = {
  maxBytes: MAX_VECTOR_BYTES,
  maxTreeBytes: MAX_VECTOR_BYTES,
  maxItems: Number.POSITIVE_INFINITY,
};

/** Buffers up to this size are kept for the next writer. */
const MAX_SPARE_BYTES = 64 * 1024;
let spare: Uint8Array | undefined;

function unencodable(what: string): WireError {
  return new WireError('unencodable', what);
}

/** Appends items; `finish` gives the bytes. Every method throws `unencodable` for a value out of range. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(1024);
    spare = undefined;
  }

  u8(value: number, name: string): void {
    this.#check(value, 0xff, name);
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number, name: string): void {
    this.#check(value, 0xffff, name);
    const at = this.#grow(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  u32(value: number, name: string): void {
    this.#check(value, 0xffffffff, name);
    this.#uint32(this.#grow(4), value);
  }

  u64(value: bigint, name: string): void {
    if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn) {
      throw unencodable(`${name} must be a bigint from 0 to 2^64 - 1.`);
    }
    const at = this.#grow(8);
    this.#uint32(at, Number(value >> 32n));
    this.#uint32(at + 4, Number(value & 0xffffffffn));
  }

  /** `opaque name[length]`. */
  fixed(value: Uint8Array, length: number, name: string): void {
    if (value.length !== length) {
      throw unencodable(`${name} must have ${length} bytes, not ${value.length}.`);
    }
    this.raw(value);
  }

  /** `opaque name<V>`. */
  opaque(value: Uint8Array, name: string): void {
    this.#vectorLength(value.length, name);
    this.raw(value);
  }

  /** Text as `opaque name<V>`; lone surrogates are refused, since UTF-8 has no form for them. */
  text(value: string, name: string): void {
    if (loneSurrogate.test(value)) throw unencodable(`${name} holds half of a surrogate pair.`);
    const outer = this.beginVector();
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const at = this.#grow(value.length * 3);
    const { written } = utf8.encodeInto(value, this.#bytes.subarray(at));
    this.#length = at + written;
    this.endVector(outer, name);
  }

  presence(present: boolean): void {
    this.u8(present ? 1 : 0, 'presence');
  }

  enum8<Name extends string>(table: EnumTable<Name>, value: Name, name: string): void {
    this.u8(this.#valueOf(table, value, name), name);
  }

  /** `uint16 name<V>`. */
  u16List(values: readonly number[], name: string): void {
    this.#vectorLength(values.length * 2, name);
    for (const value of values) this.u16(value, name);
  }

  /** A vector of `opaque<V>`. */
  opaqueList(values: readonly Uint8Array[], name: string): void {
    const outer = this.beginVector();
    for (const value of values) this.opaque(value, name);
    this.endVector(outer, name);
  }

  /** A vector of structs. */
  list<Item>(
    values: readonly Item[],
    name: string,
    write: (writer: Writer, value: Item) => void,
  ): void {
    const outer = this.beginVector();
    for (const value of values) write(this, value);
    this.endVector(outer, name);
  }

  /** `optional<Item>` (RFC 9420, 2.1.1). */
  optional<Item>(value: Item | undefined, write: (writer: Writer, value: Item) => void): void {
    this.presence(value !== undefined);
    if (value !== undefined) write(this, value);
  }

  /**
   * A nested struct that the caller holds as bytes. It has no length of its own, so a wrong one would
   * shift all that follows: `skip` proves that the bytes are exactly one such struct.
   */
  embed(value: Uint8Array, name: string, skip: (reader: Reader) => unknown): void {
    const reader = new Reader(value, UNLIMITED);
    try {
      skip(reader);
      reader.finish();
    } catch (cause) {
      throw new WireError('unencodable', `${name} is not one well-formed ${name}.`, { cause });
    }
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** Opens a vector whose length is not yet known; give the result to `endVector`. */
  beginVector(): number {
    return this.#grow(1);
  }

  endVector(start: number, name: string): void {
    const length = this.#length - start - 1;
    if (length >= 0x40) {
      const widened = length < 0x4000 ? 1 : 3;
      this.#grow(widened);
      this.#bytes.copyWithin(start + 1 + widened, start + 1, start + 1 + length);
    }
    const end = this.#length;
    this.#length = start;
    this.#vectorLength(length, name);
    this.#length = end;
  }

  /** The bytes written, in a buffer of their own; the writer is spent. */
  finish(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length <= MAX_SPARE_BYTES) spare = this.#bytes;
    return bytes;
  }

  #vectorLength(length: number, name: string): void {
    if (length < 0x40) {
      this.u8(length, name);
    } else if (length < 0x4000) {
      this.u16(0x4000 | length, name);
    } else if (length <= MAX_VECTOR_BYTES) {
      this.u32(0x80000000 + length, name);
    } else {
      throw unencodable(`${name} has ${length} bytes; a vector holds at most ${MAX_VECTOR_BYTES}.`);
    }
  }

  #valueOf<Name extends string>(table: EnumTable<Name>, value: Name, name: string): number {
    if (!Object.hasOwn(table.values, value)) {
      throw unencodable(`${JSON.stringify(value)} is not a value of ${name}.`);
    }
    return table.values[value];
  }

  #check(value: number, max: number, name: string): void {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw unencodable(`${name} must be a whole number from 0 to ${max}, not ${value}.`);
    }
  }

  #uint32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Makes room for `count` bytes and gives where they start. */
  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}
