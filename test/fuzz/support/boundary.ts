// The boundary fuzz: mutates the inputs of the committed corpus and gives them to ts/mls over the real WebAssembly.
// After a finding the input is saved; `trapped` ends the run, because the instance is then of no further use.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initSync, instanceIsDead } from '../../../ts/mls/index.ts';
import type { Seeded } from '../../support/seed.ts';
import { mutant } from './mutate.ts';
import { corpusFolder, turnBackTheClock } from './prepared.ts';
import { runTarget } from './targets.ts';

const findingsFolder = fileURLToPath(new URL('../../../fuzz/findings/', import.meta.url));

/** No input of at most 16 KiB may take longer, on however slow a machine. */
const longestMs = 2_000;

export interface Report {
  readonly target: string;
  executions: number;
  accepted: number;
  /** Refusals by code. */
  readonly codes: Map<string, number>;
  slowestMs: number;
  /** By how much the WebAssembly memory grew, in bytes. */
  grown: number;
  readonly findings: string[];
}

let memory: WebAssembly.Memory | undefined;

/** Loads the core with an eye on its memory, which ts/mls keeps to itself. */
export function loadCore(): void {
  turnBackTheClock();
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      memory = this.exports.memory as WebAssembly.Memory;
    }
  };
  initSync();
  WebAssembly.Instance = Instance;
}

export const memorySize = (): number => memory?.buffer.byteLength ?? 0;

export interface Seed {
  readonly name: string;
  readonly input: Uint8Array;
}

export function seedsOf(target: string): Seed[] {
  const folder = `${corpusFolder}${target}`;
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: new Uint8Array(readFileSync(`${folder}/${name}`)) }));
}

export const emptyReport = (target: string): Report => ({
  target,
  executions: 0,
  accepted: 0,
  codes: new Map(),
  slowestMs: 0,
  grown: 0,
  findings: [],
});

/** Gives one input to its target and writes down what came of it. */
export function runInput(report: Report, input: Uint8Array): void {
  const started = performance.now();
  try {
    const verdict = runTarget(report.target, input);
    if (verdict === 'accepted') report.accepted++;
    else report.codes.set(verdict, (report.codes.get(verdict) ?? 0) + 1);
  } catch (error) {
    report.findings.push(`${save(report.target, input)}: ${error}`);
  }
  const took = performance.now() - started;
  if (took > longestMs) {
    report.findings.push(`${save(report.target, input)}: took ${Math.round(took)} ms`);
  }
  report.slowestMs = Math.max(report.slowestMs, took);
  report.executions++;
}

/** Mutants of the seeds, until the time is over or the instance dead; `most` bounds their number. */
export function fuzz(target: string, random: Seeded, millis: number, most = Infinity): Report {
  const report = emptyReport(target);
  const seeds = seedsOf(target).map(({ input }) => input);
  const [before, end] = [memorySize(), performance.now() + millis];
  while (report.executions < most && performance.now() < end && !instanceIsDead()) {
    runInput(report, mutant(random, seeds));
  }
  report.grown = memorySize() - before;
  return report;
}

function save(target: string, input: Uint8Array): string {
  mkdirSync(`${findingsFolder}${target}`, { recursive: true });
  const name = createHash('sha256').update(input).digest('hex').slice(0, 16);
  writeFileSync(`${findingsFolder}${target}/${name}`, input);
  return `fuzz/findings/${target}/${name}`;
}
