// Providers that really run, over HTTP on loopback, and devices of their users: what the life of a room is played on,
// whatever its mode and the providers' deployment.

import {
  Account,
  type Connection,
  Device,
  httpConnection,
  type KeyValue,
  memoryKeyValue,
  type Problem,
  type Room,
} from '../../client/index.ts';
import type { Deployment, Provider } from '../../provider/index.ts';
import {
  parseConfig,
  type RunningServer,
  type ServerConfigInput,
  startServer,
} from '../../server/index.ts';
import { clientUri, providerUri, type UserUri, userUri } from '../../wire/index.ts';
import { freePorts } from './free_ports.ts';
import { UnlinkedWays } from './unlinked_ways.ts';

/** How long devices may take to come to rest, in milliseconds. */
const REST_MS = 30_000;
/** Pause while servers have something to deliver, in milliseconds. */
const PAUSE_MS = 2;
/** Rounds in which nothing came, after which nothing will. */
const QUIET_ROUNDS = 2;
/** Key packages of each kind that a device publishes, and sets where each has a queue of its own. */
const STOCK: Readonly<Record<Deployment, number>> = { enterprise: 16, consumer: 3 };

export interface WorldOptions {
  /** The first one is the hub of the rooms. */
  readonly domains: readonly [string, ...string[]];
  /** Of all providers; default `enterprise`. */
  readonly deployment?: Deployment | undefined;
  /** What a provider's configuration has besides; default: a store in memory. */
  readonly settings?: ((domain: string) => Partial<ServerConfigInput>) | undefined;
}

/** A device and what it has told its app. */
export interface Party {
  readonly device: Device;
  readonly user: UserUri;
  readonly domain: string;
  readonly storage: KeyValue;
  /** What is stored of its queues, where it has any. */
  readonly queues: KeyValue;
  readonly problems: Problem[];
}

export interface PartyOptions {
  readonly storage?: KeyValue | undefined;
  readonly queues?: KeyValue | undefined;
  /** Of the account, where it is not to be that of the user's other devices. */
  readonly secret?: Uint8Array | undefined;
}

/** Providers that run, and the devices that are open. */
export class LoopbackWorld implements AsyncDisposable {
  readonly hub: string;
  readonly #options: WorldOptions;
  readonly #ports = new Map<string, number>();
  readonly #servers = new Map<string, RunningServer>();
  readonly #secrets = new Map<UserUri, Uint8Array>();
  /** Devices that `settle` brings in step. */
  readonly #present = new Set<Party>();
  readonly #ways = new UnlinkedWays();

  constructor(options: WorldOptions) {
    this.#options = options;
    [this.hub] = options.domains;
  }

  /** Starts the providers. Throws ServerError. */
  async start(): Promise<this> {
    const { domains } = this.#options;
    const ports = await freePorts(domains.length);
    for (const [index, domain] of domains.entries()) this.#ports.set(domain, ports[index] ?? 0);
    await Promise.all(domains.map((domain) => this.#start(domain)));
    return this;
  }

  async #start(domain: string): Promise<void> {
    const { domains, deployment, settings } = this.#options;
    const config = parseConfig({
      domain,
      deployment,
      listen: { port: this.#ports.get(domain) },
      store: 'memory',
      logLevel: 'silent',
      admin: { token: 'admin-token-on-loopback' },
      peers: domains
        .filter((other) => other !== domain)
        .map((other) => ({
          domain: other,
          url: this.urlOf(other),
          secret: `secret-of-${[domain, other].sort().join('-and-')}`,
        })),
      ...settings?.(domain),
    });
    this.#servers.set(domain, await startServer(config));
  }

  /** Where a provider is reached. */
  urlOf(domain: string): string {
    return `http://127.0.0.1:${this.#ports.get(domain)}`;
  }

  /** A provider, as its operator has it. Throws an Error where there is none of that name. */
  provider(domain: string): Provider {
    const server = this.#servers.get(domain);
    if (server === undefined) throw new Error(`There is no provider ${domain}.`);
    return server.provider;
  }

  /** Closes the hub, does something meanwhile, and starts it again on what it has stored. */
  async restartHub(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.#servers.get(this.hub)?.close();
    await meanwhile();
    await this.#start(this.hub);
  }

  /** Opens the device `name` (as in `bob-phone`) of the user named before the dash; it can be asked and invited. */
  async device(domain: string, name: string, options: PartyOptions = {}): Promise<Party> {
    const party = await this.reopen(domain, name, options);
    await party.device.publishKeyPackages(this.#stock);
    await party.device.connections.publish(this.#stock);
    return party;
  }

  /** Opens the device `name` on what its storages hold. */
  async reopen(domain: string, name: string, options: PartyOptions = {}): Promise<Party> {
    const { storage = memoryKeyValue(), queues = memoryKeyValue() } = options;
    const user = userUri(domain, name.split('-')[0] ?? name);
    const client = clientUri(domain, name);
    const token = await this.provider(domain).mintDevice(user, client);
    const secret = options.secret ?? this.#secretOf(user);
    const { deployment } = this.#options;
    const device = await Device.open({
      account: new Account({ user, provider: providerUri(domain), secret, deployment }),
      client,
      connection: await this.#connection(domain, token, queues),
      storage,
    });
    const party: Party = { device, user, domain, storage, queues, problems: [] };
    device.on('problem', (problem) => party.problems.push(problem));
    this.#present.add(party);
    return party;
  }

  get #stock(): number {
    return STOCK[this.#options.deployment ?? 'enterprise'];
  }

  /** The way of a device to its provider; with queues where that must not map pseudonyms. */
  async #connection(domain: string, token: string, queues: KeyValue): Promise<Connection> {
    const baseUrl = this.urlOf(domain);
    if (this.#options.deployment !== 'consumer') return httpConnection({ baseUrl, token });
    return this.#ways.open({ baseUrl, token, domain, storage: queues });
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

  /** Lets servers deliver and devices sync until nothing is on its way any more. Throws an Error after 30 s. */
  async settle(): Promise<void> {
    const deadline = Date.now() + REST_MS;
    for (let quiet = 0; quiet < QUIET_ROUNDS; ) {
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
    return this.provider(this.hub)
      .backlog()
      .some(({ records }) => records > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#present].map(({ device }) => device.close()));
    await this.#ways[Symbol.asyncDispose]();
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }
}

/** Accepts the invitation to a room that has come. Throws an Error where none has. */
export async function accept({ device, user }: Party, { uri }: Room): Promise<Room> {
  const invitation = device.invitations().find(({ room }) => room === uri);
  if (invitation === undefined) throw new Error(`no invitation came for ${user}`);
  return invitation.accept();
}

/** The last part of a URI. */
export const nameOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);
