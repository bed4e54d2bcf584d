// A slice of the fuzzing of the content codec: messages of a grammar, right and wrong ones, beside an independent
// re-check. `npm run fuzz:content` runs ten million; docs/fuzzing.md tells how to replay a finding.

import { expect, test } from 'vitest';
import { seeded } from '../support/seed.ts';
import { judge, sampleOf } from './support/content_target.ts';

const fixedInputs = 8_000;
const randomMs = 1_500;

interface Slice {
  readonly verdicts: ReadonlyMap<string, number>;
  readonly findings: readonly string[];
}

function slice(seed: number, goesOn: (index: number) => boolean): Slice {
  const verdicts = new Map<string, number>();
  const findings: string[] = [];
  for (let index = 0; goesOn(index); index += 1) {
    const { verdict, finding } = judge(sampleOf(seed, index));
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (finding !== undefined) findings.push(`seed ${seed}, input ${index}: ${finding}`);
  }
  return { verdicts, findings };
}

test('the same messages are accepted and written back, or refused by the rule that the re-check names', () => {
  const { verdicts, findings } = slice(5, (index) => index < fixedInputs);
  expect(findings).toEqual([]);
  const rules = ['C1', 'C10', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9'];
  expect([...verdicts.keys()].sort()).toEqual([...rules, 'accepted']);
});

test('so are other messages', () => {
  const end = performance.now() + randomMs;
  const { verdicts, findings } = slice(seeded('content').seed, () => performance.now() < end);
  expect(findings).toEqual([]);
  expect(verdicts.get('accepted')).toBeGreaterThan(0);
});
