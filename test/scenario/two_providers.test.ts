// The demo as a newcomer runs it: two real provider processes, a conversation, an account of it; then it serves.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { childrenOf, endProcess, runProgram } from '../support/provider_process.ts';
import { freePort } from '../support/running_server.ts';
import { freshPath } from '../support/store_directory.ts';
import { requireBuild } from '../support/store_process.ts';
import { until } from '../support/until.ts';

beforeAll(requireBuild, 120_000);

/** A step of the conversation: its name, and what each provider must have seen, by the first word of each entry. */
const STEPS: readonly (readonly [name: string, hub: string[], follower: string[]])[] = [
  ['Three devices register and publish key packages', [], []],
  ['Alice creates the room', ['created'], []],
  ['Alice invites Bob, of her provider; he joins', ['commit'], []],
  ['Alice invites Carol, of the follower; she joins', ['commit'], ['welcome']],
  ['They send the published example messages', applications(14), applications(14)],
  ['The hub is killed while Carol sends, and comes back', ['application'], ['application']],
  ['Bob’s laptop restarts from its saved rows', ['application'], ['application']],
  ['Carol’s tablet joins by itself', ['commit', 'application'], ['commit', 'application']],
  [
    'Bob leaves; Alice commits it',
    ['proposal', 'commit', 'application'],
    ['proposal', 'commit', 'application'],
  ],
  // Her phone joins with a new key, then takes out the leaf of the lost one.
  [
    'Carol’s phone loses its state and rejoins',
    ['commit', 'commit', 'application'],
    ['commit', 'commit', 'application'],
  ],
  ['All agree on epoch and members', [], []],
];

function applications(count: number): string[] {
  return Array.from({ length: count }, () => 'application');
}

interface Account {
  readonly ok: boolean;
  readonly modes: {
    readonly open: {
      readonly ok: boolean;
      readonly sent: number;
      readonly delivered: number;
      readonly steps: readonly {
        readonly name: string;
        readonly ms: number;
        readonly hubSaw: readonly string[];
        readonly followerSaw: readonly string[];
      }[];
    };
  };
  readonly followers: number;
  readonly restarts: number;
}

/** Runs the program to its end. */
async function runToEnd(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const child = runProgram(args);
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.resume();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout };
}

const firstWords = (entries: readonly string[]) => entries.map((entry) => entry.split(' ')[0]);

test('the demo tells as JSON who sent what to whom, and what the hub and the follower saw', async () => {
  const { code, stdout } = await runToEnd('demo', '--json');

  expect(code).toBe(0);
  const account = JSON.parse(stdout) as Account;
  const { open } = account.modes;
  expect(account).toMatchObject({ ok: true, followers: 1, restarts: 1 });
  // 14 published messages to two others, then five lines of text: to two, two, three, two and two others.
  expect(open).toMatchObject({ ok: true, sent: 14 + 5, delivered: 28 + 11 });
  expect(open.steps.map(({ name }) => name)).toEqual(STEPS.map(([name]) => name));
  for (const [index, { ms, hubSaw, followerSaw }] of open.steps.entries()) {
    const [name, hub, follower] = STEPS[index] ?? ['', [], []];
    expect(ms, name).toBeGreaterThanOrEqual(0);
    expect(firstWords(hubSaw), `${name}: the hub`).toEqual(hub);
    expect(firstWords(followerSaw), `${name}: the follower`).toEqual(follower);
  }
  for (const entry of open.steps.flatMap(({ hubSaw, followerSaw }) => [
    ...hubSaw,
    ...followerSaw,
  ])) {
    // Messages name nobody in the clear; in mode open handshakes do.
    if (entry.startsWith('application')) expect(entry).not.toContain('in clear');
  }
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
      60_000,
    );
    expect(child.exitCode, stderr).toBe(null);
    expect(stdout).toContain('19 messages sent, 39 deliveries, each once and byte for byte.');

    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const directory = await fetch(`${url}/.well-known/mimi-protocol-directory`);
    expect(directory.status).toBe(200);
    expect(JSON.stringify(await directory.json())).toContain(`${url}/v1/notify/`);

    const providers = childrenOf(child.pid);
    expect(providers).toHaveLength(2);
    const began = performance.now();
    expect(await endProcess(child, 'SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(providers.filter(isAlive)).toEqual([]);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  }
  expect(existsSync(join(store, 'a.example'))).toBe(true);
});
