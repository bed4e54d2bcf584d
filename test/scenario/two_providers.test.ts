// The demo as a newcomer runs it: three real provider processes, a conversation in each privacy mode, an account of
// what each party saw; then it serves.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { childrenOf, endProcess, runProgram } from '../support/provider_process.ts';
import { freePort } from '../support/running_server.ts';
import { freshPath } from '../support/store_directory.ts';
import { requireBuild } from '../support/store_process.ts';
import { until } from '../support/until.ts';

beforeAll(requireBuild, 120_000);

const MODES = ['open', 'pseudonymous', 'hub-visible', 'members-only'];

/** A step of the conversation: its name, and what each side must have seen, by the first word of each entry. */
type Expected = readonly [name: string, hub: readonly string[], followers: readonly string[]];

/** The steps of a mode; `handshakes` are those that let a further device in, and one that has lost its state. */
function expected(
  handshakes: readonly [tablet: string[], phone: string[]],
  welcomed: readonly string[] = [],
): readonly Expected[] {
  const [tablet, phone] = handshakes;
  const both = (name: string, kinds: string[]): Expected => [name, kinds, kinds];
  return [
    both('Three devices register and publish key packages', []),
    both('Bob and Carol let Alice invite them', []),
    ['Alice creates the room', ['created'], []],
    ['Alice invites Bob, of b.example; he joins', ['commit'], ['welcome']],
    // The commit is for Bob's provider, the Welcome for Carol's.
    ['Alice invites Carol, of c.example; she joins', ['commit'], ['commit', 'welcome']],
    both('They send the published example messages', times(14, 'application')),
    both('The hub is killed while Carol sends, and comes back', ['application']),
    both('Bob’s laptop restarts from its saved rows', ['application']),
    [
      'Carol’s tablet comes in',
      [...tablet, 'application'],
      [...tablet, ...welcomed, 'application'],
    ],
    both('Bob leaves; Alice commits it', ['proposal', 'commit', 'application']),
    [
      'Carol’s phone loses its state and comes back',
      [...phone, 'application'],
      [...phone, ...welcomed, 'application'],
    ],
    both('All agree on epoch and members', []),
  ];
}

function times(count: number, kind: string): string[] {
  return Array.from({ length: count }, () => kind);
}

const STEPS: Readonly<Record<string, readonly Expected[]>> = {
  // Her phone joins with a new key, then takes out the leaf of the lost one.
  open: expected([times(1, 'commit'), times(2, 'commit')]),
  // Besides, a newcomer shows members who it is, and who is left takes a new wrapper key after a removal.
  pseudonymous: expected([times(2, 'commit'), times(3, 'commit')]),
  'hub-visible': expected([times(2, 'commit'), times(3, 'commit')]),
  // Another device of hers takes the lost leaf out, and invites.
  'members-only': expected([times(1, 'commit'), times(2, 'commit')], ['welcome']),
};

interface Account {
  readonly ok: boolean;
  readonly modes: Readonly<Record<string, ModeAccount>>;
  readonly followers: number;
  readonly restarts: number;
}

interface ModeAccount {
  readonly ok: boolean;
  readonly sent: number;
  readonly delivered: number;
  readonly steps: readonly {
    readonly name: string;
    readonly ms: number;
    readonly hubSaw: readonly string[];
    readonly followerSaw: readonly string[];
  }[];
}

/** Runs the program to its end. */
async function runToEnd(
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = runProgram(args);
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

const firstWords = (entries: readonly string[]) => entries.map((entry) => entry.split(' ')[0]);

/** A real user or client of the demo, as in `alice-open-1a2b3c`. */
const REAL = /\/[ud]\/(alice|bob|carol)-/;
const PSEUDONYM = /\/[ud]\/[0-9a-f]{32}\b/;

describe('the demo in all modes, as JSON', () => {
  let account: Account;
  let exitCode: number | null;

  beforeAll(async () => {
    const { code, stdout } = await runToEnd('demo', '--json');
    exitCode = code;
    account = JSON.parse(stdout) as Account;
  });

  /** What the hub, or the followers, saw in a mode; without the messages, or of them only. */
  const saw = (mode: string, side: 'hubSaw' | 'followerSaw') => {
    const entries = account.modes[mode]?.steps.flatMap((step) => step[side]) ?? [];
    const isMessage = (entry: string) => entry.startsWith('application');
    return {
      all: entries,
      messages: entries.filter(isMessage),
      commits: entries.filter((entry) => entry.startsWith('commit')),
    };
  };

  test('every mode is played to its end over a hub that is killed, and two followers', () => {
    expect(exitCode).toBe(0);
    expect(account).toMatchObject({ ok: true, followers: 2, restarts: 1 });
    expect(account).not.toHaveProperty('error');
    expect(Object.keys(account.modes)).toEqual(MODES);
  });

  test.each(MODES)('%s: each message reaches everybody, each step shows its entries', (mode) => {
    const { steps, ...counts } = account.modes[mode] as ModeAccount;
    // 14 published messages to two others, then five lines of text: to two, two, three, two and two others.
    expect(counts).toEqual({ ok: true, sent: 14 + 5, delivered: 28 + 11 });
    const kinds = steps.map((step) => [
      step.name,
      firstWords(step.hubSaw),
      firstWords(step.followerSaw),
    ]);
    expect(kinds).toEqual(STEPS[mode]);
    for (const { name, ms } of steps) expect(ms, name).toBeGreaterThanOrEqual(0);
  });

  test.each(MODES)('%s: no message names anybody in the clear to a follower', (mode) => {
    const { messages } = saw(mode, 'followerSaw');
    expect(messages).toHaveLength(19);
    for (const entry of messages) expect(entry).toMatch(/^application from a\.example,[^[]*$/);
  });

  test('open: each commit names real users to hub and followers', () => {
    for (const side of ['hubSaw', 'followerSaw'] as const) {
      for (const entry of saw('open', side).commits) expect(entry).toMatch(REAL);
    }
  });

  test('pseudonymous: each commit names pseudonyms to hub and followers, nothing a real user', () => {
    for (const side of ['hubSaw', 'followerSaw'] as const) {
      const { all, commits } = saw('pseudonymous', side);
      for (const entry of commits) expect(entry).toMatch(PSEUDONYM);
      for (const entry of all) expect(entry).not.toMatch(REAL);
    }
  });

  test('hub-visible: the hub knows all senders by pseudonym, followers learn no name at all', () => {
    const { all } = saw('hub-visible', 'hubSaw');
    for (const entry of all) {
      expect(entry).toMatch(PSEUDONYM);
      expect(entry).not.toMatch(REAL);
    }
    for (const entry of saw('hub-visible', 'followerSaw').all)
      expect(entry).not.toMatch(/\/[ud]\//);
  });

  test('members-only: neither hub nor followers learn any name, the hub knows the sending provider', () => {
    for (const side of ['hubSaw', 'followerSaw'] as const) {
      for (const entry of saw('members-only', side).all) expect(entry).not.toMatch(/\/[ud]\//);
    }
    const senders = saw('members-only', 'hubSaw').all.map((entry) => entry.split(/ from |, /)[1]);
    expect(new Set(senders)).toEqual(new Set(['a.example', 'b.example', 'c.example']));
  });
});

test('the demo tells as text what each party could read, counted from what it holds, in 120 columns', async () => {
  const { code, stdout } = await runToEnd('demo', '--mode', 'hub-visible');

  expect(code).toBe(0);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  const [, closing = ''] = stdout.split('Who could read what');
  const row = (name: string) =>
    closing
      .split('\n')
      .find((line) => line.startsWith(`│ ${name}`))
      ?.split('│')
      .slice(2, -1)
      .map((cell) => cell.trim());
  expect(row('real user')).toEqual(['–', '–', '–']);
  // The user pseudonyms of Alice, Bob and Carol, and those of the three clients that are members.
  expect(row('pseudonyms')).toEqual(['6', '–', '–']);
  expect(row('member')).toEqual(['3/3', '–', '–']);
  expect(row('commit')).toEqual(['8/8', '–', '–']);
});

test('a mode that there is not is refused with those that there are', async () => {
  const { code, stderr } = await runToEnd('demo', '--mode', 'secret');
  expect(code).toBe(1);
  for (const mode of ['all', ...MODES]) expect(stderr).toContain(mode);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('serve --demo plays, serves until it is told to stop, leaves no process behind, and can be run again', async () => {
  const store = freshPath();
  mkdirSync(store, { recursive: true });
  for (let run = 1; run <= 2; run++) {
    const port = await freePort();
    const child = runProgram(['serve', '--demo', '--port', String(port), '--store', store], store);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const url = `http://127.0.0.1:${port}`;
    await until(
      () => `run ${run} serves: ${stdout}${stderr}`,
      () => stdout.includes(`exedra: listening on ${url}\n`) || child.exitCode !== null,
      120_000,
    );
    expect(child.exitCode, stderr).toBe(null);
    expect(stdout).toContain('19 messages sent, 39 deliveries, each once and byte for byte.');

    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const directory = await fetch(`${url}/.well-known/mimi-protocol-directory`);
    expect(directory.status).toBe(200);
    expect(JSON.stringify(await directory.json())).toContain(`${url}/v1/notify/`);

    const providers = childrenOf(child.pid);
    expect(providers).toHaveLength(3);
    const began = performance.now();
    expect(await endProcess(child, 'SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(providers.filter(isAlive)).toEqual([]);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  }
  expect(existsSync(join(store, 'a.example'))).toBe(true);
});
