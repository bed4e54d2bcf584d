// Samples as rows: what each party had of each action in each mode, and how that is to what it had in mode `open`.

import type { Sample } from './measure.ts';
import { PARTIES, type Party, type Share } from './meter.ts';
import { median } from './statistics.ts';

/** The mode that the others are compared with. */
export const BASE_MODE = 'open';

/** One party of an action, or all of them together. */
export type RowParty = Party | 'all';

/** Least and most of the repeats. */
export type Spread = readonly [least: number, most: number];

/** What one party had of one action: medians of the repeats. */
export interface Row {
  readonly mode: string;
  readonly action: string;
  readonly members: number;
  readonly party: RowParty;
  /** Sent and received, in bytes. Of all parties a body counts twice: for who sends and for who receives it. */
  readonly bytes: number;
  readonly sent: number;
  readonly received: number;
  /** Processor time in microseconds. */
  readonly cpuMicros: number;
  readonly spread: { readonly bytes: Spread; readonly cpuMicros: Spread };
  /** How many times as much as the same party had in mode `open`; `null` where that is nothing, or was not measured. */
  readonly relative: { readonly bytes: number | null; readonly cpu: number | null };
}

/** Rows by size, then action, then mode in this order, then party, all parties together last. */
export function rowsOf(samples: readonly Sample[], modes: readonly string[]): Row[] {
  // Who was first changes from round to round.
  const actions = [...new Set(samples.map(({ action }) => action))];
  const rank = ({ members, action, mode }: Sample): number[] => [
    members,
    actions.indexOf(action),
    modes.indexOf(mode),
  ];
  const groups = groupsOf(samples.toSorted((one, other) => compared(rank(one), rank(other))));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { mode, action, members } = first;
    const base = groups.get(keyOf({ mode: BASE_MODE, action, members })) ?? [];
    const parties: RowParty[] = PARTIES.filter((party) => first.shares.has(party));
    return [...parties, 'all' as const].map((party): Row => {
      const shares = group.map((sample) => shareOf(sample, party));
      const bytes = shares.map(bytesOf);
      const cpuMicros = shares.map((share) => share.cpuMicros);
      return {
        mode,
        action,
        members,
        party,
        bytes: Math.round(median(bytes)),
        sent: Math.round(median(shares.map(({ sent }) => sent))),
        received: Math.round(median(shares.map(({ received }) => received))),
        cpuMicros: Math.round(median(cpuMicros)),
        spread: { bytes: spreadOf(bytes), cpuMicros: spreadOf(cpuMicros) },
        relative: {
          bytes: ratioOf(group, base, (sample) => bytesOf(shareOf(sample, party))),
          cpu: ratioOf(group, base, (sample) => shareOf(sample, party).cpuMicros),
        },
      };
    });
  });
}

/** Compares by the first number that differs. */
function compared(one: readonly number[], other: readonly number[]): number {
  return (
    one.map((value, at) => value - (other[at] ?? 0)).find((difference) => difference !== 0) ?? 0
  );
}

/** What is measured of a sample. */
type Figure = (sample: Sample) => number;

export const allBytes: Figure = (sample) => bytesOf(shareOf(sample, 'all'));
export const allCpu: Figure = (sample) => shareOf(sample, 'all').cpuMicros;

/** The median of the ratios of what was measured in one round; `null` where there are none. */
export function ratioOf(
  samples: readonly Sample[],
  base: readonly Sample[],
  figure: Figure,
): number | null {
  const byRepeat = new Map(base.map((sample) => [sample.repeat, figure(sample)]));
  const ratios = samples.flatMap((sample) => {
    const beside = byRepeat.get(sample.repeat);
    return beside === undefined || beside === 0 ? [] : [figure(sample) / beside];
  });
  return ratios.length === 0 ? null : rounded(median(ratios));
}

const rounded = (ratio: number): number => Math.round(ratio * 1000) / 1000;

/** The samples of an action in a mode, at a size. */
export function samplesOf(
  samples: readonly Sample[],
  wanted: Pick<Sample, 'mode' | 'action' | 'members'>,
): Sample[] {
  return samples.filter((sample) => keyOf(sample) === keyOf(wanted));
}

function groupsOf(samples: readonly Sample[]): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(keyOf(sample));
    if (group === undefined) groups.set(keyOf(sample), [sample]);
    else group.push(sample);
  }
  return groups;
}

const keyOf = ({ mode, action, members }: Pick<Sample, 'mode' | 'action' | 'members'>): string =>
  JSON.stringify([members, action, mode]);

const NOTHING: Share = { sent: 0, received: 0, cpuMicros: 0 };

function shareOf({ shares }: Sample, party: RowParty): Share {
  if (party !== 'all') return shares.get(party) ?? NOTHING;
  return [...shares.values()].reduce((sum, { sent, received, cpuMicros }) => ({
    sent: sum.sent + sent,
    received: sum.received + received,
    cpuMicros: sum.cpuMicros + cpuMicros,
  }));
}

const bytesOf = ({ sent, received }: Share): number => sent + received;

function spreadOf(values: readonly number[]): Spread {
  return [Math.min(...values), Math.max(...values)];
}
