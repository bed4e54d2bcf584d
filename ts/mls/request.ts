// Writes what a call is given as one buffer, read by rust-core/src/request.rs: one crossing of the boundary per call.
// Little-endian, no alignment; a format between two halves of one program, never stored or sent.

import { byteArray, maxU16, maxU32, wholeNumber } from './arguments.ts';

/** Grows by what is put in; every method throws MlsError `invalidArgument`, whose path has the given name. */
export class Request {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The place of the next `size` bytes. */
  #next(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  bool(value: boolean): this {
    const at = this.#next(1);
    this.#view.setUint8(at, value ? 1 : 0);
    return this;
  }

  u16(value: number, name: string): this {
    const number = wholeNumber(value, maxU16, name);
    const at = this.#next(2);
    this.#view.setUint16(at, number, true);
    return this;
  }

  u32(value: number, name: string): this {
    const number = wholeNumber(value, maxU32, name);
    const at = this.#next(4);
    this.#view.setUint32(at, number, true);
    return this;
  }

  u64(value: number, name: string): this {
    const number = wholeNumber(value, Number.MAX_SAFE_INTEGER, name);
    const at = this.#next(8);
    this.#view.setBigUint64(at, BigInt(number), true);
    return this;
  }

  bytes(value: Uint8Array, name: string): this {
    this.u32(byteArray(value, name).length, name);
    const at = this.#next(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  optional<T>(value: T | undefined, write: (value: T) => void): this {
    this.bool(value !== undefined);
    if (value !== undefined) write(value);
    return this;
  }

  list<T>(values: readonly T[], write: (value: T) => void): this {
    this.u32(values.length, 'length');
    for (const value of values) write(value);
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
