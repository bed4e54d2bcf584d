// The action matrix: every cell is played, and its verdict is the one that docs/actions.md gives.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actionsNotice } from '../../ts/cli/commands/actions.ts';
import {
  ACTIONS,
  type ActionReport,
  actionMatrix,
  actionsPage,
  type Cell,
  isOk,
  playCell,
  Stage,
  titleOf,
} from '../../ts/evidence/actions/index.ts';
import { markdownOf } from '../../ts/evidence/page/index.ts';
import { modeNames } from '../../ts/privacy/index.ts';
import { DEPLOYMENTS } from '../../ts/provider/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cells: Cell[] = [];

describe.each(
  DEPLOYMENTS.flatMap((deployment) => modeNames().map((mode) => ({ mode, deployment }))),
)('$mode, $deployment', ({ mode, deployment }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(mode, deployment);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  for (const action of ACTIONS) {
    test(titleOf(action, mode, deployment), async () => {
      const cell = await playCell(stage, action);
      cells.push(cell);
      expect(cell.why).not.toContain('failed');
      expect(cell).toMatchObject({ ran: true, verdict: cell.expected });
      expect(cell.test).toBe(
        `test/scenario/action_matrix.test.ts#${titleOf(action, mode, deployment)}`,
      );
      expect(stage.world.takeProblems()).toEqual([]);
    });
  }
});

test('docs/actions.md is what the matrix writes', async () => {
  const report: ActionReport = { cells, ok: cells.every(isOk) };
  const page = await readFile(join(root, 'docs', 'actions.md'), 'utf8');
  expect(page).toBe(markdownOf(actionsPage(report), actionsNotice));
});

describe('fails', () => {
  test('where a scenario does not end as it must, and says which and why', async () => {
    const stage = await Stage.open('open', 'enterprise');
    await stage.bob.device.close();
    const cell = await playCell(stage, 'kick');
    expect(cell).toMatchObject({ ran: false, action: 'kick', mode: 'open' });
    expect(cell.why).toMatch(/^The scenario failed: ./);
    const { ok, sections } = { ...actionsPage({ cells: [cell], ok: isOk(cell) }) };
    expect(ok).toBe(false);
    expect(sections[0]?.tables[0]?.rows).toEqual([['kick', '✗ impossible']]);
    await stage[Symbol.asyncDispose]();
  });

  test('where a verdict is another one than is written', () => {
    const cell = cells.find(({ action }) => action === 'mute') as Cell;
    expect(isOk({ ...cell, verdict: 'impossible' })).toBe(false);
    expect(isOk({ ...cell, ran: false })).toBe(false);
  });
});

test('a part of the matrix is played by itself', async () => {
  const told: string[] = [];
  const { cells: some, ok } = await actionMatrix({
    modes: ['open'],
    deployments: ['enterprise'],
    actions: ['leave', 'mute'],
    onProgress: (part, what) => told.push(`${part} ${what}`),
  });
  expect(ok).toBe(true);
  expect(some.map(({ action }) => action)).toEqual(['leave', 'mute']);
  expect(told).toEqual(['0 leave: open, enterprise', '0.5 mute: open, enterprise']);
});
