// Random lives of rooms in each mode: whatever people do, all end in one group with one history, know each other, and
// hub and followers know what the mode lets them. EXEDRA_WALK_STEPS sets the length, EXEDRA_TEST_SEED repeats a life.

import { expect, test } from 'vitest';
import { modeNames } from '../../ts/privacy/index.ts';
import { Walk } from '../support/mode_walk.ts';
import { checkpoint } from '../support/mode_walk_checks.ts';
import { seeded } from '../support/seed.ts';

const STEPS = Number(process.env.EXEDRA_WALK_STEPS ?? 60);
/** Actions from one comparison of everything to the next. */
const STRETCH = 20;
/** From this length on each kind of action must have been done. */
const LONG = 400;

test.each(modeNames())(
  'after random actions in mode %s members agree on everything, and servers know what they may',
  async (mode) => {
    const began = Date.now();
    await using walk = await Walk.open(mode, seeded(`walk in mode ${mode}`));
    for (let step = 1; step <= STEPS; step++) {
      await walk.step();
      if (step % STRETCH === 0 || step === STEPS) await checkpoint(walk);
    }
    if (process.env.EXEDRA_WALK_REPORT !== undefined) {
      process.stderr.write(`${mode}: ${Date.now() - began} ms ${walk.report()}\n`);
    }
    if (STEPS >= LONG) expect(walk.undone()).toEqual([]);
  },
  STEPS * 2_000 + 60_000,
);
