// Random lives of rooms of one mode, over providers of this process: people who create, invite, talk, quarrel, lose
// devices and come back, while providers restart. What the policy permits is known before; everything else is refused.

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
import { DeviceState, type RoomState } from '../../ts/client/state/device_state.ts';
import { HOT_PREFIX } from '../../ts/client/state/keys.ts';
import { modeNamed } from '../../ts/privacy/index.ts';
import {
  BANNED_ROLE,
  NO_ROLE,
  type RoomState as PolicyState,
  roleOf,
} from '../../ts/room/index.ts';
import type { ClientUri, RoomUri, UserUri } from '../../ts/wire/index.ts';
import { World } from './in_process_connection.ts';
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
const PASSING = ['unavailable', 'unknown', 'contended', 'badGroupInfo'] as const;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A device from one join to its end: under which client it took part, and since which epoch. */
export interface Stint {
  readonly client: ClientUri;
  readonly since: bigint;
}

/** A device's place in the world; the device in it may be lost and replaced. */
export interface Seat {
  readonly name: string;
  readonly domain: string;
  readonly user: UserUri;
  device: Device;
  storage: KeyValue;
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
  /** W and link keys of devices, as they were when all was quiet. */
  readonly kept: Map<string, { readonly stint: Stint; readonly row: Uint8Array }>;
}

type Expected = 'allowed' | 'refused' | 'either';

/** Where a device stands in a room. */
interface Standing {
  readonly user: UserUri;
  readonly client: ClientUri;
  readonly role: number;
  readonly policy: PolicyState;
  /** Whether it knows who each member is: else it cannot tell whether a user is there already. */
  readonly knowsAll: boolean;
  /** What the target of the action is called in the room. */
  readonly names: readonly UserUri[];
}

/** Reads the stored state of a seat. */
export async function peek<Value>(
  { device, storage }: Seat,
  read: (state: DeviceState) => Value,
): Promise<Value> {
  const rows = await storage.load(HOT_PREFIX);
  const state = DeviceState.load(rows, device.account, device.client);
  try {
    return read(state);
  } finally {
    state[Symbol.dispose]();
  }
}

export const ownLeaf = ({ roster, group }: RoomState) =>
  group === undefined ? undefined : roster.get(group.ownLeafIndex);

const RIGHTS = { remove: NO_ROLE, ban: BANNED_ROLE } as const;

export class Walk implements AsyncDisposable {
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

  private constructor(mode: string, world: World, random: Seeded) {
    this.mode = mode;
    this.world = world;
    this.random = random;
  }

  static async open(mode: string, random: Seeded): Promise<Walk> {
    const walk = new Walk(mode, await World.open(...DOMAINS), random);
    for (const [domain, person, devices] of PEOPLE) {
      for (let number = 1; number <= devices; number++) {
        walk.seats.push(await walk.#sit(domain, `${person}-${number}`));
      }
    }
    await walk.#acquaint();
    return walk;
  }

  /** Whether identities are hidden, and whether the hub judges: what the expectations depend on. */
  get #hides(): boolean {
    return modeNamed(this.mode).credentials.hidesIdentities;
  }

  get #orders(): boolean {
    return modeNamed(this.mode).hub === 'orders';
  }

  async #sit(domain: string, name: string): Promise<Seat> {
    const seat = {
      name,
      domain,
      online: true,
      replaced: false,
      problems: [],
      stints: new Map(),
    } as Omit<Seat, 'user'> as Seat;
    seat.storage = memoryKeyValue();
    await this.#openOn(seat);
    return Object.assign(seat, { user: seat.device.account.user });
  }

  async #openOn(seat: Seat): Promise<void> {
    const wrap = (connection: Connection): Connection => ({
      call: (...call) => {
        if (!seat.online) throw new ClientError('unavailable');
        return connection.call(...call);
      },
    });
    const { storage } = seat;
    seat.device = await this.world.reopen(seat.domain, seat.name, { storage, wrap });
    seat.device.on('problem', (problem) => seat.problems.push(problem));
    seat.device.on('members', ({ room }) => this.#noteRoster(seat, room));
    await this.#publish(seat);
  }

  async #publish({ device, online }: Seat): Promise<void> {
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

  #noteRoster(seat: Seat, uri: RoomUri): void {
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

  #standing(seat: Seat, { uri }: WalkRoom, target: UserUri): Promise<Standing | undefined> {
    return peek(seat, (state) => {
      const room = state.rooms.get(uri);
      const own = room && ownLeaf(room);
      if (room === undefined || own === undefined) return undefined;
      const policy = policyOf(room);
      const user = ownUser(room) as UserUri;
      const role = roleOf(policy, user);
      const known = room.membership?.current.linkKeys;
      const clients = [...room.roster.values()].map(({ client }) => client);
      const knowsAll = !this.#hides || clients.every((client) => known?.has(client));
      const names = namesOf(room, target);
      return { user, client: own.client, role, policy, knowsAll, names };
    });
  }

  failure(why: string, cause?: unknown): Error {
    const tail = this.log.slice(-40).join('\n  ');
    const of = `mode ${this.mode}, EXEDRA_TEST_SEED=${this.random.seed}`;
    return new Error(`${why}\n(${of}; what was done last:\n  ${tail})`, { cause });
  }

  #count(kind: string, outcome: 'done' | 'refused'): void {
    const count = this.counts.get(kind) ?? { done: 0, refused: 0 };
    count[outcome] += 1;
    this.counts.set(kind, count);
  }

  /** Does something and compares the outcome with what was expected; gives whether it was done. */
  async #try(
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
      this.#count(kind, 'refused');
      return false;
    }
    if (expected === 'refused') throw this.failure(`${kind} was not refused`);
    this.#count(kind, 'done');
    return true;
  }

  /** One action; what cannot be done just now is passed over for another. */
  async step(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (!(await this.#act(this.random.pick(ACTIONS)))) continue;
      for (const seat of this.seats) {
        if (seat.online && this.random.oneIn(2)) await seat.device.sync();
      }
      return;
    }
    throw this.failure('there is nothing to do');
  }

  async #act(kind: Action): Promise<boolean> {
    const { random } = this;
    const living = this.rooms.filter((room) => this.activeIn(room).length > 0);
    if (kind === 'create') return living.length < 3 && this.#create();
    if (kind === 'reopen') return this.#reopen(random.pick(this.seats));
    if (kind === 'offline') return this.#goOffline(random.pick(this.seats));
    if (kind === 'online') return this.#goOnline();
    if (kind === 'answer') return this.#answer();
    if (kind === 'restart') return this.#restart();
    if (living.length === 0) return this.#create();
    const room = random.pick(living);
    const outside = random.pick(this.seats);
    if (kind === 'joinByLink') return this.#joinByLink(outside, room);
    if (kind === 'secondDevice') return this.#secondDevice(outside, room);
    const seat = random.pick(this.activeIn(room));
    if (kind === 'message') return this.send(seat, room);
    if (!seat.online) return false;
    if (kind === 'lose') return this.#lose(seat);
    if (kind === 'race') return this.#race(room);
    await seat.device.sync();
    if (this.roomOf(seat, room) === undefined) return false;
    return this.#change(kind, seat, room);
  }

  async #create(): Promise<boolean> {
    const seat = this.random.pick(this.seats.filter(({ online }) => online));
    const { mode } = this;
    await this.#try('create', seat.name, 'allowed', async () => {
      const { uri } = await seat.device.createRoom(undefined, { mode });
      const room: WalkRoom = {
        uri,
        rosters: new Map(),
        accepted: new Set(),
        links: [],
        ghosts: new Set(),
        kept: new Map(),
      };
      this.rooms.push(room);
      this.#noteRoster(seat, uri);
      await this.noteStint(seat, room);
      const others = this.seats.filter(({ user }) => user !== seat.user);
      for (const { user } of [this.random.pick(others), this.random.pick(others)]) {
        this.log.push(`  with ${user}`);
        await this.roomOf(seat, room)?.invite(user);
      }
    });
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
    await this.#try(
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

  /** A change of a room by a member that is in step: its outcome is known before. */
  async #change(kind: Action, seat: Seat, room: WalkRoom): Promise<boolean> {
    const target = this.random.pick(this.seats.filter(({ user }) => user !== seat.user));
    const standing = await this.#standing(seat, room, target.user);
    const own = this.roomOf(seat, room);
    if (standing === undefined || own === undefined) return false;
    const what = `${seat.name} in ${this.#nameOf(room)}`;
    const on = `${what}: ${target.user}`;
    // Who is leaving cannot be given another role instead.
    const removes = () => unless(own, this.#mayTakeOut(standing, own, kind as 'remove'));
    switch (kind) {
      case 'selfUpdate':
        return this.#attempt(kind, what, 'allowed', () => own.selfUpdate());
      case 'commitPending':
        if (own.pendingProposals === 0) return false;
        return this.#attempt(kind, what, 'allowed', () => own.commitPending());
      case 'remove':
        return this.#attempt(kind, on, removes(), () => own.remove(target.user));
      case 'ban':
        return this.#attempt(kind, on, removes(), () => own.ban(target.user));
      case 'kick':
        return this.#attempt(kind, on, removes(), () => own.kick(target.user));
      case 'setRole':
        return this.#setRole(standing, own, target.user, on);
      case 'unban':
        return this.#unban(standing, own, what);
      case 'invite':
        if (!standing.knowsAll) return false;
        await this.#publish(target);
        return this.#attempt(kind, on, this.#mayInvite(standing, own, target.user), () =>
          own.invite(target.user),
        );
      case 'createLink': {
        const may = can(standing, 'canCreateJoinCode') && moves(standing, NO_ROLE, 2);
        return this.#attempt(kind, what, may ? 'allowed' : 'refused', async () => {
          room.links.push(await own.createJoinLink());
        });
      }
      case 'retireLinks': {
        const { links } = standing.policy;
        const may = links.length === 0 || can(standing, 'canDeleteJoinCode');
        return this.#attempt(kind, what, may ? 'allowed' : 'refused', () => own.retireJoinLinks());
      }
      case 'leave':
        return this.#attempt(kind, what, 'allowed', () => own.leave());
      default:
        return false;
    }
  }

  async #attempt(
    kind: string,
    what: string,
    expected: Expected,
    run: () => Promise<unknown>,
  ): Promise<true> {
    await this.#try(kind, what, expected, run);
    return true;
  }

  #mayTakeOut(standing: Standing, room: Room, kind: 'remove' | 'ban' | 'kick'): Expected {
    const may = standing.names.every((name) => {
      const from = roleOf(standing.policy, name);
      const to = kind === 'kick' ? from : RIGHTS[kind];
      if (from !== to) return moves(standing, from, to);
      const present = room.members().some(({ user }) => user === name);
      return !present || can(standing, 'canKick');
    });
    return may ? 'allowed' : 'refused';
  }

  #mayInvite(standing: Standing, room: Room, target: UserUri): Expected {
    const { policy } = standing;
    if (this.#hides) {
      if (standing.names.length > 0) return 'allowed';
      return moves(standing, NO_ROLE, 2) ? 'allowed' : 'refused';
    }
    const present = new Set(room.members().map(({ client }) => client as string));
    const clients = this.seats.filter(({ user }) => user === target);
    if (clients.every(({ device }) => present.has(device.client))) return 'allowed';
    // A further device is not added by another user; but it may have left no key package.
    if (clients.some(({ device }) => present.has(device.client))) return 'either';
    const role = roleOf(policy, target);
    if (role === BANNED_ROLE) return 'refused';
    return moves(standing, NO_ROLE, role === NO_ROLE ? 2 : role) ? 'allowed' : 'refused';
  }

  #setRole(
    standing: Standing,
    room: Room,
    target: UserUri,
    on: string,
  ): Promise<boolean> | boolean {
    const roles = standing.names.map((name) => roleOf(standing.policy, name));
    if (roles.length === 0 || roles.some((role) => role <= BANNED_ROLE)) return false;
    const to = this.random.pick([2, 3, 4, 4]);
    const may = roles.every((from) => from === to || moves(standing, from, to));
    const expected = unless(room, may ? 'allowed' : 'refused');
    return this.#attempt('setRole', `${on} ${to}`, expected, () => room.setRole(target, to));
  }

  #unban(standing: Standing, room: Room, what: string): Promise<boolean> | boolean {
    const banned = standing.policy.participants.filter(({ role }) => role === BANNED_ROLE);
    if (banned.length === 0) return false;
    const { user } = this.random.pick(banned);
    const may = moves(standing, BANNED_ROLE, NO_ROLE);
    return this.#attempt('unban', `${what}: ${user}`, may ? 'allowed' : 'refused', () =>
      room.unban(user as UserUri),
    );
  }

  #isOutside(seat: Seat, { uri }: WalkRoom): boolean {
    const status = seat.device.room(uri)?.status;
    return seat.online && (status === undefined || status === 'removed' || status === 'left');
  }

  async #joinByLink(seat: Seat, room: WalkRoom): Promise<boolean> {
    if (room.links.length === 0 || !this.#isOutside(seat, room)) return false;
    const link = this.random.pick(room.links);
    await this.#try('joinByLink', `${seat.name} ${this.#nameOf(room)}`, 'either', () =>
      seat.device.joinByLink(link),
    );
    await this.noteStint(seat, room);
    return true;
  }

  async #secondDevice(seat: Seat, room: WalkRoom): Promise<boolean> {
    const others = this.activeIn(room).filter(({ user }) => user === seat.user);
    if (others.length === 0 || !this.#isOutside(seat, room)) return false;
    return this.#comeIn('secondDevice', seat, room);
  }

  /** A device of a participant comes in by itself, or, where the hub has nothing to give, by a link. */
  async #comeIn(kind: string, seat: Seat, room: WalkRoom): Promise<boolean> {
    const { mode } = this;
    if (this.#orders) {
      const link = room.links.at(-1);
      if (link === undefined) return false;
      await this.#try(kind, `${seat.name} ${this.#nameOf(room)}`, 'either', () =>
        seat.device.joinByLink(link),
      );
    } else {
      await this.#try(kind, `${seat.name} ${this.#nameOf(room)}`, 'either', () =>
        seat.device.joinExternally(room.uri, { mode }),
      );
    }
    await this.noteStint(seat, room);
    return true;
  }

  /** A device loses all that it had, registers anew, and comes back into its rooms where it can. */
  async #lose(seat: Seat): Promise<boolean> {
    const rooms = this.rooms.filter((room) => this.roomOf(seat, room) !== undefined);
    this.log.push(`lose ${seat.name}`);
    const lost = new Map<WalkRoom, ClientUri>();
    for (const room of this.rooms) {
      // What only the lost device has is lost with it.
      for (const text of room.accepted) {
        if (text.startsWith(`${seat.name} says`)) room.accepted.delete(text);
      }
      const own = await peek(seat, (state) => {
        const found = state.rooms.get(room.uri);
        return found && ownLeaf(found);
      });
      if (own === undefined) continue;
      room.ghosts.add(own.client);
      lost.set(room, own.client);
    }
    await this.#close(seat);
    seat.storage = memoryKeyValue();
    seat.stints = new Map();
    seat.replaced = true;
    await this.#openOn(seat);
    this.#count('lose', 'done');
    for (const room of rooms) {
      if (this.random.oneIn(4)) continue;
      await this.#comeIn('rejoin', seat, room);
      const ghost = lost.get(room);
      const own = this.roomOf(seat, room);
      if (ghost === undefined || own === undefined || !this.#hides) continue;
      await this.#try('removeGhost', `${seat.name} ${this.#nameOf(room)}`, 'allowed', () =>
        own.removeClient(ghost),
      );
    }
    return true;
  }

  async #close({ device }: Seat): Promise<void> {
    this.world.devices.delete(device);
    await device.close();
  }

  /** A device is closed and opened again on its storage. */
  async #reopen(seat: Seat): Promise<boolean> {
    if (!seat.online) return false;
    this.log.push(`reopen ${seat.name}`);
    await this.#close(seat);
    await this.#openOn(seat);
    // Rooms are read from the storage when they are asked for first.
    await seat.device.sync();
    return true;
  }

  #goOffline(seat: Seat): boolean {
    const away = this.seats.filter(({ online }) => !online).length;
    if (!seat.online || away >= 3) return false;
    this.log.push(`offline ${seat.name}`);
    seat.online = false;
    return true;
  }

  async #goOnline(): Promise<boolean> {
    const away = this.seats.filter(({ online }) => !online);
    if (away.length === 0) return false;
    const seat = this.random.pick(away);
    this.log.push(`online ${seat.name}`);
    seat.online = true;
    await seat.device.sync();
    return true;
  }

  /** Somebody answers an invitation. */
  async #answer(): Promise<boolean> {
    const invited = this.seats.filter(
      ({ online, device }) => online && device.invitations().length > 0,
    );
    if (invited.length === 0) return false;
    await this.answer(this.random.pick(invited), this.random.oneIn(6) ? 'decline' : 'accept');
    return true;
  }

  async answer(seat: Seat, answer: 'accept' | 'decline'): Promise<void> {
    const invitation = this.random.pick(seat.device.invitations());
    const room = this.rooms.find(({ uri }) => uri === invitation.room) as WalkRoom;
    await this.noteStint(seat, room);
    if (answer === 'decline') {
      // A removal that is only proposed is void once somebody joins, and who declined has forgotten the room.
      const declined = seat.stints.get(room.uri)?.pop();
      if (declined !== undefined) room.ghosts.add(declined.client);
    }
    await this.#try(answer, `${seat.name} ${this.#nameOf(room)}`, 'either', () =>
      invitation[answer](),
    );
  }

  async #restart(): Promise<boolean> {
    const domain = this.random.pick(DOMAINS);
    this.log.push(`restart ${domain}`);
    await this.world.restart(domain);
    this.#count('restart', 'done');
    return true;
  }

  /** Several members act at once, and a provider may restart meanwhile. */
  async #race(room: WalkRoom): Promise<boolean> {
    const seats = this.activeIn(room).filter(({ online }) => online);
    if (seats.length < 2) return false;
    const acts: Promise<unknown>[] = [];
    for (let count = this.random.between(2, 4); count > 0; count--) {
      acts.push(this.#raced(this.random.pick(seats), room));
    }
    if (this.random.oneIn(4)) acts.push(this.#restart());
    await Promise.all(acts);
    for (const seat of seats) await seat.device.sync();
    return true;
  }

  async #raced(seat: Seat, room: WalkRoom): Promise<void> {
    const target = this.random.pick(this.seats.filter(({ user }) => user !== seat.user));
    const own = this.roomOf(seat, room);
    const standing = await this.#standing(seat, room, target.user);
    if (own === undefined || standing === undefined) return;
    const kind = this.random.pick(RACED);
    if (kind === 'invite' && !standing.knowsAll) return;
    const run = {
      selfUpdate: () => own.selfUpdate(),
      invite: () => own.invite(target.user),
      setRole: () => own.setRole(target.user, 3),
      remove: () => own.remove(target.user),
      kick: () => own.kick(target.user),
      createLink: async () => {
        room.links.push(await own.createJoinLink());
      },
      message: () => this.send(seat, room, PASSING),
    }[kind];
    await this.#try('race', `${seat.name} ${kind} ${target.user}`, 'either', run, PASSING);
  }

  /** What was done, for who wants to know. */
  report(): string {
    const counts = [...this.counts].map(
      ([kind, { done, refused }]) => `${kind} ${done}/${refused}`,
    );
    return `${counts.join(', ')}; links of later members tried: ${this.laterLinks}`;
  }

  /** Kinds of action that never succeeded. */
  undone(): string[] {
    const apart = new Set<string>(['offline', 'online', 'answer', 'reopen']);
    return [...new Set<string>(ACTIONS)].filter(
      (kind) => !apart.has(kind) && (this.counts.get(kind)?.done ?? 0) === 0,
    );
  }

  #nameOf({ uri }: WalkRoom): string {
    return uri.slice(-4);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

const RACED = [
  'message',
  'selfUpdate',
  'invite',
  'setRole',
  'remove',
  'kick',
  'createLink',
] as const;

type Right = 'canKick' | 'canCreateJoinCode' | 'canDeleteJoinCode';

/** While somebody is leaving, what else would be allowed may be refused. */
function unless({ pendingProposals }: Room, expected: Expected): Expected {
  return pendingProposals > 0 && expected === 'allowed' ? 'either' : expected;
}

/** What roles of a new room permit, said once more: 2 members, 3 moderators, 4 owners. */
function can({ role }: Standing, _right: Right): boolean {
  return role >= 3;
}

/** Whether a role moves users so: owners anywhere, moderators members, newcomers and banned users. */
function moves({ role }: Standing, from: number, to: number): boolean {
  if (role === 4) return from !== to;
  if (role !== 3) return false;
  const targets: Record<number, readonly number[]> = { 0: [2], 1: [0, 2], 2: [0, 1] };
  return targets[from]?.includes(to) === true;
}

const ACTIONS = [
  ...repeated(10, 'message'),
  ...repeated(6, 'invite'),
  ...repeated(6, 'answer'),
  ...repeated(3, 'selfUpdate'),
  ...repeated(3, 'setRole'),
  ...repeated(3, 'joinByLink'),
  ...repeated(3, 'online'),
  ...repeated(2, 'offline'),
  ...repeated(2, 'race'),
  ...repeated(2, 'secondDevice'),
  ...repeated(2, 'commitPending'),
  ...repeated(1, 'kick'),
  ...repeated(1, 'ban'),
  ...repeated(2, 'unban'),
  ...repeated(1, 'remove'),
  ...repeated(1, 'leave'),
  ...repeated(2, 'createLink'),
  ...repeated(1, 'retireLinks'),
  ...repeated(1, 'lose'),
  ...repeated(1, 'reopen'),
  ...repeated(1, 'restart'),
  ...repeated(1, 'create'),
] as const;
type Action = (typeof ACTIONS)[number];

function repeated<Name extends string>(times: number, name: Name): Name[] {
  return Array.from({ length: times }, () => name);
}
