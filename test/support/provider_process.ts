// Providers as an operator runs them: real processes of the built program, killed and started again on their stores.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { RoomInspection } from '../../ts/provider/index.ts';
import { freePort } from './running_server.ts';

/** The built program; `requireBuild` brings it up to date. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const LISTENING = /^exedra: listening on (\S+)$/m;
/** How long a process may take to serve, or to end. */
const PATIENCE_MS = 20_000;
const ADMIN_TOKEN = 'admin-token-of-the-tests';

const running = new Set<ChildProcess>();
const killAll = () => {
  for (const child of running) {
    // A demo that is killed cannot stop its providers.
    for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  }
};
afterAll(killAll);
process.once('exit', killAll);

/** Starts the program; it is killed when the test file ends, however that comes about. */
export function runProgram(args: readonly string[], cwd?: string): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The processes whose parent is `pid`. */
export function childrenOf(pid: number | undefined): number[] {
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return listing
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child as number);
}

/** One provider: its configuration, its process, its operator's access. */
export class ProviderProcess {
  readonly domain: string;
  readonly url: string;
  readonly storePath: string;
  readonly #configFile: string;
  #child: ChildProcess | undefined;
  #complaints = '';

  constructor(options: {
    readonly domain: string;
    readonly port: number;
    readonly folder: string;
    readonly peer: { readonly domain: string; readonly port: number };
  }) {
    const { domain, port, folder, peer } = options;
    this.domain = domain;
    this.url = `http://127.0.0.1:${port}`;
    this.storePath = join(folder, domain);
    this.#configFile = join(folder, `${domain}.json`);
    mkdirSync(folder, { recursive: true });
    const config = {
      domain,
      listen: { port },
      storePath: this.storePath,
      admin: { token: ADMIN_TOKEN },
      peers: [
        {
          domain: peer.domain,
          url: `http://127.0.0.1:${peer.port}`,
          secret: 'secret-between-the-providers',
        },
      ],
      logLevel: 'error',
    };
    writeFileSync(this.#configFile, JSON.stringify(config), { mode: 0o600 });
  }

  /** What it has said on stderr, over all its starts. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Starts the process and waits until it serves. */
  async start(): Promise<void> {
    const child = runProgram(['serve', '--config', this.#configFile]);
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.#complaints += chunk;
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => fail('does not serve'), PATIENCE_MS);
      const fail = (what: string) => {
        clearTimeout(late);
        reject(new Error(`${this.domain} ${what}: ${this.#complaints.slice(-2000)}`));
      };
      child.stdout?.on('data', (chunk) => {
        said += chunk;
        if (!LISTENING.test(said)) return;
        clearTimeout(late);
        resolve();
      });
      child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    });
  }

  /** Ends the process with a signal and waits until it is gone; answers its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    return child === undefined ? null : endProcess(child, signal);
  }

  /** Makes a device's token. */
  async mint(user: string, client: string): Promise<string> {
    const answer = await this.#admin('devices', JSON.stringify({ user, client }));
    return ((await answer.json()) as { token: string }).token;
  }

  /** What it holds of a room. */
  async inspect(room: string): Promise<RoomInspection> {
    const answer = await this.#admin(`rooms/${encodeURIComponent(room)}`);
    return (await answer.json()) as RoomInspection;
  }

  async #admin(path: string, body?: string): Promise<Response> {
    const authorization = `Bearer ${ADMIN_TOKEN}`;
    const answer = await fetch(`${this.url}/admin/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      body: body ?? null,
    });
    if (!answer.ok) throw new Error(`${this.domain} answered its operator ${answer.status}`);
    return answer;
  }
}

/** Ends a process with a signal and waits until it is gone; one that stays is killed. */
export async function endProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const code = await gone;
  clearTimeout(late);
  return code;
}

/** A hub and its follower on free ports, their stores in `folder`; started. */
export async function startPair(folder: string): Promise<{
  readonly hub: ProviderProcess;
  readonly follower: ProviderProcess;
}> {
  const domains = ['a.example', 'b.example'] as const;
  const ports = [await freePort(), await freePort()] as const;
  const provider = (own: 0 | 1, other: 0 | 1) =>
    new ProviderProcess({
      domain: domains[own],
      port: ports[own],
      folder,
      peer: { domain: domains[other], port: ports[other] },
    });
  const [hub, follower] = [provider(0, 1), provider(1, 0)];
  await Promise.all([hub.start(), follower.start()]);
  return { hub, follower };
}
