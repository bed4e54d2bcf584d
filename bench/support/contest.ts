// One operation by all who can do it, in turn: round by round, each time in the other order, so that what else the
// machine does hits all alike. The ratio is the median of the rounds' ratios.

import { Bench, type FnOptions } from 'tinybench';
import { median, quantile } from '../../ts/evidence/overhead/statistics.ts';
import { barsOf, meets } from './bars.ts';
import type { Crowd } from './crowd.ts';
import type { Native } from './native.ts';
import type { Result } from './result.ts';

/** What is timed, and what surrounds each time untimed. */
export interface Task {
  readonly run: () => unknown;
  readonly options?: FnOptions;
  /** How often one call of `run` does it, where a single time is too short to measure; once when not given. */
  readonly times?: number;
}

/** What takes too short a time to be measured once. */
export function repeated(times: number, run: () => unknown): Task {
  return {
    run: () => {
      for (let done = 0; done < times; done++) run();
    },
    times,
  };
}

/** An operation; where a rival cannot do it, it has none. */
export interface Operation<Subject> {
  readonly name: string;
  readonly ours: (subject: Subject) => Task;
  readonly tsMls?: (subject: Subject) => Task | Promise<Task>;
  /** What others that need no group offer for the same, by their names. */
  readonly rivals?: Readonly<Record<string, () => Task>>;
  /** For which each contestant is timed in each round at the most, where there are many such operations. */
  readonly millis?: number;
  /** Whether the native rival has an operation of this name. */
  readonly native?: true;
}

export type GroupOperation = Operation<Crowd>;
/** One that needs no group. */
export type LoneOperation = Operation<undefined>;

export interface Effort {
  readonly rounds: number;
  /** For which each contestant is timed in each round. */
  readonly millis: number;
}

type Contestant = (effort: Effort) => Promise<number[]>;

/**
 * Samples of a task, in microseconds. Whether it is asynchronous is said, because tinybench would find out by a call
 * of its own, without what belongs before and after it.
 */
async function samplesOf(
  { run, options, times = 1 }: Task,
  { millis }: Effort,
  async = false,
): Promise<number[]> {
  const measure = async (time: number, iterations: number): Promise<number[]> => {
    const bench = new Bench({
      time,
      iterations,
      warmup: false,
      retainSamples: true,
      throws: true,
    });
    bench.add('task', run, { ...options, async });
    const [task] = await bench.run();
    const result = task?.result;
    if (result?.state !== 'completed') throw new Error(`A benchmark ended as ${result?.state}.`);
    return (result.latency.samples ?? []).map((duration) => (duration * 1000) / times);
  };
  if (options?.beforeEach === undefined) return measure(millis, 1);
  // What comes before each time may take a hundred times as long as what is timed: a commit on a bulk-added tree does.
  const started = performance.now();
  const first = await measure(0, fewest);
  const millisEach = (performance.now() - started) / fewest;
  const timedEach = median(first) / 1000;
  const most = Math.min(millis / timedEach, (surroundings * millis) / millisEach);
  return most <= fewest ? first : measure(0, Math.ceil(most));
}

/** How often a task is timed in a round at the least. */
const fewest = 3;
/** How many times as long as a round's timed part all of it may take, with what surrounds each time. */
const surroundings = 6;

const turnedTo = <Item>(items: readonly Item[], round: number): readonly Item[] =>
  round % 2 === 0 ? items : items.toReversed();

/** Whoever takes longer than this for one run is measured in one round only. */
const slowMicros = 400_000;

/** Runs all contestants round by round; the first round is for warming up. */
async function roundsOf(
  contestants: ReadonlyMap<string, Contestant>,
  effort: Effort,
): Promise<Map<string, number[][]>> {
  const rounds = new Map([...contestants.keys()].map((name) => [name, [] as number[][]]));
  const slow = new Set<string>();
  for (let round = 0; round <= effort.rounds; round++) {
    const millis = round === 0 ? effort.millis / 3 : effort.millis;
    for (const [name, contestant] of turnedTo([...contestants], round)) {
      if (slow.has(name) && round > 1) continue;
      const samples = await contestant({ ...effort, millis });
      if (round > 0) rounds.get(name)?.push(samples);
      else if (median(samples) > slowMicros) slow.add(name);
    }
  }
  return rounds;
}

/** Measures an operation beside its rivals. */
export async function contest<Subject>(
  operation: Operation<Subject>,
  subject: Subject,
  native: Native | undefined,
  members: number,
  effort: Effort,
  suffix = '',
): Promise<Result> {
  const { name } = operation;
  const contestants = new Map<string, Contestant>();
  const ours = operation.ours(subject);
  contestants.set('ours', (of) => samplesOf(ours, of));
  const tsMls = await operation.tsMls?.(subject);
  if (tsMls !== undefined) contestants.set('ts-mls', (of) => samplesOf(tsMls, of, true));
  for (const [rival, taskOf] of Object.entries(operation.rivals ?? {})) {
    const task = taskOf();
    contestants.set(rival, (of) => samplesOf(task, of));
  }
  if (operation.native && native !== undefined) {
    contestants.set('native OpenMLS', ({ millis }) => native.measure(name, Math.ceil(millis)));
  }
  const millis = Math.min(effort.millis, operation.millis ?? effort.millis);
  const rounds = await roundsOf(contestants, { ...effort, millis });
  return resultOf(`${name}${suffix}`, members, rounds);
}

function resultOf(
  name: string,
  members: number,
  rounds: ReadonlyMap<string, readonly number[][]>,
): Result {
  const ours = rounds.get('ours') ?? [];
  const all = ours.flat();
  const rivals: Record<string, { median: number }> = {};
  const ratio: Record<string, number> = {};
  for (const [rival, theirs] of rounds) {
    if (rival === 'ours') continue;
    rivals[rival] = { median: median(theirs.flat()) };
    // A slow one has fewer rounds than the others.
    const both = Math.min(theirs.length, ours.length);
    const ratios = Array.from({ length: both }, (_, round) => {
      return median(theirs[round] ?? []) / median(ours[round] ?? []);
    });
    ratio[rival] = median(ratios);
  }
  const bars = barsOf(name, members).filter(({ rival }) => ratio[rival] !== undefined);
  return {
    name,
    members,
    unit: 'µs',
    ours: { median: median(all), p75: quantile(all, 0.75) },
    rivals,
    ratio,
    bar: bars[0]?.least ?? null,
    ok: bars.every((bar) => meets(bar, ratio[bar.rival] as number)),
  };
}
