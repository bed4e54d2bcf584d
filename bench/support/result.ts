// What a benchmark prints and writes: every figure with its machine, versions and commit.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** One measured operation. Durations in microseconds, rates per second. */
export interface Result {
  readonly name: string;
  /** Members of the group; 0 where it has none. */
  readonly members: number;
  readonly unit: 'µs' | 'per second';
  readonly ours: { readonly median: number; readonly p75: number };
  readonly rivals: Readonly<Record<string, { readonly median: number }>>;
  /** Ours to theirs: more than 1 is better where the unit is `per second`, less where it is `µs`. */
  readonly ratio: Readonly<Record<string, number>>;
  /** What the ratio must reach; `null` where nothing is asked. */
  readonly bar: number | null;
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

/** The versions that the WASM core was built with, from its manifest. */
function builtVersions(): Record<string, string> {
  const url = new URL('../../rust-core/pkg/manifest.json', import.meta.url);
  const manifest: { versions?: Record<string, string> } = JSON.parse(readFileSync(url, 'utf8'));
  return manifest.versions ?? {};
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
