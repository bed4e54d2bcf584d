// The overhead of the modes, measured small: that every party is there, that bodies are counted at both ends, that bytes
// do not depend on chance, and what is known of the modes shows in the figures.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { overheadTables } from '../../ts/cli/modes/tables.ts';
import {
  creating,
  overheadPage,
  type Report,
  type Row,
  reportOverhead,
  roomActions,
} from '../../ts/evidence/overhead/index.ts';
import { modeNames } from '../../ts/privacy/index.ts';
import { exedra } from '../support/exedra_process.ts';

const SIZES = [2, 10];
const actions = roomActions.map(({ name }) => name);
const [OPEN, PSEUDONYMOUS, HUB_VISIBLE, MEMBERS_ONLY] = modeNames();

let report: Report;
const told: { readonly part: number; readonly what: string }[] = [];
beforeAll(async () => {
  const onProgress = (part: number, what: string) => told.push({ part, what });
  report = await reportOverhead({ members: SIZES, modes: modeNames(), repeats: 2, onProgress });
});

/** The row of a party; all of them together by default. */
function rowOf(mode = '', action = '', members = 10, party = 'all'): Row {
  const row = report.rows.find(
    (one) =>
      one.mode === mode && one.action === action && one.members === members && one.party === party,
  );
  if (row === undefined) throw new Error(`no row of ${mode}, ${action}, ${members}, ${party}`);
  return row;
}

/** The parties of an action in a mode. */
const partiesOf = (mode: string, action: string, members: number): Row[] =>
  report.rows.filter(
    (row) =>
      row.mode === mode && row.action === action && row.members === members && row.party !== 'all',
  );

describe('the rows', () => {
  test('have each mode, size and action, and of each the parties', () => {
    for (const mode of modeNames()) {
      for (const members of SIZES) {
        for (const action of actions) {
          const newcomer = action === 'add' ? ['newcomer'] : [];
          const parties = partiesOf(mode, action, members).map(({ party }) => party);
          expect(parties).toEqual(['sender', 'hub', 'follower', 'receiver', ...newcomer]);
        }
      }
      expect(rowOf(mode, creating.name, 1).bytes).toBeGreaterThan(0);
    }
    const count = modeNames().length * (SIZES.length * (actions.length * 5 + 1) + 4);
    expect(report.rows).toHaveLength(count);
  });

  test('count each body at both ends', () => {
    for (const mode of modeNames()) {
      for (const action of actions) {
        const parties = partiesOf(mode, action, 10);
        const sum = (figure: (row: Row) => number) =>
          parties.map(figure).reduce((one, other) => one + other);
        expect(sum(({ sent }) => sent)).toBe(sum(({ received }) => received));
        expect(sum(({ bytes }) => bytes)).toBe(rowOf(mode, action).bytes);
        expect(sum(({ cpuMicros }) => cpuMicros) / rowOf(mode, action).cpuMicros).toBeCloseTo(1, 2);
      }
    }
  });

  test('give every party that acts, carries or is told some bytes and some time', () => {
    for (const { party, action, bytes, sent, received, cpuMicros } of report.rows) {
      if (action === creating.name) continue;
      expect(bytes, `${party} of ${action}`).toBe(sent + received);
      expect(Math.min(sent, received), `${party} of ${action}`).toBeGreaterThan(0);
      expect(cpuMicros, `${party} of ${action}`).toBeGreaterThan(0);
    }
  });

  test('tell bytes that do not depend on chance', () => {
    for (const { spread, mode, action, party } of report.rows) {
      // Each removal before leaves a slot for good, all of which who joins is given, padded to a class.
      if (action === 'join by link') continue;
      const [least, most] = spread.bytes;
      expect(most - least, `${party} of ${action} in ${mode}`).toBeLessThan(16);
    }
  });

  test('are relative to mode open', () => {
    for (const { mode, relative, bytes, ...row } of report.rows) {
      const base = rowOf(OPEN, row.action, row.members, row.party);
      if (mode === OPEN) expect(relative.bytes ?? 1).toBe(1);
      else if (base.bytes > 0) expect(relative.bytes).toBeCloseTo(bytes / base.bytes, 2);
      else expect(relative.bytes).toBeNull();
    }
  });
});

describe('what is known of the modes', () => {
  test('a hub-visible room costs hardly more than a pseudonymous one where the tree outweighs the rest', () => {
    expect(barNamed('add: bytes of hub-visible beside pseudonymous')).toMatchObject({
      members: 10,
      limit: 1.1,
      ok: true,
    });
  });

  test('an envelope of a commit is of a size class, so that it is at most twice the commit and some', () => {
    for (const members of SIZES) {
      const [clear, wrapped] = [PSEUDONYMOUS, HUB_VISIBLE].map(
        (mode) => rowOf(mode, 'commit', members, 'receiver').received,
      ) as [number, number];
      expect(wrapped).toBeGreaterThan(clear);
      expect(wrapped).toBeLessThan(2 * clear + 512);
    }
  });

  test('what a committer leaves for who joins by a link reaches neither follower nor receiver', () => {
    for (const mode of [PSEUDONYMOUS, HUB_VISIBLE, MEMBERS_ONLY]) {
      for (const party of ['follower', 'receiver']) {
        const [without, beside] = ['commit', 'commit while a link lives'].map(
          (action) => rowOf(mode, action, 10, party).bytes,
        );
        expect(beside).toBe(without);
      }
    }
    const [without, beside] = ['commit', 'commit while a link lives'].map(
      (action) => rowOf(MEMBERS_ONLY, action, 10, 'sender').sent,
    ) as [number, number];
    // The record has the ratchet tree, and is of a size class.
    expect(beside - without).toBeGreaterThan(2048);
  });

  test('in members-only a commit shows nothing but its size class', () => {
    const [role, update] = ['role change', 'commit'].map(
      (action) => rowOf(MEMBERS_ONLY, action, 2, 'receiver').received,
    );
    expect(role).toBe(update);
  });
});

const barNamed = (name: string) => report.bars.find((bar) => bar.name === name);

test('a bar has its limit, the ratio that was measured, and whether it is met', () => {
  for (const { name, limit, value, ok, members } of report.bars) {
    expect(name).toMatch(/^(add|commit|message): (bytes|CPU) of \S+ beside \S+$/);
    expect(members).toBe(10);
    expect(ok).toBe((value ?? Number.POSITIVE_INFINITY) <= limit);
  }
  const { value } = barNamed('commit: bytes of pseudonymous beside open') ?? {};
  expect(value).toBe(rowOf(PSEUDONYMOUS, 'commit').relative.bytes);
  expect(report.ok).toBe(report.bars.every(({ ok }) => ok));
});

test('progress goes up to its end', () => {
  const parts = told.map(({ part }) => part);
  expect(parts).toEqual([...parts].sort((one, other) => one - other));
  expect(parts.at(-1)).toBeCloseTo(1, 1);
  expect(told.at(-1)?.what).toMatch(/^10 members: join by link, /);
});

test('the page and the tables tell every action, mode and bar', () => {
  const page = overheadPage(report);
  const tables = overheadTables(report);
  for (const text of [...actions, ...modeNames(), ...report.bars.map(({ name }) => name)]) {
    expect(page).toContain(text);
    expect(tables).toContain(text);
  }
  expect(page).not.toMatch(/undefined|NaN|null/);
  expect(tables).not.toMatch(/undefined|NaN|null/);
});

test('a report that was written is told again without measuring, and judged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exedra-overhead-'));
  try {
    const file = join(folder, 'report.json');
    const page = join(folder, 'page.md');
    const again = ['modes', '--bench', '--from', file];
    await writeFile(file, JSON.stringify(report));
    const json = await exedra([...again, '--json', '--bars', '--md', page]).ended;
    expect(JSON.parse(json.stdout)).toEqual(report);
    expect(json.code).toBe(report.ok ? 0 : 1);
    expect(await readFile(page, 'utf8')).toBe(overheadPage(report));
    const nowhere = await exedra([...again, '--json', join(folder, 'none', 'report.json')]).ended;
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringContaining('cannot be written'),
    ]);
    await writeFile(file, '{}');
    const { code, stderr } = await exedra(again).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('no report of a measurement')]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  [['--members', '1'], 'A whole number from 2'],
  [['--members', '2,many'], 'A whole number from 2'],
  [['--repeats', '0'], 'A whole number from 1'],
  [['--modes', 'open,closed'], 'There is no mode closed'],
])('%j is refused with what can be said', async (args, why) => {
  const { code, stderr } = await exedra(['modes', '--bench', ...args]).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(why);
});
