// The `exedra` command as a process of its own, from dist/.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExedraProcess {
  readonly child: ChildProcess;
  /** The URL of the line that says it listens; rejects when the process ends before. */
  readonly url: Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface ExedraOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** What standard input holds; nothing when not given. */
  readonly input?: string | Uint8Array;
}

/** Starts `exedra` with the arguments. */
export function exedra(args: readonly string[], options: ExedraOptions = {}): ExedraProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // One that does not read its input ends before it has all of it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const found = /^exedra: listening on (.*)$/m.exec(stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('close', () => reject(new Error(`exedra ended: ${stderr}`)));
  });
  // A process that is meant to fail has no URL, which is no failure of the test.
  url.catch(() => undefined);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, url, ended };
}
