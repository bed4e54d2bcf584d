// Plays the story in several modes, step by step side by side, and gives the account of it.

import { ExedraError } from '../../errors.ts';
import { DemoError } from './error.ts';
import type { ProviderProcess } from './provider_process.ts';
import { lineOf, linesOf } from './sight.ts';
import type { Step, Story } from './story.ts';
import type { Readings } from './watch.ts';

/** One mode's play as it went. */
export interface Play {
  readonly story: Story;
  readonly steps: Step[];
  /** What ended the play before its end. */
  error?: unknown;
  /** Of a play that came to its end. */
  readings?: Readings;
}

/** A step of all modes: in each how it went, `undefined` where the play had ended before. */
export interface StepRow {
  readonly number: number;
  readonly name: string;
  readonly steps: readonly (Step | undefined)[];
}

export interface PlayOptions {
  readonly hub: ProviderProcess;
  /** Ends the plays before their next step. */
  readonly stopped: AbortSignal;
  readonly onStep: (row: StepRow) => void;
}

/**
 * Plays every step in all modes at once; a mode in which something is not as it must be ends, the others go on.
 * @throws DemoError when the hub does not come back.
 */
export async function playAll(
  stories: readonly Story[],
  { hub, stopped, onStep }: PlayOptions,
): Promise<Play[]> {
  const plays = stories.map((story): Play => ({ story, steps: [] }));
  const scenes = stories[0]?.scenes ?? [];
  try {
    for (const [index, { name, hubIsDown }] of scenes.entries()) {
      if (stopped.aborted) stop(plays);
      if (plays.every(({ error }) => error !== undefined)) break;
      const played = (hubIsUp: Promise<void>) =>
        Promise.all(plays.map((play) => next(play, index, hubIsUp)));
      const steps = await (hubIsDown ? duringOutage(hub, played) : played(Promise.resolve()));
      onStep({ number: index + 1, name, steps });
    }
    for (const play of plays) {
      if (play.error === undefined) play.readings = await play.story.readings();
    }
  } finally {
    for (const { story } of plays) await story.close();
  }
  return plays;
}

/** Kills the hub, and brings it back while something goes on, which is told when it is there. */
async function duringOutage<Result>(
  hub: ProviderProcess,
  act: (hubIsBack: Promise<void>) => Promise<Result>,
): Promise<Result> {
  await hub.stop('SIGKILL');
  const back = hub.start();
  const [result] = await Promise.all([act(back), back]);
  return result;
}

async function next(play: Play, index: number, hubIsUp: Promise<void>): Promise<Step | undefined> {
  if (play.error !== undefined) return undefined;
  try {
    const step = await play.story.play(index, hubIsUp);
    play.steps.push(step);
    return step;
  } catch (error) {
    play.error = error;
    return undefined;
  }
}

/** Ends the plays that still go on. */
function stop(plays: readonly Play[]): void {
  for (const play of plays) play.error ??= new DemoError('The demo was stopped.');
}

/** The first error that ended a play, with its mode. */
export function failureOf(plays: readonly Play[]): { mode: string; error: unknown } | undefined {
  const failed = plays.find(({ error }) => error !== undefined);
  return failed && { mode: failed.story.mode, error: failed.error };
}

/** The account of all modes as one object; errors by code and message. */
export function accountOf(plays: readonly Play[], followers: number, restarts: number) {
  const failure = failureOf(plays);
  return {
    ok: failure === undefined,
    modes: Object.fromEntries(plays.map((play) => [play.story.mode, modeAccount(play)])),
    followers,
    restarts,
    error: failure && described(failure.error),
  };
}

function modeAccount({ story, steps, error }: Play) {
  return {
    ok: error === undefined,
    sent: story.sent,
    delivered: story.delivered,
    steps: steps.map(({ name, ms, hub, followers }) => ({
      name,
      ms,
      hubSaw: hub.entries.map(lineOf),
      followerSaw: linesOf(followers),
    })),
    error: error === undefined ? undefined : described(error),
  };
}

function described(error: unknown): { code: string; message: string } {
  if (error instanceof ExedraError) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
