// Randomness that can be played again: the seed is printed, and EXEDRA_TEST_SEED sets it.

/** A source of numbers that depends on its seed alone. */
export interface Seeded {
  readonly seed: number;
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
  /** True in one of so many cases. */
  oneIn(cases: number): boolean;
}

/** Starts a source (mulberry32) and prints its seed under the test's name; `fixed` is for what must always be alike. */
export function seeded(name: string, fixed?: number): Seeded {
  const given = fixed ?? process.env.EXEDRA_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  process.stderr.write(`${name}: EXEDRA_TEST_SEED=${seed}\n`);
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    seed,
    next,
    between,
    pick: (items) => {
      if (items.length === 0) throw new Error('there is nothing to pick from');
      return items[between(0, items.length - 1)] as (typeof items)[number];
    },
    oneIn: (cases) => between(1, cases) === 1,
  };
}
