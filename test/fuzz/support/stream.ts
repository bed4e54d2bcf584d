// A stream of random numbers for each input of a long run, so that one input can be made again without the others.

import type { Seeded } from '../../support/seed.ts';

/** The stream of input `index` under `seed`: sfc32, started as its author does, by some rounds. */
export function streamOf(seed: number, index: number): Seeded {
  let [a, b, c, count] = [seed | 0, index | 0, (index / 2 ** 32) | 0, 1];
  const draw = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) draw();
  const next = () => draw() / 2 ** 32;
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    seed,
    next,
    between,
    pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number],
    oneIn: (cases) => between(1, cases) === 1,
  };
}
