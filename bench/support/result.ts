// What a benchmark prints and writes: every figure with its machine, versions and commit.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** One measured operation. Durations in microseconds, rates per second, memory in KiB. */
export interface Result {
  readonly name: string;
  /** Members of the group; 0 where it has none. */
  readonly members: number;
  readonly unit: 'µs' | 'per second' | 'KiB';
  readonly ours: { readonly median: number; readonly p75: number };
  readonly rivals: Readonly<Record<string, { readonly median: number }>>;
  /** How many times as fast we are: their duration by ours, or our rate by theirs. */
  readonly ratio: Readonly<Record<string, number>>;
  /** What the ratio to the first rival that has a bar must reach; `null` where none has. */
  readonly bar: number | null;
  /** Whether the bars to all rivals are reached. */
  readonly ok: boolean;
}

export interface Report {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
  readonly versions: Readonly<Record<string, string>>;
  /** The commit measured; ends in `+` where files differ from it. */
  readonly commit: string;
  readonly results: readonly Result[];
}

/** A result without rivals. */
export function plain(
  name: string,
  members: number,
  unit: Result['unit'],
  ours: Result['ours'],
): Result {
  return { name, members, unit, ours, rivals: {}, ratio: {}, bar: null, ok: true };
}

export function report(results: readonly Result[]): Report {
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    versions: { node: process.versions.node, v8: process.versions.v8, ...builtVersions() },
    commit: commit(),
    results,
  };
}

/** What the WASM core was built with, from its manifest, and the rivals. */
function builtVersions(): Record<string, string> {
  const json = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  const { rustc, wasmBindgen }: Record<string, string> = json('../../rust-core/pkg/manifest.json');
  const { devDependencies }: { devDependencies: Record<string, string> } =
    json('../../package.json');
  const lock = readFileSync(new URL('../native/Cargo.lock', import.meta.url), 'utf8');
  const openmls = /name = "openmls"\nversion = "([^"]+)"/.exec(lock)?.[1];
  return {
    ...(rustc === undefined ? {} : { rustc }),
    ...(wasmBindgen === undefined ? {} : { 'wasm-bindgen': wasmBindgen }),
    ...(openmls === undefined ? {} : { openmls }),
    'ts-mls': devDependencies['ts-mls'] ?? 'unknown',
  };
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', cwd: new URL('.', import.meta.url) }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') ? '+' : '');
  } catch {
    return 'unknown';
  }
}

/** The value below which the given part of the samples lies. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
