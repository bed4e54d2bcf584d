// The life that the audit records, in any mode: each action of the table in a window of its own, then two more rooms
// with the same people, so that it can be seen what links a user of one to a user of the other.

import type { Device, Room } from '../../client/index.ts';
import { encodeContent, frankingFieldsOf } from '../../content/index.ts';
import {
  CLAIM_SLOTS,
  claimSlotToken,
  claimToken,
  claimTokenHash,
  connectionKey,
  modeNamed,
  parseLink,
} from '../../privacy/index.ts';
import type { Deployment } from '../../provider/index.ts';
import { type FrankingForm, MODERATOR_ROLE } from '../../room/index.ts';
import { type RoomUri, roomUri } from '../../wire/index.ts';
import { alice, ben, bob, carol, dora, eve, PEOPLE, type Person, ROLES, userOf } from './cast.ts';
import { mustBe } from './error.ts';
import { Needles } from './needles.ts';
import { addLink } from './secrets.ts';
import { Tape } from './tape.ts';
import { type Access, AuditWorld, DOMAINS } from './world.ts';

/** Characters of the messages that Bob sends: two of them in one size class. */
const MESSAGE_SIZES = [40, 200, 900, 3000, 3900] as const;
/** Characters of what Carol sends. */
const ANSWER_SIZE = 120;

/** Windows of the rooms by which it is tried to link users, beside those of the actions. */
export const LINK_ROOMS = ['first room', 'second room'] as const;
/** Added both times by the same key package, of last resort. */
export const LAST_RESORT: Person = eve;
/**
 * Who it is tried to link, and who else of the same provider was shown in the same rooms: of as many devices, since the
 * sizes of what adds them would else be theirs alone.
 */
export const LINKED = [
  { person: bob, control: ben },
  { person: ben, control: bob },
  { person: LAST_RESORT, control: dora },
] as const;
/** Key packages of each kind that the devices of others publish. */
const STOCK = 4;
/** The window in which a person comes into one of these rooms and says something. */
export const linkWindow = (room: (typeof LINK_ROOMS)[number], { name }: Person): string =>
  `${name} in the ${room}`;

/** A message that was sent. */
export interface Said {
  readonly by: Person;
  readonly text: string;
  /** Characters. */
  readonly size: number;
}

/** The clients of a room, by person, as its members know them. */
export type Seats = ReadonlyMap<
  Person,
  readonly { readonly user: string; readonly client: string }[]
>;

/** What happened, as those know who took part: against this is judged what servers found out. */
export interface Life {
  readonly mode: string;
  readonly room: RoomUri;
  readonly tape: Tape;
  /** Everything that no server may have. */
  readonly secrets: Needles;
  /** How people are called in the room. */
  readonly seats: Seats;
  /** How many clients the room had after each window. */
  readonly members: ReadonlyMap<string, number>;
  readonly said: readonly Said[];
  /** The join link, as it was given on. */
  readonly link: string;
  /** By which Dora's sets of key packages are claimed, and what her provider keeps of it. */
  readonly claimTokens: readonly { readonly token: Uint8Array; readonly hash: Uint8Array }[];
  readonly deployment: Deployment;
  /** By which the devices of each domain show their provider who they are. */
  readonly accesses: ReadonlyMap<string, readonly Access[]>;
  /** The public keys by which the hub franks: whoever asks is told. */
  readonly frankingKeys: readonly Uint8Array[];
  /** Where the servers are reached. */
  readonly world: AuditWorld;
}

/** What is reported, by the name under which it is searched for: the hub is shown it, and nobody else. */
export const REPORTED = 'reported content';
export const REPORTED_SALT = 'reported salt';
export const REPORTED_NAME = 'reported display name';

/** Which life is played. */
export interface LifeOptions {
  readonly mode: string;
  /** How its rooms are franked; default `exedra`. */
  readonly franking?: FrankingForm | undefined;
  /** Of all providers; default `enterprise`. */
  readonly deployment?: Deployment | undefined;
}

/** How a life is told: by its mode, and by its deployment where that is not the usual one. */
export const lifeName = (mode: string, deployment: Deployment): string =>
  deployment === 'enterprise' ? mode : `${mode}, ${deployment}`;

/** Plays the life in one mode; the world is still open afterwards. @throws AuditError, and whatever its parts throw. */
export async function playLife(
  options: LifeOptions,
  onWindow: (window: string) => void,
): Promise<Life> {
  return new Play(options, onWindow).play();
}

class Play {
  readonly #mode: string;
  readonly #franking: FrankingForm;
  readonly #deployment: Deployment;
  readonly #onWindow: (window: string) => void;
  readonly #tape = new Tape();
  readonly #secrets = new Needles();
  readonly #devices = new Map<Person, Device[]>();
  readonly #seats = new Map<Person, { user: string; client: string }[]>();
  readonly #members = new Map<string, number>();
  readonly #said: Said[] = [];
  #world!: AuditWorld;
  #window = '';

  constructor(options: LifeOptions, onWindow: (window: string) => void) {
    const { mode, franking = 'exedra', deployment = 'enterprise' } = options;
    this.#mode = mode;
    this.#deployment = deployment;
    this.#franking = franking;
    this.#onWindow = onWindow;
  }

  async play(): Promise<Life> {
    const writeKey = modeNamed(this.#mode).hub === 'verifies';
    this.#world = await AuditWorld.open({
      tape: this.#tape,
      secrets: this.#secrets,
      wanted: { writeKey, mls: true },
      deployment: this.#deployment,
    });
    try {
      return await this.#live();
    } catch (error) {
      await this.#world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #live(): Promise<Life> {
    const tape = this.#tape;
    this.#enter('accounts');
    await this.#openDevices();
    for (const person of PEOPLE) {
      const name = person === ROLES.report.target ? REPORTED_NAME : 'display name';
      this.#secrets.addText(name, person.displayName);
    }

    this.#enter('create');
    const room = await this.#deviceOf(alice).createRoom(roomUri(DOMAINS.hub, 'book-club-7'), {
      mode: this.#mode,
      franking: this.#franking,
    });
    await this.#rest(room, alice);

    this.#enter('gather');
    await this.#invite(room, bob, MODERATOR_ROLE);
    await this.#rest(room, bob);
    await this.#invite(room, carol);
    await this.#rest(room, carol);

    // Bob's device asks for Dora's key packages, and then updates the room: there `add` begins (#openDevices).
    this.#enter('key packages');
    const bobs = this.#roomOf(bob, room);
    await this.#invite(bobs, dora);
    mustBe(this.#window === 'add', 'Dora was added by an update');
    await this.#rest(room, dora);

    this.#enter('message');
    for (const size of MESSAGE_SIZES) await this.#say(bob, room, size);
    await this.#say(carol, room, ANSWER_SIZE);
    await this.#rest(room);

    this.#enter('report');
    const heard = (await bobs.messages()).filter(({ own }) => !own).map(({ id }) => id);
    mustBe(heard.length === 1, 'Bob has heard what Carol said');
    await bobs.report(heard, { note: 'please look' });
    await this.#rest(room);

    this.#enter('make a link');
    const link = await room.createJoinLink();
    addLink(this.#secrets, link);
    await this.#rest(room);

    this.#enter('join by link');
    await this.#deviceOf(ben).joinByLink(link);
    await this.#rest(room, ben);

    this.#enter('remove');
    await bobs.remove(userOf(dora));
    await this.#rest(room);

    this.#enter('leave');
    await this.#roomOf(ben, room).leave();
    await this.#world.settle();
    await room.commitPending();
    await this.#rest(room);
    mustBe(room.members().length === 4, 'Alice, Bob with two devices, and Carol have stayed');

    await this.#meetAgain();
    const { uri } = room;
    mustBe(parseLink(link).room === uri, 'the link is one of the room');
    return {
      mode: this.#mode,
      deployment: this.#deployment,
      room: uri,
      tape,
      secrets: this.#secrets,
      seats: this.#seats,
      members: this.#members,
      said: this.#said,
      link,
      claimTokens: this.#claimTokensOf(dora),
      accesses: new Map(
        Object.values(DOMAINS).map((domain) => [domain, this.#world.accessesAt(domain)]),
      ),
      frankingKeys: await this.#world.frankingKeys(),
      world: this.#world,
    };
  }

  async #openDevices(): Promise<void> {
    for (const person of PEOPLE) {
      const devices: Device[] = [];
      for (const client of person.clients) {
        const { domain, user } = person;
        const beforeCall = (operation: string) => {
          if (this.#window === 'key packages' && operation === 'update') this.#enter('add');
        };
        const stock = person === LAST_RESORT ? 0 : STOCK;
        devices.push(await this.#world.device({ domain, user, client, stock, beforeCall }));
      }
      // The first device of a user makes sets, and the further ones add their part to them.
      for (const device of devices.slice(1)) await device.connections.publish(STOCK);
      this.#devices.set(person, devices);
    }
    for (const other of [bob, carol, ben, dora, eve]) {
      await this.#world.connect(this.#deviceOf(alice), this.#deviceOf(other));
    }
    await this.#world.connect(this.#deviceOf(bob), this.#deviceOf(dora));
    await this.#world.settle();
  }

  /** Two rooms of the same people; the order in which two come into them is not the same. */
  async #meetAgain(): Promise<void> {
    for (const [index, name] of LINK_ROOMS.entries()) {
      this.#enter(name);
      const uri = roomUri(DOMAINS.hub, ['choir-e2', 'chess-9b'][index] as string);
      const options = { mode: this.#mode, franking: this.#franking };
      const room = await this.#deviceOf(alice).createRoom(uri, options);
      await this.#invite(room, carol);
      await this.#world.settle();
      const people = [bob, ben, dora, LAST_RESORT];
      const order = index === 0 ? people : people.reverse();
      for (const person of order) {
        this.#enter(linkWindow(name, person));
        await this.#invite(room, person);
        await this.#world.settle();
        const seat = this.#roomOf(person, room);
        await seat.send(seat.composer().text(`${person.displayName} says hello.`));
        await this.#world.settle();
      }
    }
  }

  #enter(window: string): void {
    this.#window = window;
    this.#tape.enter(window);
    this.#onWindow(window);
  }

  /** Waits until all is quiet, and notes how many are there, and how who has come is called. */
  async #rest(room: Room, newcomer?: Person): Promise<void> {
    await this.#world.settle();
    const members = room.members();
    this.#members.set(this.#window, members.length);
    if (newcomer === undefined) return;
    const known = new Set([...this.#seats.values()].flat().map(({ client }) => client));
    const seats = members.filter(({ client }) => !known.has(client));
    mustBe(seats.length > 0, `${newcomer.name} came in`);
    this.#seats.set(
      newcomer,
      seats.map(({ user, client }) => ({ user, client })),
    );
  }

  async #invite(room: Room, guest: Person, role?: number): Promise<void> {
    await room.invite(userOf(guest), { role });
    for (const device of this.#devices.get(guest) ?? []) {
      const invitation = () => device.invitations().find((offered) => offered.room === room.uri);
      await this.#world.syncUntil(device, () => invitation() !== undefined);
      await invitation()?.accept();
    }
  }

  async #say(by: Person, room: Room, size: number): Promise<void> {
    const text = `${by.displayName}: dinner at eight, table ${this.#said.length}. `;
    this.#said.push({ by, text, size });
    const seat = this.#roomOf(by, room);
    const content = encodeContent(seat.composer().text(text.padEnd(size, '.')));
    const salt = frankingFieldsOf(content)?.salt;
    mustBe(salt !== undefined, 'a message of a franked room has a salt');
    const reported = by === ROLES.report.target;
    this.#secrets.addText(reported ? REPORTED : 'content', text.slice(text.indexOf(':')));
    this.#secrets.add(reported ? REPORTED_SALT : 'frank salt', salt);
    await seat.send(content);
  }

  /** One for all sets, or, where that would tie them to each other, one for each place. */
  #claimTokensOf(person: Person) {
    const key = connectionKey(this.#deviceOf(person).account.secret, 0);
    const slots = Array.from({ length: CLAIM_SLOTS + 1 }, (_, slot) => claimSlotToken(key, slot));
    const tokens = this.#deployment === 'consumer' ? slots : [claimToken(key)];
    return tokens.map((token) => ({ token, hash: claimTokenHash(token) }));
  }

  #deviceOf(person: Person): Device {
    const [device] = this.#devices.get(person) ?? [];
    mustBe(device !== undefined, `${person.name} has a device`);
    return device;
  }

  #roomOf(person: Person, { uri }: Room): Room {
    const room = this.#deviceOf(person).room(uri);
    mustBe(room !== undefined, `${person.name} is in the room`);
    return room;
  }
}
