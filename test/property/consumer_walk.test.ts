// Random lives of rooms at providers that cannot map pseudonyms to their users: through queues all ends as it does elsewhere.
// EXEDRA_CONSUMER_STEPS sets the length, EXEDRA_TEST_SEED repeats a life.

import { test } from 'vitest';
import { Walk } from '../support/mode_walk.ts';
import { checkpoint } from '../support/mode_walk_checks.ts';
import { seeded } from '../support/seed.ts';

const STEPS = Number(process.env.EXEDRA_CONSUMER_STEPS ?? 40);
/** Actions from one comparison of everything to the next. */
const STRETCH = 20;

test.each(['pseudonymous', 'hub-visible'])(
  'after random actions through queues, in mode %s, members agree on everything, and servers know what they may',
  async (mode) => {
    await using walk = await Walk.open(mode, seeded(`consumer walk in mode ${mode}`), 'consumer');
    for (let step = 1; step <= STEPS; step++) {
      await walk.step();
      if (step % STRETCH === 0 || step === STEPS) await checkpoint(walk);
    }
  },
  STEPS * 8_000 + 120_000,
);
