// A slice of the fuzzing: the committed corpus and some seconds of mutants of it, over the real WebAssembly.
// `npm run fuzz` runs longer, and natively with coverage to guide it; docs/fuzzing.md tells how to replay.

import { describe, expect, test } from 'vitest';
import { seeded } from '../support/seed.ts';
import { emptyReport, fuzz, loadCore, memorySize, runInput, seedsOf } from './support/boundary.ts';
import { targetNames } from './support/targets.ts';

loadCore();

/** Mutants of each target with the fixed seed, and how long those with a random one run. */
const fixedMutants = 250;
const randomMs = 700;
/** More than the largest group and input of the corpus need, many times over. */
const mostGrowth = 16 << 20;

describe.each(targetNames)('%s', (target) => {
  test('no input of the corpus is a finding, and some are accepted', () => {
    const report = emptyReport(target);
    for (const { input } of seedsOf(target)) runInput(report, input);
    expect(report.findings).toEqual([]);
    expect(report.accepted).toBeGreaterThan(0);
  });

  test.each([
    ['the same', seeded(`fuzz ${target}`, 4), 60_000, fixedMutants],
    ['other', seeded(`fuzz ${target}`), randomMs, Infinity],
  ])(
    '%s mutants are accepted or refused, and a refusal changes nothing',
    (_, random, millis, most) => {
      const report = fuzz(target, random, millis, most);
      expect(report.findings).toEqual([]);
      expect(report.executions).toBeGreaterThan(0);
      expect(report.grown).toBeLessThan(mostGrowth);
    },
  );
});

test('the memory of the core stays bounded over all of them', () => {
  expect(memorySize()).toBeLessThan(64 << 20);
});
