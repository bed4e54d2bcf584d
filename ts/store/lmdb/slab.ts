// Memory for the values of one transaction: LMDB's write thread reads them while JavaScript goes on.

/** One reusable block for a transaction's values: the package asks for an address once per block. */
export class Slab {
  static readonly #BLOCK_BYTES = 1024 * 1024;
  #blocks: Buffer[] = [];
  #block = 0;
  #used = 0;

  reset(): void {
    this.#blocks.length = Math.min(this.#blocks.length, 16);
    this.#block = 0;
    this.#used = 0;
  }

  copy(parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    const target = this.#take(length);
    let offset = 0;
    for (const part of parts) {
      target.set(part, offset);
      offset += part.length;
    }
    return target;
  }

  #take(length: number): Buffer {
    if (length > Slab.#BLOCK_BYTES / 4) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > Slab.#BLOCK_BYTES) {
      this.#block += 1;
      this.#used = 0;
    }
    this.#blocks[this.#block] ??= Buffer.allocUnsafeSlow(Slab.#BLOCK_BYTES);
    const start = this.#used;
    this.#used += length;
    return (this.#blocks[this.#block] as Buffer).subarray(start, this.#used);
  }
}
