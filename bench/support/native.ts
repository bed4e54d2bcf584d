// The native rival: a process that answers one JSON command a line, so that it can be measured in turn with us.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Invitation } from './pairs.ts';

const exe = process.platform === 'win32' ? '.exe' : '';
const program = fileURLToPath(
  new URL(`../native/target/release/exedra-bench-native${exe}`, import.meta.url),
);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** OpenMLS as published, without our patches, compiled for this machine. */
export class Native {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor() {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The native rival has no output.');
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
  }

  /** Starts it; undefined where it was not built. */
  static start(): Native | undefined {
    return existsSync(program) ? new Native() : undefined;
  }

  async #ask(command: object): Promise<Record<string, unknown>> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The native rival ended at ${JSON.stringify(command).slice(0, 80)}.`);
    return JSON.parse(value);
  }

  /** Key packages of two members that it will be. */
  async invite(): Promise<[Uint8Array, Uint8Array]> {
    const { keyPackages } = await this.#ask({ do: 'invite' });
    const [first, second] = (keyPackages as string[]).map((text) => Buffer.from(text, 'hex'));
    return [new Uint8Array(first as Buffer), new Uint8Array(second as Buffer)];
  }

  /** The two create a group of their own. */
  async create(): Promise<void> {
    await this.#ask({ do: 'create' });
  }

  /** The first joins, and adds the second. */
  async joinFirst({ welcome, tree }: Invitation): Promise<void> {
    await this.#ask({ do: 'join first', welcome: hex(welcome), tree: hex(tree) });
  }

  async joinBoth({ welcome, tree }: Invitation): Promise<void> {
    await this.#ask({ do: 'join both', welcome: hex(welcome), tree: hex(tree) });
  }

  /** Durations of the operation with this name, in microseconds. */
  async measure(name: string, millis: number): Promise<number[]> {
    const { samples } = await this.#ask({ do: 'measure', name, millis });
    return samples as number[];
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
