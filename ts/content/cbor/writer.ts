// Writes deterministic CBOR (RFC 8949, section 4.2.1) into one growing buffer.

import { ContentError, type Step, Trail } from '../rules.ts';
import { BYTES, OTHER, TEXT, UINT } from './reader.ts';
import { hasLoneSurrogate } from './text.ts';

const utf8 = new TextEncoder();
/** Simple values, RFC 8949, section 3.3. */
const FALSE = 20;
const TRUE = 21;
const NULL = 22;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const LONGEST_HEAD = 9;
/** Up to here writing by hand is quicker than calling the host's encoder, in UTF-16 units; measured on Node 20. */
const BY_HAND = 48;

/** A buffer that the last writer left, so that small messages need no other. */
let spare: Uint8Array | undefined;

/** Throws ContentError `unencodable`, whose details name the rule and path as faults of received bytes do. */
export class CborWriter extends Trail {
  #bytes = spare ?? new Uint8Array(4096);
  #length = 0;

  constructor() {
    super();
    spare = undefined;
  }

  /** Why an item cannot be written. */
  refusal(rule: string, name: Step, reason: string): ContentError {
    const path = this.path(name);
    return new ContentError('unencodable', `${path || '/'} ${reason} (${rule}).`, {
      details: { rule, path },
    });
  }

  null(): void {
    this.head(OTHER, NULL);
  }

  boolean(value: boolean): void {
    this.head(OTHER, value ? TRUE : FALSE);
  }

  /** An unsigned integer of at most `max`. */
  uint(value: number | bigint, max: number | bigint, name: Step): void {
    const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
    if (!isInteger || value < 0 || value > max) {
      throw this.refusal('C1', name, `must be an integer, 0 to ${max}`);
    }
    this.head(UINT, value);
  }

  /** Of up to 64 bits. */
  uint64(value: number | bigint, name: Step): void {
    this.uint(value, typeof value === 'number' ? Number.MAX_SAFE_INTEGER : MAX_U64, name);
  }

  /** A byte string; of exactly `length` bytes, where that is given. */
  byteString(value: Uint8Array | undefined, name: Step, length = value?.length): void {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      throw this.refusal('C1', name, `must be a Uint8Array(${length ?? ''})`);
    }
    this.head(BYTES, length);
    this.raw(value);
  }

  text(value: string, name: Step): void {
    if (typeof value !== 'string') throw this.refusal('C1', name, 'must be a string');
    // Most texts are ASCII, and have as many bytes as units.
    const start = this.#length;
    const written = this.#utf8(value, value.length, name);
    if (written === value.length) return;
    this.#length = start;
    this.#utf8(value, written, name);
  }

  /** Bytes that are CBOR already. */
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** What was written, in an array of its own; the writer is spent. */
  finish(): Uint8Array {
    if (this.#bytes.length <= 1 << 16) spare = this.#bytes;
    return this.#bytes.slice(0, this.#length);
  }

  /** A text behind the head for so many bytes; gives how many there are. */
  #utf8(value: string, length: number, name: Step): number {
    this.head(TEXT, length);
    const units = value.length;
    const at = this.#grow(3 * units);
    const bytes = this.#bytes;
    const byHand = units <= BY_HAND ? units : 0;
    let written = 0;
    for (; written < byHand; written += 1) {
      const unit = value.charCodeAt(written);
      if (unit > 0x7f) break;
      bytes[at + written] = unit;
    }
    if (written < units) {
      if (hasLoneSurrogate(value)) throw this.refusal('C3', name, 'has a lone surrogate');
      ({ written } = utf8.encodeInto(value, bytes.subarray(at)));
    }
    this.#length = at + written;
    return written;
  }

  /** The head of an item; what it announces is to be written next. */
  head(major: number, value: number | bigint): void {
    // Few calls, as this is most of what writing costs.
    let at = this.#grow(LONGEST_HEAD);
    const bytes = this.#bytes;
    const type = major << 5;
    if (value < 24) bytes[at++] = type | Number(value);
    else {
      const size = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x1_0000_0000 ? 4 : 8;
      const isBig = typeof value === 'bigint';
      const high = size < 8 ? 0 : isBig ? Number(value >> 32n) : value / 2 ** 32;
      const low = isBig ? Number(value & 0xffff_ffffn) : value;
      bytes[at++] = type | (55 - Math.clz32(size));
      for (let left = size; left > 0; left -= 1) {
        bytes[at++] = left > 4 ? high >>> (8 * left - 40) : low >>> (8 * left - 8);
      }
    }
    this.#length = at;
  }

  /** Makes room for so many bytes, counts them, and gives where they begin. */
  #grow(more: number): number {
    const at = this.#length;
    this.#length = at + more;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}
