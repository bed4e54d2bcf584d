// Runs commands and steps and tells how they go: one plain line a step with its duration, and on a
// terminal a spinner with the command's latest line while it runs.
import { spawn } from 'node:child_process';
import { root } from './project.mjs';

/**
 * @typedef {{code: number, output: string}} Outcome
 * @typedef {{cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onLine?: (line: string) => void}} RunOptions
 * @typedef {(line: string) => void} Note shows what a running step is at
 */

/** A step that went wrong and what it printed; the message alone is enough for a reader. */
export class StepError extends Error {
  /** @param {string} message @param {string} [output] */
  constructor(message, output = '') {
    super(message);
    this.name = 'StepError';
    this.output = output;
  }
}

/** How long a command may be silent before a line without a terminal says that it still runs. */
const reminderMs = 60_000;

/** What cargo says of each crate while it works: hundreds of lines that tell nothing once it is over. */
const cargoProgress =
  /^ +(?:Updating|Locking|Adding|Downloading|Downloaded|Compiling|Checking) .*\n/gm;

/** Ends of the commands that are running. @type {Set<() => void>} */
const running = new Set();

/** Exit codes of the signals that stop a script, as shells report them. */
const exitCodes = new Map(
  /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]),
);

/** @param {NodeJS.Signals} signal */
function stopAll(signal) {
  for (const stop of running) stop();
  process.exit(exitCodes.get(/** @type {any} */ (signal)));
}

/** Counts a command in. Commands have process groups of their own, which a Ctrl-C in the terminal does not
 * reach; while none runs, signals are the business of whatever else this process does.
 * @param {() => void} stop */
function begin(stop) {
  if (running.size === 0) for (const signal of exitCodes.keys()) process.on(signal, stopAll);
  running.add(stop);
}

/** @param {() => void} stop */
function finish(stop) {
  running.delete(stop);
  if (running.size === 0) for (const signal of exitCodes.keys()) process.off(signal, stopAll);
}

/** Ends a command and all that it has started.
 * @param {import('node:child_process').ChildProcess} child */
function endGroup(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(ownGroups ? -child.pid : child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const ownGroups = process.platform !== 'win32';

/** Runs a command to its end and collects what it prints; never throws for an exit code.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 * @returns {Promise<Outcome>} */
export function run(command, args, options = {}) {
  const { cwd = root, env = process.env, timeoutMs, onLine } = options;
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: ownGroups,
    });
    const stop = () => endGroup(child);
    begin(stop);
    let output = '';
    const take = (/** @type {string} */ text) => {
      output += text;
      const line = text.trim().split('\n').at(-1)?.trim();
      if (line) onLine?.(line);
    };
    const expire = () => {
      output += `\nStopped after ${duration(timeoutMs ?? 0)}: it took too long.\n`;
      stop();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
    const end = (/** @type {number} */ code) => {
      clearTimeout(timer);
      finish(stop);
      done({ code, output: output.replace(cargoProgress, '') });
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/** Like `run`, but a failure is a StepError with the command's output.
 * @param {string} command @param {readonly string[]} args @param {RunOptions & {whatFailed?: string}} [options]
 * @returns {Promise<string>} */
export async function mustRun(command, args, options = {}) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  throw new StepError(options.whatFailed ?? `${command} ${args.join(' ')} failed`, output);
}

/** A number of milliseconds as people read it.
 * @param {number} ms */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** How the detail of a step begins that had nothing to work with. */
export const notRun = 'NOT RUN';

/** A list of steps on one output stream. */
export class Steps {
  /** @param {NodeJS.WriteStream} out */
  constructor(out) {
    this.out = out;
  }

  /** Runs one step; `work` returns what is worth telling about it.
   * @param {string} label
   * @param {(note: Note) => Promise<string | void> | string | void} work
   * @returns {Promise<void>} throws what `work` throws, after saying that it failed */
  async run(label, work) {
    await this.give(label, async (note) => [undefined, (await work(note)) ?? '']);
  }

  /** Runs one step that has a result; `work` returns it with what is worth telling.
   * @template Result
   * @param {string} label
   * @param {(note: Note) => Promise<[Result, string]>} work
   * @returns {Promise<Result>} throws what `work` throws, after saying that it failed */
  async give(label, work) {
    const started = performance.now();
    const live = this.#show(label, started);
    try {
      const [result, detail] = await work(live.note);
      live.end();
      this.line(detail.startsWith(notRun) ? '!' : '✓', label, started, detail);
      return result;
    } catch (error) {
      live.end();
      this.line('✗', label, started, '');
      throw error;
    }
  }

  /** @param {string} mark @param {string} label @param {number} started @param {string} detail */
  line(mark, label, started, detail) {
    const took = duration(performance.now() - started).padStart(12);
    this.out.write(`  ${mark} ${label.padEnd(34)}${took}   ${detail}`.trimEnd());
    this.out.write('\n');
  }

  /** @param {string} label @param {number} started
   * @returns {{note: Note, end: () => void}} */
  #show(label, started) {
    let latest = '';
    const note = (/** @type {string} */ line) => {
      latest = line;
    };
    if (!this.out.isTTY) {
      const timer = setInterval(() => this.line('…', label, started, latest), reminderMs);
      return { note, end: () => clearInterval(timer) };
    }
    const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
    let frame = 0;
    const draw = () => {
      const mark = frames[frame++ % frames.length];
      const seconds = Math.floor((performance.now() - started) / 1000);
      const text = `  ${mark} ${label} ${seconds} s  ${latest}`;
      this.out.write(`\r\x1b[2K${text.slice(0, (this.out.columns ?? 80) - 1)}`);
    };
    const timer = setInterval(draw, 100);
    draw();
    const end = () => {
      clearInterval(timer);
      this.out.write('\r\x1b[2K');
    };
    return { note, end };
  }
}

/** Prints an error of a script as people want it: a sentence, then the failed command's output.
 * @param {unknown} error */
export function printFailure(error) {
  if (!(error instanceof StepError)) {
    console.error(error);
    return;
  }
  if (error.output.trim() !== '') console.error(`\n${error.output.trimEnd()}`);
  console.error(`\n${error.message}`);
}
