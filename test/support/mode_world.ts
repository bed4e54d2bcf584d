// A hub and two followers that really run, over HTTP on loopback, and the devices of their users: what the whole life of
// a room is played on, whatever its mode. The hub keeps its rooms on disk, so that it can be started again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  Account,
  type Connection,
  Device,
  httpConnection,
  type KeyValue,
  memoryKeyValue,
  type Problem,
  type Room,
  unlinkedConnection,
} from '../../ts/client/index.ts';
import type { Deployment } from '../../ts/provider/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  providerUri,
  roomUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import { freePort, mintToken, start } from './running_server.ts';

export const HUB = 'a.example';
export const FOLLOWERS = ['b.example', 'c.example'] as const;
const DOMAINS = [HUB, ...FOLLOWERS];

/** How long devices may take to come to rest, in milliseconds. */
const REST_MS = 30_000;
/** Pause while servers have something to deliver, in milliseconds. */
const PAUSE_MS = 2;
/** Key packages of each kind that a device publishes, and sets where each has a queue of its own. */
const STOCK: Readonly<Record<Deployment, number>> = { enterprise: 16, consumer: 3 };

/** Tokens that a device asks for at once. */
const TOKENS = 8;

/** A device and what it has told its app. */
export interface Party {
  readonly device: Device;
  readonly user: UserUri;
  readonly storage: KeyValue;
  /** What is stored of its queues, where it has any. */
  readonly queues: KeyValue;
  readonly problems: Problem[];
}

/** Three providers, and the devices that are open. */
export class ModeWorld implements AsyncDisposable {
  readonly #ports = new Map<string, number>();
  readonly #servers = new Map<string, RunningServer>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'exedra-modes-'));
  readonly #secrets = new Map<UserUri, Uint8Array>();
  /** Devices that `settle` brings in step. */
  readonly #present = new Set<Party>();
  /** Of all providers. */
  readonly #deployment: Deployment;
  /** Queues and who is nobody in particular have TCP connections of their own. */
  readonly #agents = new Set<Agent>();

  private constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  static async open(deployment: Deployment = 'enterprise'): Promise<ModeWorld> {
    const world = new ModeWorld(deployment);
    for (const domain of DOMAINS) world.#ports.set(domain, await freePort());
    await Promise.all(DOMAINS.map((domain) => world.#start(domain)));
    return world;
  }

  async #start(domain: string): Promise<void> {
    const peers = DOMAINS.filter((other) => other !== domain).map((other) => ({
      domain: other,
      url: this.#url(other),
      secret: `secret-of-${[domain, other].sort().join('-and-')}`,
    }));
    const store =
      domain === HUB ? ({ store: 'lmdb', storePath: join(this.#folder, 'store') } as const) : {};
    const listen = { port: this.#ports.get(domain) };
    const deployment = this.#deployment;
    this.#servers.set(domain, await start(domain, { listen, peers, deployment, ...store }));
  }

  #url(domain: string): string {
    return `http://127.0.0.1:${this.#ports.get(domain)}`;
  }

  /** Closes the hub, does something meanwhile, and starts it again on what it has stored. */
  async restartHub(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.#servers.get(HUB)?.close();
    await meanwhile();
    await this.#start(HUB);
  }

  /** Opens the device `name` (as in `bob-phone`) of the user named before the dash; it can be asked and invited. */
  async device(domain: string, name: string, storage = memoryKeyValue()): Promise<Party> {
    const party = await this.reopen(domain, name, storage);
    const stock = STOCK[this.#deployment];
    await party.device.publishKeyPackages(stock);
    await party.device.connections.publish(stock);
    return party;
  }

  /** Opens the device `name` on what its storages hold. */
  async reopen(
    domain: string,
    name: string,
    storage: KeyValue,
    queues: KeyValue = memoryKeyValue(),
  ): Promise<Party> {
    const person = name.split('-')[0] ?? name;
    const user = asUserUri(userUri(domain, person));
    const url = this.#url(domain);
    const token = await mintToken(url, domain, person, name);
    const device = await Device.open({
      account: new Account({ user, provider: providerUri(domain), secret: this.#secretOf(user) }),
      client: asClientUri(clientUri(domain, name)),
      connection: await this.#connection(domain, token, queues),
      storage,
    });
    const party: Party = { device, user, storage, queues, problems: [] };
    device.on('problem', (problem) => party.problems.push(problem));
    this.#present.add(party);
    return party;
  }

  /** The way of a device to its provider; with queues where that must not map pseudonyms. */
  async #connection(domain: string, token: string, queues: KeyValue): Promise<Connection> {
    const baseUrl = this.#url(domain);
    const account = httpConnection({ baseUrl, token });
    if (this.#deployment === 'enterprise') return account;
    const anonymous = (bearer?: string) => {
      const dispatcher = new Agent();
      this.#agents.add(dispatcher);
      const fetch = ((input: string, init: object) =>
        undiciFetch(input, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
      return httpConnection({ baseUrl, token: bearer, fetch });
    };
    const tokens = TOKENS;
    return unlinkedConnection({ account, anonymous, storage: queues, domain, tokens });
  }

  /** The secret that the devices of a user share. */
  #secretOf(user: UserUri): Uint8Array {
    const known = this.#secrets.get(user) ?? crypto.getRandomValues(new Uint8Array(32));
    this.#secrets.set(user, known);
    return known;
  }

  /** A device is switched off: it gets nothing until it is opened again. */
  async close(party: Party): Promise<void> {
    this.#present.delete(party);
    await party.device.close();
  }

  async closeAllBut(...stay: readonly Party[]): Promise<void> {
    for (const party of [...this.#present]) if (!stay.includes(party)) await this.close(party);
  }

  /** What devices have reported since the last time, as `who: code`. */
  takeProblems(): string[] {
    return [...this.#present].flatMap(({ device, problems }) =>
      problems.splice(0).map(({ code }) => `${nameOf(device.client)}: ${code}`),
    );
  }

  /** Connects two users as an app does: one asks, the other accepts. */
  async connect(one: Party, other: Party): Promise<void> {
    await one.device.connections.connect(other.user);
    await other.device.connections.check();
    await other.device.connections.accept(one.user);
    await one.device.connections.check();
  }

  /** A member's device adds the user of a guest, who accepts. */
  async add(by: Party, room: Room, guest: Party): Promise<Room> {
    await guest.device.allow(by.user);
    await room.invite(guest.user);
    await this.settle();
    return accept(guest, room);
  }

  /** Lets servers deliver and devices sync until nothing is on its way any more. */
  async settle(): Promise<void> {
    const deadline = Date.now() + REST_MS;
    for (let quiet = 0; quiet < 2; ) {
      if (Date.now() > deadline) throw new Error(`not at rest within ${REST_MS} ms`);
      const behind = this.#isDelivering;
      let events = 0;
      for (const { device } of this.#present) events += (await device.sync()).events;
      quiet = behind || events > 0 ? 0 : quiet + 1;
      if (behind) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Whether the hub of all rooms has something that a follower has not got. */
  get #isDelivering(): boolean {
    const backlog = this.#servers.get(HUB)?.provider.backlog() ?? [];
    return backlog.some(({ records }) => records > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#present].map(({ device }) => device.close()));
    await Promise.all([...this.#agents].map((agent) => agent.destroy()));
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
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

/** Accepts the invitation to a room that has come. */
export async function accept({ device, user }: Party, { uri }: Room): Promise<Room> {
  const invitation = device.invitations().find(({ room }) => room === uri);
  if (invitation === undefined) throw new Error(`no invitation came for ${user}`);
  return invitation.accept();
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

/** The last part of a URI. */
export const nameOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);

export const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
export const asText = (content: Uint8Array): string => new TextDecoder().decode(content);
