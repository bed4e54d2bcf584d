// The measurement: one room of each mode grows from size to size, and at each size every action is done in all modes in
// turn, so that whatever else the machine does hits them alike.

import { modeNamed } from '../../privacy/index.ts';
import { roomUri } from '../../wire/index.ts';
import { creating, roomActions, type Scene } from './actions.ts';
import { acquaint, Crowd, publish } from './crowd.ts';
import { mustBe } from './error.ts';
import type { Shares } from './meter.ts';
import { FOLLOWER, HUB, Stage } from './stage.ts';

/** The sizes of rooms that are measured by default. */
export const DEFAULT_MEMBERS: readonly number[] = [2, 10, 50, 200, 1000];
/** How often each action is measured by default, after one time that is not counted. */
export const DEFAULT_REPEATS = 5;
/** The sender and the receiver. */
export const FEWEST_MEMBERS = 2;
/** How often the guest is added in one round. */
const ADDED_A_ROUND = 2;

export interface MeasureOptions {
  /** Sizes of the rooms, each at least 2. */
  readonly members: readonly number[];
  /** Names of the modes. */
  readonly modes: readonly string[];
  /** How often each action is measured, at least once. */
  readonly repeats: number;
  /** Is told how far it is: a part of 1, and what is under way. */
  readonly onProgress?: ((part: number, what: string) => void) | undefined;
}

/** One action, once. */
export interface Sample {
  readonly mode: string;
  readonly action: string;
  /** In the room when the action began; of an action that adds or takes out, those besides who comes or goes. */
  readonly members: number;
  /** Which time it was, from 0. */
  readonly repeat: number;
  readonly shares: Shares;
}

/** Measures all actions. Throws PrivacyError `unknownMode`, OverheadError `unexpected`. */
export async function measure({
  members,
  modes,
  repeats,
  onProgress = () => undefined,
}: MeasureOptions): Promise<Sample[]> {
  for (const mode of modes) modeNamed(mode);
  const sizes = [...new Set(members)].sort((one, other) => one - other);
  mustBe((sizes[0] ?? 0) >= FEWEST_MEMBERS && repeats >= 1, 'sizes and repeats can be measured');
  const work = new Work(expected(sizes, modes.length, repeats), onProgress);
  const stage = await Stage.open();
  try {
    const samples = await measureCreation(stage, modes, repeats, work);
    const scenes: Scene[] = [];
    for (const mode of modes) scenes.push(await openScene(stage, mode));
    const crowd = new Crowd(stage, scenes);
    for (const size of sizes) {
      await grow(stage, crowd, scenes, size, work);
      samples.push(...(await measureSize(scenes, size, repeats, work)));
    }
    return samples;
  } finally {
    await stage[Symbol.asyncDispose]();
  }
}

/** A room with the two who act in it. */
async function openScene(stage: Stage, mode: string): Promise<Scene> {
  const host = await stage.device(HUB, `sender-${mode}`);
  const member = await stage.device(FOLLOWER, `receiver-${mode}`);
  const guest = await stage.device(FOLLOWER, `guest-${mode}`);
  for (const device of [member, guest]) await publish(device, [mode], 1);
  await acquaint(mode, host, member);
  await acquaint(mode, host, guest);
  const room = await host.createRoom(roomUri(HUB, `room-${mode}`), { mode });
  await room.invite(member.account.user);
  await stage.settle(host, member);
  const invitation = member.invitations()[0];
  mustBe(invitation !== undefined, 'the receiver is invited');
  await invitation.accept();
  await stage.settle(host, member);
  return { stage, mode, host, member, guest, room };
}

async function grow(
  stage: Stage,
  crowd: Crowd,
  scenes: readonly Scene[],
  size: number,
  work: Work,
): Promise<void> {
  const text = size.toLocaleString('en');
  await crowd.reach(size - FEWEST_MEMBERS, () => work.done(COMING, `${text} users come`));
  for (const scene of scenes) {
    await crowd.fill(scene, size, (count) => {
      work.done(count * addingSeconds(size), `${scene.mode} grows to ${text} members`);
    });
    // Its path in the tree is as new as the sender's.
    await scene.member.room(scene.room.uri)?.selfUpdate();
    await stage.settle(scene.host, scene.member);
  }
}

async function measureCreation(
  stage: Stage,
  modes: readonly string[],
  repeats: number,
  work: Work,
): Promise<Sample[]> {
  const creators = new Map(
    await Promise.all(
      modes.map(async (mode) => [mode, await stage.device(HUB, `creator-${mode}`)] as const),
    ),
  );
  const samples: Sample[] = [];
  for (let repeat = -1; repeat < repeats; repeat++) {
    for (const [mode, creator] of turned([...creators], repeat)) {
      work.done(actingSeconds(1), `${creating.name}, ${mode}`);
      const shares = await creating.run(stage, mode, creator);
      if (repeat >= 0) samples.push({ mode, action: creating.name, members: 1, repeat, shares });
    }
  }
  for (const creator of creators.values()) await stage.close(creator);
  return samples;
}

/** The first round is for warming up. */
async function measureSize(
  scenes: readonly Scene[],
  members: number,
  repeats: number,
  work: Work,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let repeat = -1; repeat < repeats; repeat++) {
    for (const { guest, mode } of scenes) await publish(guest, [mode], ADDED_A_ROUND);
    for (const action of roomActions) {
      for (const scene of turned(scenes, repeat)) {
        const { mode } = scene;
        const text = `${members.toLocaleString('en')} members: ${action.name}, ${mode}`;
        work.done(actingSeconds(members), text);
        const shares = await action.run(scene);
        if (repeat >= 0) samples.push({ mode, action: action.name, members, repeat, shares });
      }
    }
  }
  return samples;
}

/** Each round begins with another one. */
function turned<Item>(items: readonly Item[], round: number): Item[] {
  const at = (((round + 1) % items.length) + items.length) % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** How long things take on some machine, in seconds: only so that a progress bar moves evenly. */
const COMING = 0.05;
const addingSeconds = (members: number): number => 0.02 + members * 0.00007;
const actingSeconds = (members: number): number => 0.03 + members * 0.0005;

function expected(sizes: readonly number[], modes: number, repeats: number): number {
  const rounds = (repeats + 1) * modes;
  let seconds = rounds * actingSeconds(1);
  let before = FEWEST_MEMBERS;
  for (const size of sizes) {
    seconds += (size - before) * (COMING + modes * addingSeconds(size));
    seconds += rounds * roomActions.length * actingSeconds(size);
    before = size;
  }
  return seconds;
}

/** How much is done of all. */
class Work {
  readonly #all: number;
  readonly #tell: (part: number, what: string) => void;
  #done = 0;

  constructor(all: number, tell: (part: number, what: string) => void) {
    this.#all = all;
    this.#tell = tell;
  }

  done(seconds: number, what: string): void {
    this.#done += seconds;
    this.#tell(Math.min(1, this.#done / this.#all), what);
  }
}
