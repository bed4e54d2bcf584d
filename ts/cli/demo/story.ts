// One play of the conversation in one privacy mode: rooms, messages, a killed hub, lost devices. It checks all it tells.

import { randomBytes } from 'node:crypto';
import { isClientError } from '../../client/index.ts';
import { type Mode, modeNamed } from '../../privacy/index.ts';
import { type ClientUri, domainOf, type RoomUri, roomUri } from '../../wire/index.ts';
import { Actor, until } from './actor.ts';
import { mustBe } from './error.ts';
import type { ProviderProcess } from './provider_process.ts';
import { publishedMessages, type Who } from './published.ts';
import type { Cast } from './sight.ts';
import { type Readings, type Sights, Watch } from './watch.ts';

/** Rounds of syncs without anything new: what one device leaves at the hub, another fetches, and acts in a third. */
const QUIET_ROUNDS = 4;

/** A step as it went. */
export interface Step extends Sights {
  readonly name: string;
  readonly ms: number;
}

export interface StoryOptions {
  /** The name of the privacy mode. */
  readonly mode: string;
  readonly hub: ProviderProcess;
  /** Bob's provider. */
  readonly follower: ProviderProcess;
  /** Carol's provider, a follower too. */
  readonly other: ProviderProcess;
  /** Folder of the devices' state. */
  readonly folder: string;
  /** Sets this run's users and room apart from those of earlier runs. */
  readonly run: string;
}

/** A step of the story, the same in every mode. */
export interface Scene {
  readonly name: string;
  /** Whether the hub is killed before, and comes back meanwhile. */
  readonly hubIsDown?: true;
  readonly act: (hubIsUp: Promise<void>) => Promise<void>;
}

/** The play of one mode: its users, devices and room are its own. */
export class Story {
  readonly mode: string;
  readonly #mode: Mode;
  readonly #options: StoryOptions;
  readonly #room: RoomUri;
  readonly #alice: Actor;
  readonly #bob: Actor;
  readonly #carol: Actor;
  readonly #tablet: Actor;
  readonly scenes: readonly Scene[];
  /** Those who are in the room now. */
  #present: Actor[] = [];
  #sent = 0;
  #delivered = 0;
  readonly #watch: Watch;

  constructor(options: StoryOptions) {
    const { mode, hub, follower, other, folder, run } = options;
    this.mode = mode;
    this.#mode = modeNamed(mode);
    this.#options = options;
    const play = `${mode}-${run}`;
    const secret = () => (this.#connects ? new Uint8Array(randomBytes(32)) : undefined);
    const carols = { who: 'Carol', provider: other, secret: secret(), folder, play } as const;
    this.#room = roomUri(hub.domain, `clubhouse-${play}`);
    this.#alice = new Actor({
      ...carols,
      who: 'Alice',
      kind: 'phone',
      provider: hub,
      secret: secret(),
    });
    this.#bob = new Actor({
      ...carols,
      who: 'Bob',
      kind: 'laptop',
      provider: follower,
      secret: secret(),
    });
    this.#carol = new Actor({ ...carols, kind: 'phone' });
    this.#tablet = new Actor({ ...carols, kind: 'tablet' });
    this.#watch = new Watch(this.#room, { hub, follower, own: other });
    this.scenes = this.#script();
  }

  get sent(): number {
    return this.#sent;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Who is behind the real URIs. */
  get cast(): Cast {
    const actors = [this.#alice, this.#bob, this.#carol, this.#tablet];
    return new Map(
      actors.flatMap(({ who, user, client }) => [
        [user as string, who.toLowerCase()],
        [client as string, who.toLowerCase()],
      ]),
    );
  }

  #script(): Scene[] {
    const { follower, other } = this.#options;
    return [
      { name: 'Three devices register and publish key packages', act: () => this.#register() },
      { name: 'Bob and Carol let Alice invite them', act: () => this.#acquaint() },
      { name: 'Alice creates the room', act: () => this.#create() },
      {
        name: `Alice invites Bob, of ${follower.domain}; he joins`,
        act: () => this.#invite(this.#bob),
      },
      {
        name: `Alice invites Carol, of ${other.domain}; she joins`,
        act: () => this.#invite(this.#carol),
      },
      { name: 'They send the published example messages', act: () => this.#talk() },
      {
        name: 'The hub is killed while Carol sends, and comes back',
        hubIsDown: true,
        act: (hubIsUp) => this.#outlive(hubIsUp),
      },
      { name: 'Bob’s laptop restarts from its saved rows', act: () => this.#restartBob() },
      { name: 'Carol’s tablet comes in', act: () => this.#joinTablet() },
      { name: 'Bob leaves; Alice commits it', act: () => this.#leaveBob() },
      { name: 'Carol’s phone loses its state and comes back', act: () => this.#losePhone() },
      { name: 'All agree on epoch and members', act: () => this.#agree() },
    ];
  }

  /** Plays one step. @throws DemoError when something is not as it must be. */
  async play(index: number, hubIsUp: Promise<void>): Promise<Step> {
    const { name, act } = this.scenes[index] as Scene;
    const started = performance.now();
    await act(hubIsUp);
    const ms = Math.round(performance.now() - started);
    return { name, ms, ...(await this.#watch.look()) };
  }

  /** What the providers hold of the room now. */
  readings(): Promise<Readings> {
    const members = this.#alice.room(this.#room).members();
    return this.#watch.readings(
      this.cast,
      members.map(({ client }) => client),
    );
  }

  async close(): Promise<void> {
    for (const actor of [this.#alice, this.#bob, this.#carol, this.#tablet]) await actor.close();
  }

  /** Whether users of this mode connect before one adds the other. */
  get #connects(): boolean {
    return this.#mode.credentials.keyPackageSets !== undefined;
  }

  async #register(): Promise<void> {
    for (const actor of [this.#alice, this.#bob, this.#carol]) {
      await actor.open();
      await (this.#connects
        ? actor.device.connections.publish(2)
        : actor.device.publishKeyPackages(5));
    }
  }

  async #acquaint(): Promise<void> {
    const { connections, account } = this.#alice.device;
    for (const { device } of [this.#bob, this.#carol]) {
      if (!this.#connects) {
        await device.allow(account.user);
        continue;
      }
      await connections.connect(device.account.user);
      await device.connections.check();
      await device.connections.accept(account.user);
      await connections.check();
      const connected = await connections.connected();
      mustBe(connected.includes(device.account.user), 'who has accepted is connected');
    }
  }

  async #create(): Promise<void> {
    await this.#alice.device.createRoom(this.#room, { mode: this.mode });
    this.#present = [this.#alice];
  }

  async #invite(guest: Actor): Promise<void> {
    await this.#alice.room(this.#room).invite(guest.user);
    await this.#accept(guest);
    this.#present.push(guest);
    this.#watch.expect(domainOf(guest.user));
    await this.#inStep();
  }

  async #accept(guest: Actor): Promise<void> {
    const invitation = () => guest.device.invitations().find(({ room }) => room === this.#room);
    await until([guest], `${guest.name} gets its invitation`, () => invitation() !== undefined);
    await invitation()?.accept();
  }

  async #talk(): Promise<void> {
    for (const { name, sender, bytes } of publishedMessages()) {
      const from = this.#present.find(({ who }) => who === (sender satisfies Who));
      mustBe(from !== undefined, `${sender} is in the room`);
      await this.#say(from, name, bytes);
    }
  }

  async #outlive(hubIsUp: Promise<void>): Promise<void> {
    const bytes = utf8('Sent while the hub was down.');
    await this.#carol.room(this.#room).send(bytes).catch(ignoreAbsence);
    await hubIsUp;
    await this.#arrives(this.#carol, 'a line of text', bytes);
  }

  async #restartBob(): Promise<void> {
    const before = await this.#bob.room(this.#room).messages();
    await this.#bob.close();
    await this.#bob.open();
    const after = await this.#bob.room(this.#room).messages();
    mustBe(after.length === before.length, 'Bob’s history is there after the restart');
    await this.#say(this.#bob, 'a line of text', utf8('Back again.'));
  }

  async #joinTablet(): Promise<void> {
    await this.#tablet.open();
    await this.#enter(this.#tablet, this.#carol);
    this.#present.push(this.#tablet);
    await this.#calm();
    await this.#say(this.#tablet, 'a line of text', utf8('From my tablet.'));
  }

  /** A device comes in by itself, or, where the hub knows nobody, with the help of another device of its user. */
  async #enter(guest: Actor, host: Actor): Promise<void> {
    if (this.#mode.hub === 'verifies') {
      await guest.device.joinExternally(this.#room, { mode: this.mode });
      return;
    }
    await guest.device.connections.publish(2);
    await host.room(this.#room).invite(guest.user);
    await this.#accept(guest);
  }

  async #leaveBob(): Promise<void> {
    const left = this.#bob.room(this.#room);
    await left.leave();
    const room = this.#alice.room(this.#room);
    await until(
      [this.#alice],
      'Alice hears that Bob wants to leave',
      () => room.pendingProposals > 0,
    );
    await room.commitPending();
    this.#present = this.#present.filter((actor) => actor !== this.#bob);
    await this.#calm();
    await until([this.#bob], 'Bob hears that he is out', () => left.status === 'left');
    mustBe(room.users().length === 2, 'Bob is out of the room');
    // A hub that follows the group knows that nobody of his provider is left.
    if (this.#mode.hub === 'verifies') this.#watch.expectNoMore(domainOf(this.#bob.user));
    const rest = utf8('Just the two of us.');
    await this.#say(this.#alice, 'a line of text', rest);
    await this.#bob.device.sync();
    const heard = await left.messages();
    mustBe(!heard.some(({ content }) => sameBytes(content, rest)), 'Bob hears no more');
  }

  async #losePhone(): Promise<void> {
    const lost = await this.#phoneOfCarol();
    await this.#carol.lose();
    await this.#carol.open();
    if (this.#mode.hub === 'orders') await this.#tablet.room(this.#room).removeClient(lost);
    await this.#enter(this.#carol, this.#tablet);
    // Under a pseudonym nothing else tells that the former leaf was this phone's.
    if (this.#mode.credentials.hidesIdentities)
      await this.#carol.room(this.#room).removeClient(lost);
    await this.#calm();
    const { length } = this.#carol.room(this.#room).members();
    mustBe(length === this.#present.length, 'the lost leaf is out of the room');
    await this.#say(this.#carol, 'a line of text', utf8('New phone.'));
  }

  /** What Carol’s phone is called in the room, as her tablet finds it: the other client of the same user. */
  async #phoneOfCarol(): Promise<ClientUri> {
    const room = this.#tablet.room(this.#room);
    const own = (await room.messages()).find((message) => message.own);
    const [phone, ...more] = room
      .members()
      .filter(({ user, client }) => user === own?.sender && client !== own.client);
    mustBe(phone !== undefined && more.length === 0, 'the tablet knows which client is the phone');
    return phone.client;
  }

  async #agree(): Promise<void> {
    await this.#inStep();
    const rosters = this.#present.map((actor) =>
      actor
        .room(this.#room)
        .members()
        .map(({ client }) => client)
        .sort()
        .join(),
    );
    mustBe(new Set(rosters).size === 1, 'all devices know the same members');
    for (const actor of this.#present) {
      const gaps = await actor.room(this.#room).gaps();
      mustBe(gaps.length === 0, `${actor.name} could read all that it was sent`);
    }
  }

  /** Sends a message and waits until everybody has it. */
  async #say(from: Actor, name: string, bytes: Uint8Array): Promise<void> {
    await from.room(this.#room).send(bytes);
    await this.#arrives(from, name, bytes);
  }

  /** Waits until a message that was sent is everywhere, once, byte for byte, under its sender's real name. */
  async #arrives(from: Actor, name: string, bytes: Uint8Array): Promise<void> {
    this.#sent += 1;
    const heardBy = async (actor: Actor) => {
      const messages = await actor.room(this.#room).messages();
      return messages.filter(({ content }) => sameBytes(content, bytes));
    };
    await until(this.#present, `all receive ${name}`, async () => {
      const heard = await Promise.all(this.#present.map(heardBy));
      return heard.every(({ length }) => length > 0);
    });
    for (const actor of this.#present) {
      const heard = await heardBy(actor);
      mustBe(heard.length === 1, `${name} comes once`);
      const shown = heard[0]?.real?.client ?? heard[0]?.client;
      mustBe(shown === from.client, `${actor.name} knows who has sent ${name}`);
      if (actor !== from) this.#delivered += 1;
    }
  }

  /** Waits until all who are present are in the same epoch. */
  async #inStep(): Promise<void> {
    await until(this.#present, 'all are in the same epoch', () => this.#epochs().size === 1);
  }

  #epochs(): Set<bigint> {
    return new Set(this.#present.map((actor) => actor.room(this.#room).epoch));
  }

  /** Waits until nobody has anything to add: a newcomer shows its identity, others renew what a removed one knew. */
  async #calm(): Promise<void> {
    let quiet = 0;
    let last = -1;
    const isCalm = async () => {
      const seq = (await this.#options.hub.inspect(this.#room))?.seq ?? 0;
      quiet = seq === last && this.#epochs().size === 1 ? quiet + 1 : 0;
      last = seq;
      return quiet >= QUIET_ROUNDS;
    };
    await until(this.#present, 'nothing is left to be done', isCalm, { waitMs: 0 });
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** A provider that is away is what the step is about. */
function ignoreAbsence(error: unknown): void {
  if (!isClientError(error, 'unavailable', 'unknown')) throw error;
}
