// The conversation itself, step by step: rooms, messages, a killed hub, lost devices. It checks all it tells.

import { isClientError } from '../../client/index.ts';
import type { RoomInspection } from '../../provider/index.ts';
import { type RoomUri, roomUri } from '../../wire/index.ts';
import { Actor, type ActorOptions, until } from './actor.ts';
import { DemoError, mustBe } from './error.ts';
import type { ProviderProcess } from './provider_process.ts';
import { publishedMessages, type Who } from './published.ts';

/** A step as it went. */
export interface Step {
  readonly name: string;
  readonly ms: number;
  /** New entries of the room at the hub, and at the follower, as far as each can read them. */
  readonly hubSaw: readonly string[];
  readonly followerSaw: readonly string[];
}

/** A message as it went. */
export interface Delivery {
  readonly name: string;
  readonly from: Who;
  readonly bytes: number;
  readonly to: readonly string[];
}

export interface StoryOptions {
  readonly hub: ProviderProcess;
  readonly follower: ProviderProcess;
  /** Folder of the devices' state. */
  readonly folder: string;
  /** Sets this run's users and room apart from those of earlier runs. */
  readonly run: string;
  readonly onStep: (step: Step, deliveries: readonly Delivery[]) => void;
  /** Ends the conversation before its next step. */
  readonly stopped: AbortSignal;
}

export interface Outcome {
  readonly room: RoomUri;
  readonly sent: number;
  readonly delivered: number;
  readonly restarts: number;
  readonly steps: readonly Step[];
}

/** Plays the conversation in mode `open`. @throws DemoError when something is not as it must be. */
export async function playOpen(options: StoryOptions): Promise<Outcome> {
  const story = new Story(options);
  try {
    await story.play();
    return story.outcome;
  } finally {
    await story.close();
  }
}

class Story {
  readonly #options: StoryOptions;
  readonly #room: RoomUri;
  readonly #alice: Actor;
  readonly #bob: Actor;
  readonly #carol: Actor;
  readonly #tablet: Actor;
  /** Those who are in the room now. */
  #present: Actor[] = [];
  readonly #steps: Step[] = [];
  #deliveries: Delivery[] = [];
  #sent = 0;
  #delivered = 0;
  #restarts = 0;
  #hubSeq = 0;
  #followerSeq = 0;

  constructor(options: StoryOptions) {
    const { hub, follower, folder, run } = options;
    const actor = (who: Who, kind: string, provider: ProviderProcess) =>
      new Actor({ who, kind, provider, folder, run } satisfies ActorOptions);
    this.#options = options;
    this.#room = roomUri(hub.domain, `clubhouse-${run}`);
    this.#alice = actor('Alice', 'phone', hub);
    this.#bob = actor('Bob', 'laptop', hub);
    this.#carol = actor('Carol', 'phone', follower);
    this.#tablet = actor('Carol', 'tablet', follower);
  }

  get outcome(): Outcome {
    return {
      room: this.#room,
      sent: this.#sent,
      delivered: this.#delivered,
      restarts: this.#restarts,
      steps: this.#steps,
    };
  }

  async play(): Promise<void> {
    await this.#step('Three devices register and publish key packages', () => this.#register());
    await this.#step('Alice creates the room', () => this.#create());
    await this.#step('Alice invites Bob, of her provider; he joins', () => this.#invite(this.#bob));
    await this.#step('Alice invites Carol, of the follower; she joins', () =>
      this.#invite(this.#carol),
    );
    await this.#step('They send the published example messages', () => this.#talk());
    await this.#step('The hub is killed while Carol sends, and comes back', () => this.#killHub());
    await this.#step('Bob’s laptop restarts from its saved rows', () => this.#restartBob());
    await this.#step('Carol’s tablet joins by itself', () => this.#joinTablet());
    await this.#step('Bob leaves; Alice commits it', () => this.#leaveBob());
    await this.#step('Carol’s phone loses its state and rejoins', () => this.#losePhone());
    await this.#step('All agree on epoch and members', () => this.#agree());
  }

  async close(): Promise<void> {
    for (const actor of [this.#alice, this.#bob, this.#carol, this.#tablet]) await actor.close();
  }

  async #register(): Promise<void> {
    for (const actor of [this.#alice, this.#bob, this.#carol]) {
      await actor.open();
      await actor.device.publishKeyPackages(5);
    }
    for (const actor of [this.#bob, this.#carol]) await actor.device.allow(this.#alice.user);
  }

  async #create(): Promise<void> {
    await this.#alice.device.createRoom(this.#room);
    this.#present = [this.#alice];
  }

  async #invite(guest: Actor): Promise<void> {
    await this.#alice.room(this.#room).invite(guest.user);
    const invitation = () => guest.device.invitations().find(({ room }) => room === this.#room);
    await until([guest], `${guest.name} gets its invitation`, () => invitation() !== undefined);
    await invitation()?.accept();
    this.#present.push(guest);
    await this.#inStep();
  }

  async #talk(): Promise<void> {
    for (const { name, sender, bytes } of publishedMessages()) {
      const from = this.#present.find(({ who }) => who === sender);
      mustBe(from !== undefined, `${sender} is in the room`);
      await this.#say(from, name, bytes);
    }
  }

  async #killHub(): Promise<void> {
    const { hub } = this.#options;
    const before = await this.#alice.room(this.#room).messages();
    const bytes = new TextEncoder().encode('Sent while the hub was down.');
    await hub.stop('SIGKILL');
    this.#restarts += 1;
    const sending = this.#carol.room(this.#room).send(bytes).catch(ignoreAbsence);
    await hub.start();
    await sending;
    const after = await this.#alice.room(this.#room).messages();
    mustBe(before.length === after.length, 'nothing came through a hub that was down');
    await this.#arrives(this.#carol, 'a line of text', bytes);
  }

  async #restartBob(): Promise<void> {
    const before = await this.#bob.room(this.#room).messages();
    await this.#bob.close();
    await this.#bob.open();
    const after = await this.#bob.room(this.#room).messages();
    mustBe(after.length === before.length, 'Bob’s history is there after the restart');
    await this.#say(this.#bob, 'a line of text', new TextEncoder().encode('Back again.'));
  }

  async #joinTablet(): Promise<void> {
    await this.#tablet.open();
    await this.#tablet.device.joinExternally(this.#room);
    this.#present.push(this.#tablet);
    await this.#inStep();
    await this.#say(this.#tablet, 'a line of text', new TextEncoder().encode('From my tablet.'));
  }

  async #leaveBob(): Promise<void> {
    await this.#bob.room(this.#room).leave();
    const room = this.#alice.room(this.#room);
    await until(
      [this.#alice],
      'Alice hears that Bob wants to leave',
      () => room.pendingProposals > 0,
    );
    await room.commitPending();
    this.#present = this.#present.filter((actor) => actor !== this.#bob);
    await this.#inStep();
    mustBe(!room.users().includes(this.#bob.user), 'Bob is out of the room');
    const rest = new TextEncoder().encode('Just the two of us.');
    await this.#say(this.#alice, 'a line of text', rest);
    await this.#bob.device.sync();
    const heard = await this.#bob.room(this.#room).messages();
    mustBe(!heard.some(({ content }) => sameBytes(content, rest)), 'Bob hears no more');
  }

  async #losePhone(): Promise<void> {
    await this.#carol.lose();
    await this.#carol.open();
    await this.#carol.device.joinExternally(this.#room);
    await this.#inStep();
    await this.#say(this.#carol, 'a line of text', new TextEncoder().encode('New phone.'));
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

  /** Waits until a message that was sent is everywhere, once, byte for byte. */
  async #arrives(from: Actor, name: string, bytes: Uint8Array): Promise<void> {
    this.#sent += 1;
    const count = async (actor: Actor) => {
      const messages = await actor.room(this.#room).messages();
      return messages.filter(
        (message) => message.client === from.client && sameBytes(message.content, bytes),
      ).length;
    };
    await until(this.#present, `all receive ${name}`, async () => {
      const counts = await Promise.all(this.#present.map(count));
      return counts.every((times) => times > 0);
    });
    for (const actor of this.#present) mustBe((await count(actor)) === 1, `${name} comes once`);
    const to = this.#present.filter((actor) => actor !== from).map((actor) => actor.name);
    this.#delivered += to.length;
    this.#deliveries.push({ name, from: from.who, bytes: bytes.length, to });
  }

  /** Waits until all who are present are in the same epoch. */
  async #inStep(): Promise<void> {
    await until(this.#present, 'all are in the same epoch', () => {
      const epochs = this.#present.map((actor) => actor.room(this.#room).epoch);
      return new Set(epochs).size === 1;
    });
  }

  async #step(name: string, act: () => Promise<void>): Promise<void> {
    if (this.#options.stopped.aborted) throw new DemoError('The demo was stopped.');
    const started = performance.now();
    await act();
    const ms = Math.round(performance.now() - started);
    const { hub, follower } = this.#options;
    const atHub = await hub.inspect(this.#room);
    const atFollower = await follower.inspect(this.#room);
    const step: Step = {
      name,
      ms,
      hubSaw: newEntries(atHub, this.#hubSeq),
      followerSaw: newEntries(atFollower, this.#followerSeq),
    };
    this.#hubSeq = atHub?.seq ?? 0;
    this.#followerSeq = atFollower?.seq ?? 0;
    this.#steps.push(step);
    this.#options.onStep(step, this.#deliveries);
    this.#deliveries = [];
  }
}

/** What a provider has of a room since `seq`, a line an entry; users that it could read stand in brackets. */
function newEntries(inspection: RoomInspection | undefined, seq: number): string[] {
  const entries = inspection?.entries.filter((entry) => entry.seq > seq) ?? [];
  return entries.map(({ what, from, bytes, epoch, inClear }) => {
    const users = inClear.filter((uri) => uri.includes('/u/')).map(shortName);
    return [
      `${what} from ${shortName(from)}`,
      epoch === undefined ? '' : `, epoch ${epoch}`,
      bytes === 0 ? '' : `, ${bytes} B`,
      users.length === 0 ? '' : ` [${users.join(' ')}]`,
    ].join('');
  });
}

/** A URI without its scheme. */
function shortName(uri: string): string {
  return uri.replace('mimi://', '');
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** A provider that is away is what the step is about. */
function ignoreAbsence(error: unknown): void {
  if (!isClientError(error, 'unavailable', 'unknown')) throw error;
}
