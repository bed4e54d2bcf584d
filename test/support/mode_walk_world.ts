// The world of random lives of rooms: people at three providers, their devices, what is known of each room, and a log of
// what was done. An outcome that was not expected ends the life.

import {
  ClientError,
  type Connection,
  type Device,
  isClientError,
  type KeyValue,
  memoryKeyValue,
  type Problem,
  type Room,
} from '../../ts/client/index.ts';
import { namesOf } from '../../ts/client/invite.ts';
import { ownUser, policyOf } from '../../ts/client/member_room.ts';
import { bansOf } from '../../ts/client/sealed_bans.ts';
import type { RoomState } from '../../ts/client/state/device_state.ts';
import { modeNamed } from '../../ts/privacy/index.ts';
import { roleOf } from '../../ts/room/index.ts';
import type { ClientUri, RoomUri, UserUri } from '../../ts/wire/index.ts';
import type { World } from './in_process_connection.ts';
import type { Expected, Standing } from './mode_walk_rights.ts';
import { peek } from './peek.ts';
import type { Seeded } from './seed.ts';

export const DOMAINS = ['a.example', 'b.example', 'c.example'] as const;
/** Users by domain, with how many devices each. */
const PEOPLE = [
  ['a.example', 'ann', 2],
  ['a.example', 'abe', 1],
  ['b.example', 'ben', 2],
  ['b.example', 'bea', 1],
  ['c.example', 'cat', 1],
  ['c.example', 'cid', 1],
] as const;

/** What a device may answer when it is asked for what cannot be. */
const REFUSALS = [
  'refused',
  'noKeyMaterial',
  'notActive',
  'badLink',
  'roomExists',
  'noSuchRoom',
] as const;
/** What it may answer besides while others act at the same time and providers restart. */
export const PASSING = ['unavailable', 'unknown', 'contended', 'badGroupInfo'] as const;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A device from one join to its end: under which client it took part, and since which epoch. */
export interface Stint {
  readonly client: ClientUri;
  readonly since: bigint;
  /** It declined the invitation: what came meanwhile it may have, or not. */
  declined?: boolean;
}

/** A device's place in the world; the device in it may be lost and replaced. */
export interface Seat {
  readonly name: string;
  readonly domain: string;
  readonly user: UserUri;
  device: Device;
  storage: KeyValue;
  /** Of its queues, where it has any. */
  queues: KeyValue;
  online: boolean;
  /** Whether a device was lost here: what still comes for it, its successor cannot open. */
  replaced: boolean;
  readonly problems: Problem[];
  /** By room, as far as the present storage knows. */
  stints: Map<RoomUri, Stint[]>;
}

/** What is known of a room. */
export interface WalkRoom {
  readonly uri: RoomUri;
  /** Who was in the room, by epoch, as the first device said that showed it. */
  readonly rosters: Map<bigint, readonly ClientUri[]>;
  /** Messages that the hub has acknowledged. */
  readonly accepted: Set<string>;
  readonly links: string[];
  /** Leaves of devices that are lost. */
  readonly ghosts: Set<ClientUri>;
  /** Devices that were lost outside of it: an invitation may have been on its way to each. */
  unseen: number;
  /** W and link keys of devices, as they were when all was quiet. */
  readonly kept: Map<string, { readonly stint: Stint; readonly row: Uint8Array }>;
}

export const ownLeaf = ({ roster, group }: RoomState) =>
  group === undefined ? undefined : roster.get(group.ownLeafIndex);

export class WalkWorld implements AsyncDisposable {
  readonly mode: string;
  readonly world: World;
  readonly random: Seeded;
  readonly seats: Seat[] = [];
  readonly rooms: WalkRoom[] = [];
  readonly log: string[] = [];
  /** How often each kind of action was done and refused. */
  readonly counts = new Map<string, { done: number; refused: number }>();
  /** How many links of later members were tried with the keys of removed ones. */
  laterLinks = 0;
  #messages = 0;

  protected constructor(mode: string, world: World, random: Seeded) {
    this.mode = mode;
    this.world = world;
    this.random = random;
  }

  /** Seats everybody, and lets all know each other. */
  protected async populate(): Promise<void> {
    for (const [domain, person, devices] of PEOPLE) {
      for (let number = 1; number <= devices; number++) {
        this.seats.push(await this.sit(domain, `${person}-${number}`));
      }
    }
    await this.#acquaint();
  }

  /** Whether identities are hidden, and whether the hub judges: what the expectations depend on. */
  get hides(): boolean {
    return modeNamed(this.mode).credentials.hidesIdentities;
  }

  get orders(): boolean {
    return modeNamed(this.mode).hub === 'orders';
  }

  async sit(domain: string, name: string): Promise<Seat> {
    const seat = {
      name,
      domain,
      online: true,
      replaced: false,
      problems: [],
      stints: new Map(),
    } as unknown as Seat;
    seat.storage = memoryKeyValue();
    seat.queues = memoryKeyValue();
    await this.openOn(seat);
    return Object.assign(seat, { user: seat.device.account.user });
  }

  async openOn(seat: Seat): Promise<void> {
    const wrap = (connection: Connection): Connection => ({
      call: (...call) => {
        if (!seat.online) throw new ClientError('unavailable');
        return connection.call(...call);
      },
    });
    const { storage, queues } = seat;
    seat.device = await this.world.reopen(seat.domain, seat.name, { storage, queues, wrap });
    seat.device.on('problem', (problem) => seat.problems.push(problem));
    seat.device.on('members', ({ room }) => this.noteRosterOf(seat, room));
    await this.publish(seat);
  }

  async publish({ device, online }: Seat): Promise<void> {
    if (!online) return;
    if (modeNamed(this.mode).credentials.keyPackageSets === undefined) {
      await device.publishKeyPackages(3);
    } else {
      await device.connections.publish(3);
    }
  }

  /** Everybody may add everybody. */
  async #acquaint(): Promise<void> {
    const people = this.seats.filter(({ name }) => name.endsWith('-1'));
    for (const [index, one] of people.entries()) {
      for (const other of people.slice(index + 1)) {
        await one.device.allow(other.user);
        await other.device.allow(one.user);
        if (modeNamed(this.mode).credentials.keyPackageSets === undefined) continue;
        await one.device.connections.connect(other.user);
        await other.device.connections.check();
        await other.device.connections.accept(one.user);
        await one.device.connections.check();
      }
    }
  }

  noteRosterOf(seat: Seat, uri: RoomUri): void {
    const room = seat.device.room(uri);
    if (room?.status !== 'active') return;
    this.noteRoster(
      uri,
      room.epoch,
      room.members().map(({ client }) => client),
    );
  }

  /** All who show an epoch show the same members. */
  noteRoster(uri: RoomUri, epoch: bigint, clients: readonly ClientUri[]): void {
    const known = this.rooms.find((room) => room.uri === uri)?.rosters;
    const sorted = [...clients].sort();
    const before = known?.get(epoch);
    if (before === undefined) known?.set(epoch, sorted);
    else if (before.join() !== sorted.join()) {
      throw this.failure(`epoch ${epoch} of ${uri} has two rosters: ${before} and ${sorted}`);
    }
  }

  /** The room of a seat when it can act there. */
  roomOf(seat: Seat, { uri }: WalkRoom): Room | undefined {
    const room = seat.device.room(uri);
    return room?.status === 'active' ? room : undefined;
  }

  activeIn(room: WalkRoom): Seat[] {
    return this.seats.filter((seat) => this.roomOf(seat, room) !== undefined);
  }

  /** Notes under which name a seat takes part from now on. */
  async noteStint(seat: Seat, { uri }: WalkRoom): Promise<void> {
    const stint = await peek(seat, (state) => {
      const room = state.rooms.get(uri);
      const own = room && ownLeaf(room);
      return own && { client: own.client, since: room.row.joinedEpoch };
    });
    if (stint === undefined) return;
    const stints = seat.stints.get(uri) ?? [];
    const last = stints.at(-1);
    if (last?.client !== stint.client || last.since !== stint.since) stints.push(stint);
    seat.stints.set(uri, stints);
  }

  standing(seat: Seat, { uri }: WalkRoom, target: UserUri): Promise<Standing | undefined> {
    return peek(seat, (state) => {
      const room = state.rooms.get(uri);
      const own = room && ownLeaf(room);
      if (room === undefined || own === undefined) return undefined;
      const policy = policyOf(room);
      const user = ownUser(room) as UserUri;
      const role = roleOf(policy, user);
      const known = room.membership?.current.linkKeys;
      const clients = [...room.roster.values()].map(({ client }) => client);
      const knowsAll = !this.hides || clients.every((client) => known?.has(client));
      const names = namesOf(room, target);
      const banned = bansOf(room, target).length > 0;
      return { user, client: own.client, role, policy, knowsAll, names, banned };
    });
  }

  failure(why: string, cause?: unknown): Error {
    const tail = this.log.slice(-40).join('\n  ');
    const of = `mode ${this.mode}, EXEDRA_TEST_SEED=${this.random.seed}`;
    return new Error(`${why}\n(${of}; what was done last:\n  ${tail})`, { cause });
  }

  count(kind: string, outcome: 'done' | 'refused'): void {
    const count = this.counts.get(kind) ?? { done: 0, refused: 0 };
    count[outcome] += 1;
    this.counts.set(kind, count);
  }

  /** Does something and compares the outcome with what was expected; gives whether it was done. */
  async try(
    kind: string,
    what: string,
    expected: Expected,
    run: () => Promise<unknown>,
    also: readonly (typeof PASSING)[number][] = [],
  ): Promise<boolean> {
    const entry = this.log.push(`${kind} ${what}`) - 1;
    try {
      await run();
    } catch (error) {
      const typed = isClientError(error, ...REFUSALS, ...also);
      const rule = typed ? `${error.code} ${error.details.rule ?? error.details.code ?? ''}` : '';
      if (!typed) throw this.failure(`${kind} failed: ${error}`, error);
      this.log[entry] += ` -> ${rule}`;
      if (expected === 'allowed') throw this.failure(`${kind} was refused: ${rule}`, error);
      this.count(kind, 'refused');
      return false;
    }
    if (expected === 'refused') throw this.failure(`${kind} was not refused`);
    this.count(kind, 'done');
    return true;
  }

  /** Sends a text that nobody has sent before. */
  async send(
    seat: Seat,
    room: WalkRoom,
    also: readonly (typeof PASSING)[number][] = [],
  ): Promise<boolean> {
    this.#messages += 1;
    const text = `${seat.name} says ${this.#messages}`;
    // Offline it is kept for later; else a removal that the device has not seen yet can refuse it.
    await this.try(
      'message',
      `${text} ${seat.online ? '' : '(offline)'}`,
      'either',
      async () => {
        const sent = await this.roomOf(seat, room)?.send(bytes(text));
        if (sent?.acceptedAt !== undefined) room.accepted.add(text);
      },
      also,
    );
    return true;
  }

  async answer(seat: Seat, answer: 'accept' | 'decline'): Promise<void> {
    const invitation = this.random.pick(seat.device.invitations());
    const room = this.rooms.find(({ uri }) => uri === invitation.room) as WalkRoom;
    await this.noteStint(seat, room);
    if (answer === 'decline') {
      const stint = seat.stints.get(room.uri)?.at(-1);
      if (stint !== undefined) stint.declined = true;
    }
    await this.try(answer, `${seat.name} ${this.nameOf(room)}`, 'either', () =>
      invitation[answer](),
    );
  }

  async close({ device }: Seat): Promise<void> {
    this.world.devices.delete(device);
    await device.close();
  }

  /** What was done, for who wants to know. */
  report(): string {
    const counts = [...this.counts].map(
      ([kind, { done, refused }]) => `${kind} ${done}/${refused}`,
    );
    return `${counts.join(', ')}; links of later members tried: ${this.laterLinks}`;
  }

  nameOf({ uri }: WalkRoom): string {
    return uri.slice(-4);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}
