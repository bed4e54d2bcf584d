// Where the actions are played: a hub and two followers over HTTP, all of one deployment, and people with devices, in one
// privacy mode.

import type { Device, Room } from '../../client/index.ts';
import { ExedraError } from '../../errors.ts';
import { generateHpkeKeyPair, init } from '../../mls/index.ts';
import { type Mode, modeNamed } from '../../privacy/index.ts';
import type { EscrowKeys } from '../../privacy/parts/escrow.ts';
import type { Deployment, MandateChange, Provider } from '../../provider/index.ts';
import { roomUri, type UserUri } from '../../wire/index.ts';
import { Officers } from '../loopback/officers.ts';
import { LoopbackWorld, type Party } from '../loopback/world.ts';
import { mustBe } from './error.ts';

export const HUB = 'a.example';
const FOLLOWERS = ['b.example', 'c.example'] as const;
/** Key packages that a guest publishes before it is added. */
const STOCK = 1;

/** A room as its people have it, in the order Alice, then her guests. */
export interface Gathering {
  /** Of Alice. */
  readonly room: Room;
  /** Of her guests. */
  readonly seats: readonly Room[];
  /** How the guests are called in the room: by their users, or by pseudonyms. */
  readonly names: readonly UserUri[];
}

/** How an order of the hub's operator has ended: carried out, or not given. */
export type Ordered = { readonly done: true } | { readonly done: false; readonly why: string };

/** One mode at providers of one deployment; rooms are new for each action, people stay. */
export class Stage implements AsyncDisposable {
  readonly mode: Mode;
  readonly deployment: Deployment;
  readonly world: LoopbackWorld;
  /** Of the hub's provider; makes the rooms. */
  readonly alice: Party;
  readonly bob: Party;
  readonly carol: Party;
  readonly officers: Officers;
  readonly escrow: readonly EscrowKeys[];
  #rooms = 0;
  #devices = 1;

  private constructor(
    mode: Mode,
    deployment: Deployment,
    world: LoopbackWorld,
    people: readonly [Party, Party, Party],
    officers: Officers,
  ) {
    this.mode = mode;
    this.deployment = deployment;
    this.world = world;
    [this.alice, this.bob, this.carol] = people;
    this.officers = officers;
    this.escrow = ['court', 'ombudsman'].map((name) => ({ name, ...generateHpkeKeyPair(1) }));
  }

  /** Starts providers and opens devices. @throws ServerError, ClientError. */
  static async open(mode: string, deployment: Deployment): Promise<Stage> {
    await init();
    const officers = await Officers.appoint();
    const { required } = officers.config;
    const breakGlass = {
      required,
      officers: officers.config.officers.map(({ name, publicKey }) => ({
        name,
        publicKey: Buffer.from(publicKey).toString('base64url'),
      })),
    };
    const world = await new LoopbackWorld({
      domains: [HUB, ...FOLLOWERS],
      deployment,
      settings: () => (deployment === 'enterprise' ? { breakGlass } : {}),
    }).start();
    const people = [
      await world.device(HUB, 'alice-1'),
      await world.device(FOLLOWERS[0], 'bob-1'),
      await world.device(FOLLOWERS[1], 'carol-1'),
    ] as const;
    const [alice, bob, carol] = people;
    for (const guest of [bob, carol]) await world.connect(alice, guest);
    return new Stage(modeNamed(mode), deployment, world, [alice, bob, carol], officers);
  }

  /** The hub, as its operator has it. */
  get hub(): Provider {
    return this.world.provider(HUB);
  }

  /** A new franked room of Alice with these guests. */
  async gather(...guests: readonly Party[]): Promise<Gathering> {
    this.#rooms += 1;
    const uri = roomUri(HUB, `${this.mode.name}-${this.#rooms}`);
    const room = await this.alice.device.createRoom(uri, this.roomOptions);
    const seats: Room[] = [];
    for (const guest of guests) seats.push(await this.add(room, guest));
    await this.world.settle();
    const names = room.users().slice(1);
    mustBe(names.length === guests.length, 'all guests are in the room');
    return { room, seats, names };
  }

  /** What the rooms are made with; where a mode hides identities, consumers put them in escrow. */
  get roomOptions() {
    const hidden = this.mode.credentials.hidesIdentities && this.deployment === 'consumer';
    const parties = this.escrow.map(({ name, publicKey }) => ({ name, publicKey }));
    return {
      mode: this.mode.name,
      franking: 'exedra',
      escrow: hidden ? parties : undefined,
    } as const;
  }

  async add(room: Room, guest: Party): Promise<Room> {
    await guest.device.connections.publish(STOCK);
    return this.world.add(this.alice, room, guest);
  }

  /** Somebody whom nobody knows yet. */
  async stranger(domain: string): Promise<Party> {
    return this.world.device(domain, `eve${this.#next()}-1`);
  }

  /** Somebody new whom Alice is connected with. */
  async friend(domain: string): Promise<Party> {
    const friend = await this.stranger(domain);
    await this.world.connect(this.alice, friend);
    return friend;
  }

  /** A further device of a user. */
  async furtherDevice({ domain, device }: Party): Promise<Party> {
    return this.world.device(domain, `${personOf(device)}-${this.#next()}`);
  }

  /** A device of the same person that has nothing of what its others share: to servers it may be somebody else. */
  async anew({ domain, device }: Party): Promise<Party> {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    return this.world.device(domain, `${personOf(device)}-${this.#next()}`, { secret });
  }

  #next(): number {
    this.#devices += 1;
    return this.#devices;
  }

  /** Has the hub's operator order a change, and a member carry it out. @throws whatever is no refusal. */
  async order(room: Room, change: MandateChange): Promise<Ordered> {
    const refused = await refusal(() => this.hub.mandate(room.uri, change));
    if (refused !== undefined) return { done: false, why: refused };
    await this.world.settle();
    await room.commitPending();
    await this.world.settle();
    return { done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

const personOf = ({ client }: Device): string =>
  client.slice(client.lastIndexOf('/') + 1).replace(/-[^-]*$/, '');

/**
 * Why something is refused, as `code` or `code, rule`, or `undefined` where it was done. What a provider has refused is
 * named by the provider's code.
 */
export async function refusal(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    // A failure of what is in between is no refusal.
    const refused = error instanceof ExedraError && !['bug', 'dependency'].includes(error.kind);
    if (!refused) throw error;
    const { code = error.code, rule } = error.details as { code?: string; rule?: string };
    return rule === undefined ? `\`${code}\`` : `\`${code}\`, rule \`${rule}\``;
  }
}
