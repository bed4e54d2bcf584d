// The benchmarks themselves: each operation runs, and what is reported of it has the shape that scripts read.

import { expect, test } from 'vitest';
import { bars, barsOf, concerns, meets } from '../../../bench/support/bars.ts';
import { contest } from '../../../bench/support/contest.ts';
import { crowdOf } from '../../../bench/support/crowd.ts';
import { prepareChains } from '../../../bench/support/populated.ts';
import { report } from '../../../bench/support/result.ts';
import { alone, everyTree, populatedOnly } from '../../../bench/support/run.ts';
import { table } from '../../../bench/support/table.ts';
import { quantile } from '../../../ts/evidence/overhead/statistics.ts';

const effort = { rounds: 1, millis: 1 };

test('every operation without a group runs beside its rivals', async () => {
  for (const operation of alone) {
    const result = await contest(operation, undefined, undefined, 0, effort);
    expect(result.ours.median).toBeGreaterThan(0);
    expect(Object.keys(result.ratio)).toEqual(Object.keys(result.rivals));
  }
});

test.each([
  [2, 'populated'],
  [6, 'populated'],
  [12, 'bulk-added'],
] as const)('every operation runs in a group of %i with a %s tree', async (members, tree) => {
  if (tree === 'populated' && members > 2) prepareChains([members - 2], () => {});
  const crowd = await crowdOf(members, tree, undefined);
  expect(crowd.ours.first.members()).toHaveLength(members);
  expect(crowd.tsMls.first.epoch).toBe(crowd.tsMls.second.epoch);
  for (const operation of [...everyTree, ...populatedOnly]) {
    const result = await contest(operation, crowd, undefined, members, effort);
    expect(result.ours.p75).toBeGreaterThanOrEqual(result.ours.median);
    if (operation.tsMls !== undefined) expect(result.ratio['ts-mls']).toBeGreaterThan(0);
  }
  expect(crowd.ours.first.epochAuthenticator()).toEqual(crowd.ours.second.epochAuthenticator());
  crowd.ours.dispose();
});

test('a report names the machine, the versions and the commit, and its table has a line a result', async () => {
  const [operation] = alone;
  if (operation === undefined) throw new Error('There is no operation.');
  const made = report([await contest(operation, undefined, undefined, 0, effort)]);
  expect(Object.keys(made)).toEqual(['machine', 'versions', 'commit', 'results']);
  expect(made.versions).toMatchObject({ openmls: '0.9.2', 'ts-mls': expect.any(String) });
  const [result] = made.results;
  expect(Object.keys(result ?? {})).toEqual([
    'name',
    'members',
    'unit',
    'ours',
    'rivals',
    'ratio',
    'bar',
    'ok',
  ]);
  expect(table(made)).toContain(operation.name);
});

test('each bar names an operation that is measured', () => {
  const names = [...alone, ...everyTree, ...populatedOnly].map(({ name }) => name);
  const others = ['durable 1 KiB messages, provider on LMDB'];
  const unmeasured = bars.filter(
    (bar) => ![...names, ...others].some((name) => concerns(bar, name, bar.members)),
  );
  expect(unmeasured).toEqual([]);
});

test('a bar is met from its ratio on', () => {
  const [bar] = barsOf('key package', 0);
  if (bar === undefined) throw new Error('There is no such bar.');
  expect([9.9, 10, 11].map((ratio) => meets(bar, ratio))).toEqual([false, true, true]);
});

test('a quantile lies between the samples around it', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.75)).toBe(4);
});
