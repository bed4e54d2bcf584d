// A hub and two followers that really run, and the devices of their users: what the whole life of a room is played on,
// whatever its mode. The hub keeps its rooms on disk, so that it can be started again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { accept, LoopbackWorld, nameOf, type Party } from '../../ts/evidence/loopback/world.ts';
import type { Deployment } from '../../ts/provider/index.ts';
import { roomUri } from '../../ts/wire/index.ts';

export { accept, nameOf, type Party };

export const HUB = 'a.example';
export const FOLLOWERS = ['b.example', 'c.example'] as const;

/** Three providers, and the devices that are open. */
export class ModeWorld extends LoopbackWorld {
  readonly #folder: string;

  private constructor(deployment: Deployment, folder: string) {
    const onDisk = { store: 'lmdb', storePath: join(folder, 'store') } as const;
    const settings = (domain: string) => (domain === HUB ? onDisk : {});
    super({ domains: [HUB, ...FOLLOWERS], deployment, settings });
    this.#folder = folder;
  }

  static open(deployment: Deployment = 'enterprise'): Promise<ModeWorld> {
    return new ModeWorld(deployment, mkdtempSync(join(tmpdir(), 'exedra-modes-'))).start();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** People that tests have in common: two at the hub's provider, one at each follower. Alice and Bob know everybody. */
export interface Cast {
  readonly world: ModeWorld;
  readonly alice: Party;
  readonly anna: Party;
  readonly bob: Party;
  readonly carol: Party;
}

async function openCast(deployment: Deployment): Promise<Cast> {
  const world = await ModeWorld.open(deployment);
  const alice = await world.device(HUB, 'alice-1');
  const anna = await world.device(HUB, 'anna-1');
  const bob = await world.device(FOLLOWERS[0], 'bob-1');
  const carol = await world.device(FOLLOWERS[1], 'carol-1');
  for (const other of [anna, bob, carol]) await world.connect(alice, other);
  for (const other of [anna, carol]) await world.connect(bob, other);
  return { world, alice, anna, bob, carol };
}

/** A cast that is there before each test, and has nothing to report after it. */
export function castOfTests(deployment: Deployment = 'enterprise'): Cast {
  const cast = {} as Cast;
  beforeAll(async () => {
    Object.assign(cast, await openCast(deployment));
  });
  afterAll(() => cast.world[Symbol.asyncDispose]());
  afterEach(async () => {
    const { world, ...people } = cast;
    expect(world.takeProblems()).toEqual([]);
    await world.closeAllBut(...Object.values(people));
  });
  return cast;
}

let rooms = 0;

/** A new room of the first one, who adds the others; their rooms in this order. */
export async function convene(
  world: ModeWorld,
  mode: string,
  host: Party,
  ...guests: readonly Party[]
): Promise<[Room, ...Room[]]> {
  rooms += 1;
  const room = await host.device.createRoom(roomUri(HUB, `room-${rooms}`), { mode });
  const others: Room[] = [];
  for (const guest of guests) others.push(await world.add(host, room, guest));
  await world.settle();
  return [room, ...others];
}

/** All of them are in one epoch, with the same members, participants and waiting proposals, and can read each other. */
export async function expectAgreement(world: ModeWorld, ...seats: readonly Room[]): Promise<void> {
  await world.settle();
  const views = seats.map((room) => ({
    status: room.status,
    epoch: room.epoch,
    members: [...room.members()].sort((one, other) => one.leafIndex - other.leafIndex),
    participants: room.participants(),
    pending: room.pendingProposals,
  }));
  for (const view of views) expect(view).toEqual(views[0]);
  const marks = seats.map((_, index) => `in epoch ${views[0]?.epoch}, ${index}`);
  for (const [index, room] of seats.entries()) {
    const { acceptedAt } = await room.send(bytes(marks[index] as string));
    expect(acceptedAt).toBeTypeOf('number');
  }
  await world.settle();
  for (const room of seats) {
    const last = (await room.messages()).slice(-marks.length);
    expect(last.map(({ content }) => asText(content))).toEqual(marks);
  }
}

/** Who said what in a room, as this device shows it: the real user where it is known, else the pseudonym. */
export async function heard(room: Room): Promise<string[]> {
  const messages = await room.messages();
  return messages.map(
    ({ real, sender, content }) => `${nameOf(real?.user ?? sender)}: ${asText(content)}`,
  );
}

export const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
export const asText = (content: Uint8Array): string => new TextDecoder().decode(content);
