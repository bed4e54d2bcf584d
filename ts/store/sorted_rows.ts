// Rows in memory, in bytewise key order: what the memory engine keeps of a shard.

import type { RowRange, StoreRow } from '../provider/store.ts';
import { keyBytes, keyText } from './bytes.ts';

export class SortedRows {
  readonly #keys: string[] = [];
  readonly #values = new Map<string, Uint8Array>();

  write({ key, value }: StoreRow): void {
    const text = keyText(key);
    const known = this.#values.has(text);
    if (value === undefined) {
      if (known) this.#keys.splice(this.#firstAtOrAfter(text), 1);
      this.#values.delete(text);
      return;
    }
    if (!known) this.#keys.splice(this.#firstAtOrAfter(text), 0, text);
    this.#values.set(text, value.slice());
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(keyText(key))?.slice();
  }

  range({ from, to, limit, reverse }: RowRange): { key: Uint8Array; value: Uint8Array }[] {
    const start = this.#firstAtOrAfter(keyText(from));
    const end = this.#firstAtOrAfter(keyText(to));
    const keys = this.#keys.slice(start, end);
    if (reverse) keys.reverse();
    return keys.slice(0, limit).map((text) => ({
      key: keyBytes(text),
      value: (this.#values.get(text) as Uint8Array).slice(),
    }));
  }

  #firstAtOrAfter(text: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
