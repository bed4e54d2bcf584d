// A provider in a process of its own, as an operator runs it: started, killed, started again on the same store.

import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RoomInspection } from '../../provider/index.ts';
import type { ServerConfigInput } from '../../server/config.ts';
import { DemoError } from './error.ts';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const LISTENING = /^exedra: listening on (\S+)$/m;
/** How long a provider may take to serve, or to stop, in milliseconds. */
const PATIENCE_MS = 20_000;

export interface Peer {
  readonly domain: string;
  readonly port: number;
  readonly secret: string;
}

export interface ProviderOptions {
  readonly domain: string;
  readonly port: number;
  /** Folder of its store and configuration. */
  readonly folder: string;
  readonly adminToken: string;
  readonly peers: readonly Peer[];
  readonly logLevel: ServerConfigInput['logLevel'];
}

/** A provider's process, its URL and its operator's access. */
export class ProviderProcess {
  readonly domain: string;
  readonly url: string;
  readonly #adminToken: string;
  readonly #configFile: string;
  /** Where the process writes its log. */
  readonly #logFile: string;
  #child: ChildProcess | undefined;
  #starts = 0;

  constructor(options: ProviderOptions) {
    const { domain, port, folder, adminToken, peers, logLevel } = options;
    const config: ServerConfigInput = {
      domain,
      listen: { port },
      storePath: join(folder, 'store'),
      admin: { token: adminToken },
      peers: peers.map((peer) => ({
        domain: peer.domain,
        url: `http://127.0.0.1:${peer.port}`,
        secret: peer.secret,
      })),
      logLevel,
    };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#configFile = join(folder, 'demo.json');
    this.#logFile = join(folder, 'provider.log');
    writeFileSync(this.#configFile, JSON.stringify(config), { mode: 0o600 });
    chmodSync(this.#configFile, 0o600);
    this.domain = domain;
    this.url = `http://127.0.0.1:${port}`;
    this.#adminToken = adminToken;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Starts the process and waits until it serves. @throws DemoError with the process's own words. */
  async start(): Promise<void> {
    const log = openSync(this.#logFile, 'w', 0o600);
    // A group of its own: the terminal's Ctrl-C goes to the demo, which stops the providers in order. The channel
    // between the two ends with the demo, however that ends, and the provider with it.
    const child = fork(PROGRAM, ['serve', '--config', this.#configFile], {
      stdio: ['ignore', 'pipe', log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#starts += 1;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) =>
        reject(new DemoError(`The provider ${this.domain} did not start: ${why}`));
      const late = setTimeout(() => fail('it took too long.'), PATIENCE_MS);
      child.stdout?.on('data', (chunk) => {
        said += chunk;
        if (LISTENING.test(said)) resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => fail(this.#lastWords() ?? `it ended with exit code ${code}.`));
      child.once('close', () => clearTimeout(late));
      child.stdout?.once('data', () => clearTimeout(late));
    });
  }

  /** The last line of the log, without the name of the program. */
  #lastWords(): string | undefined {
    const line = readFileSync(this.#logFile, 'utf8').trim().split('\n').at(-1);
    return line === '' ? undefined : line?.replace(/^exedra: /, '');
  }

  /** Ends the process, at once with SIGKILL, and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await gone;
    clearTimeout(late);
    this.#child = undefined;
  }

  /** Makes a device's token. */
  async mint(user: string, client: string): Promise<string> {
    const body = JSON.stringify({ user, client });
    const { token } = (await this.#admin('POST', 'devices', body)) as { token: string };
    return token;
  }

  /** What the provider holds of a room; `undefined` when it knows none of that name. */
  async inspect(room: string): Promise<RoomInspection | undefined> {
    const found = await this.#admin('GET', `rooms/${encodeURIComponent(room)}`);
    return found as RoomInspection | undefined;
  }

  async #admin(method: string, path: string, body?: string): Promise<unknown> {
    const answer = await fetch(`${this.url}/admin/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body ?? null,
    });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new DemoError(`${this.domain} answered its operator ${answer.status}.`);
    return answer.json();
  }
}
