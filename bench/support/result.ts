// What a benchmark prints and writes: every figure with its machine, versions and commit.

import { readFileSync } from 'node:fs';
import {
  commit,
  type Machine,
  machine,
  versions,
} from '../../ts/evidence/overhead/surroundings.ts';

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
  readonly machine: Machine;
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
    machine: machine(),
    versions: { ...versions(), ...rivalVersions() },
    commit: commit(),
    results,
  };
}

/** The rivals' versions. */
function rivalVersions(): Record<string, string> {
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const lock = readFileSync(new URL('../native/Cargo.lock', import.meta.url), 'utf8');
  const openmls = /name = "openmls"\nversion = "([^"]+)"/.exec(lock)?.[1];
  return {
    ...(openmls === undefined ? {} : { openmls }),
    'ts-mls': devDependencies['ts-mls'] ?? 'unknown',
  };
}
