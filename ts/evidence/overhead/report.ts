// The report of a run: rows, bars, and where and when they were measured.

import { type Bar, barsOf } from './bars.ts';
import { type MeasureOptions, measure } from './measure.ts';
import { type Row, rowsOf } from './rows.ts';
import { commit, load, type Machine, machine, versions } from './surroundings.ts';

export interface Report {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** The commit measured; ends in `+` where files differ from it. */
  readonly commit: string;
  /** When the run began, as ISO 8601. */
  readonly date: string;
  /** How long it took. */
  readonly seconds: number;
  /** Load of the machine over the last minute, before and after: beyond 1 other work ran beside. */
  readonly load: readonly [before: number, after: number];
  readonly members: readonly number[];
  readonly modes: readonly string[];
  readonly repeats: number;
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
  /** Whether all bars are met. */
  readonly ok: boolean;
}

/** Measures and reports. Throws PrivacyError `unknownMode`, OverheadError `unexpected`. */
export async function reportOverhead(options: MeasureOptions): Promise<Report> {
  const { members, modes, repeats } = options;
  const date = new Date().toISOString();
  const measured = commit();
  const before = load();
  const began = performance.now();
  const samples = await measure(options);
  const bars = barsOf(samples);
  return {
    machine: machine(),
    versions: versions(),
    commit: measured,
    date,
    seconds: Math.round((performance.now() - began) / 1000),
    load: [before, load()],
    members,
    modes,
    repeats,
    rows: rowsOf(samples, modes),
    bars,
    ok: bars.every(({ ok }) => ok),
  };
}
