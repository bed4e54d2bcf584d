// Reads TLS presentation language (RFC 8446, 3) with the variable-size vectors of MLS (RFC 9420, 2.1.2).
// One pass, no copies; names of fields are kept only to say where a refused input went wrong.

import { WireError, type WireErrorCode } from '../errors.ts';
import type { EnumTable } from './enum.ts';

/** Sizes in bytes up to which a decoder reads at all. */
export interface WireLimits {
  /** A whole struct, its ratchet tree not counted. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** One ratchet tree. Default 16 MiB: about 20,000 members with Basic credentials. */
  readonly maxTreeBytes?: number | undefined;
  /** Elements of all lists together, of messages, key packages, events and the like. Default 65,536. */
  readonly maxItems?: number | undefined;
}

export const DEFAULT_MAX_BYTES = 1 << 20;
export const DEFAULT_MAX_TREE_BYTES = 16 << 20;
/** An element of a few bytes becomes an object of some hundred: 65,536 of them hold below 64 MiB. */
export const DEFAULT_MAX_ITEMS = 1 << 16;

/** Longest vector that RFC 9420, 2.1.2 can express. */
export const MAX_VECTOR_BYTES = (1 << 30) - 1;

// `ignoreBOM` keeps a leading U+FEFF in the text, so that decode and encode are inverse.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const NO_LIMITS: WireLimits = {};

/**
 * A cursor over bytes. Each method consumes one item and takes its name for the error's path.
 * After a throw the reader is spent.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly maxTreeBytes: number;
  /** Index of the next byte. */
  offset = 0;
  #end: number;
  readonly #path: (string | number)[] = [];
  #depth = 0;
  #itemsLeft: number;

  /** Throws `tooLarge` before it reads anything when `bytes` is longer than `limits.maxBytes`. */
  constructor(bytes: Uint8Array, limits: WireLimits = NO_LIMITS) {
    this.bytes = bytes;
    this.maxTreeBytes = limits.maxTreeBytes ?? DEFAULT_MAX_TREE_BYTES;
    this.#itemsLeft = limits.maxItems ?? DEFAULT_MAX_ITEMS;
    this.#end = bytes.length;
    const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
    if (bytes.length > maxBytes) {
      throw this.error('tooLarge', `The input has ${bytes.length} bytes; ${maxBytes} are allowed.`);
    }
  }

  /** Whether the input, or the vector that was entered last, is used up. */
  get exhausted(): boolean {
    return this.offset === this.#end;
  }

  u8(name: string): number {
    return this.bytes[this.#take(1, name)] as number;
  }

  u16(name: string): number {
    const at = this.#take(2, name);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  u32(name: string): number {
    return this.#uint32(this.#take(4, name));
  }

  u64(name: string): bigint {
    const at = this.#take(8, name);
    const high = this.#uint32(at);
    const low = this.#uint32(at + 4);
    return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
  }

  /** `opaque name[length]`, as a view. */
  fixed(length: number, name: string): Uint8Array {
    return this.#view(this.#take(length, name), length);
  }

  /** `opaque name<V>`: the content as a view, without the length. */
  opaque(name: string): Uint8Array {
    const length = this.length(name);
    const at = this.offset;
    this.offset += length;
    return this.#view(at, length);
  }

  /** Steps over an `opaque name<V>`. */
  skipOpaque(name: string): void {
    const length = this.length(name);
    this.offset += length;
  }

  /** `opaque name<V>` that must hold UTF-8. Throws `invalidUtf8`. */
  text(name: string): string {
    const length = this.length(name);
    const at = this.offset;
    this.offset += length;
    try {
      return utf8.decode(this.#view(at, length));
    } catch (cause) {
      throw this.error('invalidUtf8', `${name} is not valid UTF-8.`, name, at, cause);
    }
  }

  /** The octet before an optional item, or a boolean. Throws `invalidPresence`. */
  presence(name: string): boolean {
    const octet = this.u8(name);
    if (octet > 1) {
      throw this.error(
        'invalidPresence',
        `The presence octet of ${name} is ${octet}; 0 or 1 is expected.`,
        name,
        this.offset - 1,
      );
    }
    return octet === 1;
  }

  /** A value of a one-byte enum. Throws `unknownValue`. */
  enum8<Name extends string>(table: EnumTable<Name>, name: string): Name {
    const value = this.u8(name);
    return table.names[value] ?? this.#unknown(value, name, 1);
  }

  /** A value of a two-byte enum. Throws `unknownValue`. */
  enum16<Name extends string>(table: EnumTable<Name>, name: string): Name {
    const value = this.u16(name);
    return table.names[value] ?? this.#unknown(value, name, 2);
  }

  /** `uint16 name<V>`. */
  u16List(name: string): number[] {
    const outer = this.enterVector(name);
    const list: number[] = [];
    while (!this.exhausted) list.push(this.u16('item'));
    this.leaveVector(outer);
    return list;
  }

  /** A vector of `opaque<V>`. */
  opaqueList(name: string): Uint8Array[] {
    const outer = this.enterVector(name);
    const list: Uint8Array[] = [];
    while (!this.exhausted) {
      this.countItem();
      list.push(this.opaque('item'));
    }
    this.leaveVector(outer);
    return list;
  }

  /** A vector of structs, each read by `read`; indexes show in the path. */
  list<Item>(name: string, read: (reader: Reader) => Item): Item[] {
    const outer = this.enterVector(name);
    const list: Item[] = [];
    while (!this.exhausted) {
      this.enter(list.length);
      this.countItem();
      list.push(read(this));
      this.leave();
    }
    this.leaveVector(outer);
    return list;
  }

  /** Steps over a vector of structs. */
  skipList(name: string, skip: (reader: Reader) => void): void {
    const outer = this.enterVector(name);
    for (let index = 0; !this.exhausted; index++) {
      this.enter(index);
      skip(this);
      this.leave();
    }
    this.leaveVector(outer);
  }

  /** A nested struct. */
  struct<Item>(name: string, read: (reader: Reader) => Item): Item {
    this.enter(name);
    const item = read(this);
    this.leave();
    return item;
  }

  /** Exactly the bytes of a nested struct that carries no length of its own, as a view. */
  delimit(name: string, skip: (reader: Reader) => unknown): Uint8Array {
    const start = this.offset;
    this.enter(name);
    skip(this);
    this.leave();
    return this.since(start);
  }

  /** `optional<Item>` (RFC 9420, 2.1.1): `undefined` when absent. */
  optional<Item>(name: string, read: (reader: Reader) => Item): Item | undefined {
    return this.presence(name) ? this.struct(name, read) : undefined;
  }

  /** The bytes from `start` to here, as a view. */
  since(start: number): Uint8Array {
    return this.#view(start, this.offset - start);
  }

  /** Counts an element that is going to be kept. Throws `tooLarge` beyond `limits.maxItems`. */
  countItem(): void {
    if (this.#itemsLeft-- === 0) throw this.error('tooLarge', 'There are more items than allowed.');
  }

  /** Goes one step down the path of names. */
  enter(name: string | number): void {
    this.#path[this.#depth++] = name;
  }

  /** Goes one step up the path of names. */
  leave(): void {
    this.#depth--;
  }

  /** Reads a vector's length and confines the reader to it; give the result to `leaveVector`. */
  enterVector(name: string): number {
    const length = this.length(name);
    const outer = this.#end;
    this.#end = this.offset + length;
    this.enter(name);
    return outer;
  }

  leaveVector(outer: number): void {
    this.leave();
    this.#end = outer;
  }

  /** Throws `trailingBytes` unless all is consumed. */
  finish(): void {
    if (this.offset !== this.#end) {
      const extra = this.#end - this.offset;
      throw this.error('trailingBytes', `${extra} bytes follow the end of the struct.`);
    }
  }

  /**
   * A length of RFC 9420, 2.1.2, checked against what remains.
   * Throws `truncated`, `nonMinimalLength`, `invalidLength`.
   */
  length(name: string): number {
    const at = this.#take(1, name);
    const first = this.bytes[at] as number;
    const length = first < 0x40 ? first : this.#longLength(first, at, name);
    if (length > this.#end - this.offset) {
      const left = this.#end - this.offset;
      throw this.error('truncated', `${name} claims ${length} bytes; ${left} remain.`, name, at);
    }
    return length;
  }

  /** Builds the error; offset and path are those of here unless given. */
  error(
    code: WireErrorCode,
    message: string,
    name?: string,
    offset = this.offset,
    cause?: unknown,
  ): WireError {
    const names = this.#path.slice(0, this.#depth);
    if (name !== undefined) names.push(name);
    const path = `/${names.join('/')}`;
    return new WireError(code, `${message} (at byte ${offset}, ${path})`, {
      cause,
      details: { offset, path },
    });
  }

  #longLength(first: number, at: number, name: string): number {
    let length: number;
    let smallest: number;
    if (first < 0x80) {
      const next = this.#take(1, name);
      length = ((first & 0x3f) << 8) | (this.bytes[next] as number);
      smallest = 0x40;
    } else if (first < 0xc0) {
      this.#take(3, name);
      length = this.#uint32(at) & 0x3fffffff;
      smallest = 0x4000;
    } else {
      throw this.error('invalidLength', `The length of ${name} begins with bits 11.`, name, at);
    }
    if (length < smallest) {
      throw this.error('nonMinimalLength', `The length of ${name} is not minimal.`, name, at);
    }
    return length;
  }

  #take(count: number, name: string): number {
    const at = this.offset;
    if (count > this.#end - at) {
      const left = this.#end - at;
      throw this.error('truncated', `${name} needs ${count} bytes; ${left} remain.`, name);
    }
    this.offset = at + count;
    return at;
  }

  #uint32(at: number): number {
    const bytes = this.bytes;
    return (
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) >>>
      0
    );
  }

  // Not `subarray`: on a Node Buffer that would give a Buffer.
  #view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, length);
  }

  #unknown(value: number, name: string, width: number): never {
    const at = this.offset - width;
    throw this.error('unknownValue', `${value} is not a value of ${name}.`, name, at);
  }
}
