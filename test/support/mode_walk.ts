// Random lives of rooms of one mode, over providers of this process: people who create, invite, talk, quarrel, lose
// devices and come back, while providers restart. What the policy permits is known before; everything else is refused.

import { memoryKeyValue, type Room } from '../../ts/client/index.ts';
import type { Deployment } from '../../ts/provider/index.ts';
import { BANNED_ROLE, NO_ROLE, roleOf } from '../../ts/room/index.ts';
import type { ClientUri, UserUri } from '../../ts/wire/index.ts';
import { World } from './in_process_connection.ts';
import {
  can,
  type Expected,
  type Invitee,
  mayInvite,
  mayTakeOut,
  moves,
  type Standing,
  unlessLeaving,
} from './mode_walk_rights.ts';
import {
  DOMAINS,
  ownLeaf,
  PASSING,
  type Seat,
  type WalkRoom,
  WalkWorld,
} from './mode_walk_world.ts';
import { peek } from './peek.ts';
import type { Seeded } from './seed.ts';

export class Walk extends WalkWorld {
  static async open(
    mode: string,
    random: Seeded,
    deployment: Deployment = 'enterprise',
  ): Promise<Walk> {
    const walk = new Walk(mode, await World.with({ deployment }, ...DOMAINS), random);
    await walk.populate();
    return walk;
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
    await this.try('create', seat.name, 'allowed', async () => {
      const { uri } = await seat.device.createRoom(undefined, { mode });
      const room: WalkRoom = {
        uri,
        rosters: new Map(),
        accepted: new Set(),
        links: [],
        ghosts: new Set(),
        unseen: 0,
        kept: new Map(),
      };
      this.rooms.push(room);
      this.noteRosterOf(seat, uri);
      await this.noteStint(seat, room);
      const others = this.seats.filter(({ user }) => user !== seat.user);
      const first = this.random.pick(others);
      const second = this.random.pick(others.filter(({ user }) => user !== first.user));
      for (const { user } of [first, second]) {
        this.log.push(`  with ${user}`);
        await this.roomOf(seat, room)?.invite(user);
      }
    });
    return true;
  }

  /** A change of a room by a member that is in step: its outcome is known before. */
  async #change(kind: Action, seat: Seat, room: WalkRoom): Promise<boolean> {
    const target = this.random.pick(this.seats.filter(({ user }) => user !== seat.user));
    const standing = await this.standing(seat, room, target.user);
    const own = this.roomOf(seat, room);
    if (standing === undefined || own === undefined) return false;
    const what = `${seat.name} in ${this.nameOf(room)}`;
    const on = `${what}: ${target.user}`;
    const removes = () => unlessLeaving(own, mayTakeOut(standing, own, kind as 'remove'));
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
        await this.publish(target);
        return this.#attempt(
          kind,
          on,
          mayInvite(standing, own, this.#invitee(target.user), this.hides),
          () => own.invite(target.user),
        );
      case 'createLink': {
        const may = can(standing, 'canCreateJoinCode') && moves(standing, NO_ROLE, 2);
        return this.#attempt(kind, what, may ? 'allowed' : 'refused', async () => {
          room.links.push(await own.createJoinLink());
        });
      }
      case 'retireLinks': {
        const { links } = standing.policy;
        // Whoever carries out a removal retires the links with it.
        const removes = own.pendingProposals > 0;
        const may = removes || links.length === 0 || can(standing, 'canDeleteJoinCode');
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
    await this.try(kind, what, expected, run);
    return true;
  }

  #invitee(user: UserUri): Invitee {
    const seats = this.seats.filter((seat) => seat.user === user);
    return { user, clients: seats.map(({ device }) => device.client) };
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
    const expected = unlessLeaving(room, may ? 'allowed' : 'refused');
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
    const link = this.random.oneIn(2) ? this.random.pick(room.links) : (room.links.at(-1) ?? '');
    await this.try('joinByLink', `${seat.name} ${this.nameOf(room)}`, 'either', () =>
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

  /** A device of a participant comes in by itself, or by what a member gives it. */
  async #comeIn(kind: string, seat: Seat, room: WalkRoom): Promise<boolean> {
    const { mode } = this;
    const other = this.activeIn(room).find((one) => one.user === seat.user && one.online);
    if (this.orders && other !== undefined) {
      // Where the hub has nothing to give, the user's other device lets it in.
      await this.publish(seat);
      await other.device.sync();
      await this.try(kind, `${seat.name} ${this.nameOf(room)}`, 'either', async () => {
        await this.roomOf(other, room)?.invite(seat.user);
      });
      return true;
    }
    if (this.orders) {
      const link = (await this.#newLink(room)) ?? room.links.at(-1);
      if (link === undefined) return false;
      await this.try(kind, `${seat.name} ${this.nameOf(room)}`, 'either', () =>
        seat.device.joinByLink(link),
      );
    } else {
      await this.try(kind, `${seat.name} ${this.nameOf(room)}`, 'either', () =>
        seat.device.joinExternally(room.uri, { mode }),
      );
    }
    await this.noteStint(seat, room);
    return true;
  }

  /** A link by the first member that may make one. */
  async #newLink(room: WalkRoom): Promise<string | undefined> {
    for (const seat of this.activeIn(room)) {
      const make = async () => {
        await seat.device.sync();
        const link = await this.roomOf(seat, room)?.createJoinLink();
        if (link !== undefined) room.links.push(link);
      };
      const what = `${seat.name} in ${this.nameOf(room)}`;
      if (seat.online && (await this.try('createLink', what, 'either', make)))
        return room.links.at(-1);
    }
    return undefined;
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
      if (own === undefined) {
        room.unseen += 1;
        continue;
      }
      room.ghosts.add(own.client);
      lost.set(room, own.client);
    }
    await this.close(seat);
    seat.storage = memoryKeyValue();
    seat.queues = memoryKeyValue();
    seat.stints = new Map();
    seat.replaced = true;
    await this.openOn(seat);
    this.count('lose', 'done');
    for (const room of rooms) {
      if (this.random.oneIn(4)) continue;
      await this.#comeIn('rejoin', seat, room);
      const ghost = lost.get(room);
      const own = this.roomOf(seat, room);
      if (ghost === undefined || own === undefined || !this.hides) continue;
      await this.try('removeGhost', `${seat.name} ${this.nameOf(room)}`, 'allowed', () =>
        own.removeClient(ghost),
      );
    }
    return true;
  }

  /** A device is closed and opened again on its storage. */
  async #reopen(seat: Seat): Promise<boolean> {
    if (!seat.online) return false;
    this.log.push(`reopen ${seat.name}`);
    await this.close(seat);
    await this.openOn(seat);
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

  async #restart(): Promise<boolean> {
    const domain = this.random.pick(DOMAINS);
    this.log.push(`restart ${domain}`);
    await this.world.restart(domain);
    this.count('restart', 'done');
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
    const standing = await this.standing(seat, room, target.user);
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
    await this.try('race', `${seat.name} ${kind} ${target.user}`, 'either', run, PASSING);
  }

  /** Kinds of action that never succeeded, those apart that seldom can. */
  undone(): string[] {
    const often = this.orders ? OFTEN.filter((kind) => kind !== 'rejoin') : OFTEN;
    return often.filter((kind) => (this.counts.get(kind)?.done ?? 0) === 0);
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
  ...repeated(5, 'commitPending'),
  ...repeated(1, 'kick'),
  ...repeated(1, 'ban'),
  ...repeated(4, 'unban'),
  ...repeated(1, 'remove'),
  ...repeated(1, 'leave'),
  ...repeated(2, 'createLink'),
  ...repeated(1, 'retireLinks'),
  ...repeated(1, 'lose'),
  ...repeated(1, 'reopen'),
  ...repeated(1, 'restart'),
  ...repeated(1, 'create'),
] as const;
/** What a long walk does for certain. */
const OFTEN = [
  'message',
  'invite',
  'accept',
  'selfUpdate',
  'setRole',
  'kick',
  'ban',
  'remove',
  'leave',
  'createLink',
  'lose',
  'rejoin',
  'race',
  'restart',
];
type Action = (typeof ACTIONS)[number];

function repeated<Name extends string>(times: number, name: Name): Name[] {
  return Array.from({ length: times }, () => name);
}
