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
    // Some kind of action may not have come about yet: then the life goes on for a while.
    const most = STEPS >= LONG ? 2 * STEPS : STEPS;
    for (let step = 1; step <= most; step++) {
      await walk.step();
      if (step % STRETCH === 0 || step === STEPS) await checkpoint(walk);
      if (step >= STEPS && step % STRETCH === 0 && walk.undone().length === 0) break;
    }
    if (process.env.EXEDRA_WALK_REPORT !== undefined) {
      process.stderr.write(`${mode}: ${Date.now() - began} ms ${walk.report()}\n`);
    }
    if (STEPS >= LONG) expect(walk.undone()).toEqual([]);
  },
  STEPS * 4_000 + 60_000,
);
