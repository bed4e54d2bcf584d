// Starts test/support/store_child.mjs on a fresh build of the sources and listens to what it says.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const child = fileURLToPath(new URL('./store_child.mjs', import.meta.url));

export interface Said {
  readonly shard?: string;
  readonly head?: number;
  readonly cursor?: number;
  readonly holds?: boolean;
  readonly refusal?: string;
  readonly headAfter?: number;
  readonly readable?: number;
  readonly code?: string;
  readonly message?: string;
}

export class StoreProcess {
  readonly said: Said[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;

  /** `fileBlocks`: the largest file the process may write, in the 512-byte blocks of `ulimit -f`. */
  constructor(job: 'append' | 'hold' | 'fill' | 'unprivileged', path: string, fileBlocks?: number) {
    this.#process =
      fileBlocks === undefined
        ? spawn(process.execPath, [child, job, path], { stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(
            'sh',
            [
              '-c',
              `ulimit -f ${fileBlocks} && exec "$@"`,
              'sh',
              process.execPath,
              child,
              job,
              path,
            ],
            { stdio: ['ignore', 'pipe', 'pipe'] },
          );
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error('the child has no output');
    stderr.resume();
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      // The last line of a killed process may be cut off.
      if (line.endsWith('}')) this.said.push(JSON.parse(line) as Said);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.on('close', () => resolve());
    });
  }

  /** Waits until it has said so many things. */
  async hasSaid(count: number): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (this.said.length < count) {
      if (Date.now() > deadline) throw new Error(`the child said only ${this.said.length} things`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits for its end; all it said has been heard then. */
  ended(): Promise<void> {
    return this.#exited;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
  }
}

/** Brings dist/ up to date; after a build this takes the compiler a moment to see that nothing is to do. */
export function requireBuild(): void {
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  const compiled = spawnSync(process.execPath, [compiler, '-p', root], { encoding: 'utf8' });
  // A type error elsewhere does not keep the compiler from writing the store; the type check reports it.
  if (!existsSync(`${root}dist/store/index.js`)) {
    throw new Error(`the build failed: ${compiled.stdout}${compiled.stderr}`);
  }
}
