// Choices from a seed, so that a failing walk can be repeated.

/** The seed of this run: the one asked for by EXEDRA_SEED, else `usual`. */
export function seedOfRun(usual: number): number {
  const asked = process.env.EXEDRA_SEED;
  return asked === undefined ? usual : Number(asked) >>> 0;
}

/** Numbers that look random and follow from the seed (the mixing steps of SplitMix32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to and without `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % bound;
  }

  /** One of the items. */
  one<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error('There is nothing to choose from.');
    return items[this.below(items.length)] as Item;
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
