// What the modes may cost beside each other, as ratios within one run: the bars of docs/overhead.md.

import type { Sample } from './measure.ts';
import { allBytes, allCpu, ratioOf, samplesOf } from './rows.ts';

/** A bar and whether it is met. */
export interface Bar {
  readonly name: string;
  /** The size at which it was judged. */
  readonly members: number;
  /** The most that the ratio may be. */
  readonly limit: number;
  /** The ratio that was measured, of all parties together; `null` where one of the modes was not measured. */
  readonly value: number | null;
  readonly ok: boolean;
}

/** The size that the bars are for; where it was not measured they are judged at the largest one that was. */
const BAR_MEMBERS = 200;

const limits = [
  {
    mode: 'hub-visible',
    base: 'pseudonymous',
    actions: ['add', 'commit'],
    of: 'bytes',
    limit: 1.1,
  },
  { mode: 'hub-visible', base: 'pseudonymous', actions: ['add', 'commit'], of: 'CPU', limit: 1.25 },
  {
    mode: 'pseudonymous',
    base: 'open',
    actions: ['add', 'commit', 'message'],
    of: 'bytes',
    limit: 1.2,
  },
] as const;

/** All bars, judged. */
export function barsOf(samples: readonly Sample[]): Bar[] {
  const sizes = new Set(samples.map(({ members }) => members));
  const members = sizes.has(BAR_MEMBERS) ? BAR_MEMBERS : Math.max(...sizes);
  return limits.flatMap(({ mode, base, actions, of, limit }) =>
    actions.map((action): Bar => {
      const [mine, theirs] = [mode, base].map((name) =>
        samplesOf(samples, { mode: name, action, members }),
      );
      const value = ratioOf(mine ?? [], theirs ?? [], of === 'bytes' ? allBytes : allCpu);
      const name = `${action}: ${of} of ${mode} beside ${base}`;
      return { name, members, limit, value, ok: value !== null && value <= limit };
    }),
  );
}
