// The world that the audit records: a hub and three followers over HTTP on loopback, each behind a relay, with their
// stores and logs tapped, and devices of their users.

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Account,
  type Connection,
  Device,
  httpConnection,
  type KeyValue,
  memoryKeyValue,
} from '../../client/index.ts';
import { kinds, queueRows } from '../../client/unlinked/rows.ts';
import type { Deployment, Store } from '../../provider/index.ts';
import { parseConfig, type RunningServer, startServer } from '../../server/index.ts';
import { createLogger } from '../../server/log.ts';
import { openMemoryStore } from '../../store/index.ts';
import {
  type ClientUri,
  clientUri,
  decodeProviderKeys,
  domainOf,
  providerUri,
  type UserUri,
  userUri,
} from '../../wire/index.ts';
import { UnlinkedWays } from '../loopback/unlinked_ways.ts';
import { mustBe } from './error.ts';
import type { Needles } from './needles.ts';
import { Relay } from './relay.ts';
import { addAccount, collectingStorage, type Wanted } from './secrets.ts';
import { tappedStore } from './store_tap.ts';
import type { Tape } from './tape.ts';

/** The parts that providers play, apart from each other so that each cell of the table is about one of them. */
export const DOMAINS = {
  /** Orders the rooms, and serves who created them. */
  hub: 'a.example',
  /** Of who acts, in all actions but `create`. */
  own: 'b.example',
  /** Has a user in the rooms, who does nothing. */
  follower: 'c.example',
  /** Of who is added and removed. */
  target: 'd.example',
} as const;

/** How long devices may take to come to rest, in milliseconds. */
const REST_MS = 30_000;
/** Pause while servers have something to deliver, in milliseconds. */
const PAUSE_MS = 2;
/** How long a provider may hold back its answer to a device that waits, in milliseconds. */
const WAIT_MS = 250;
/** Rounds in which nothing came, after which nothing will. */
const QUIET_ROUNDS = 2;

/** A device and how it is called. */
export interface NewDevice {
  readonly domain: string;
  /** The last part of its user's URI. */
  readonly user: string;
  /** The last part of its own URI. */
  readonly client: string;
  /** How many key packages of each kind it publishes, besides those of last resort. */
  readonly stock: number;
  /** What comes before each of its requests. */
  readonly beforeCall?: ((operation: string) => void) | undefined;
}

export interface WorldOptions {
  readonly tape: Tape;
  /** Where the secrets of devices are collected. */
  readonly secrets: Needles;
  readonly wanted: Wanted;
  /** Of all providers; default `enterprise`. */
  readonly deployment?: Deployment | undefined;
}

/** By which a device shows its provider who it is. */
export interface Access {
  readonly user: UserUri;
  readonly client: ClientUri;
  /** Of the account's device. */
  readonly token: string;
  /** Of queues that are nobody's. */
  readonly queues: readonly Queue[];
}

/** One that is of no account. */
export interface Queue {
  readonly client: string;
  readonly token: string;
}

/** The rows of an unlinked connection; all queues that there have been are noted, also those that ended. */
function notingQueues(queues: Queue[]): KeyValue {
  const inner = memoryKeyValue();
  return {
    ...inner,
    write: (changes) => {
      for (const { key, value } of changes) {
        if (value === undefined || key[0] !== kinds.queue) continue;
        const { client, secret } = queueRows.decode(value);
        const known = queues.some(({ token }) => token === secret);
        if (client !== '' && !known) queues.push({ client, token: secret });
      }
      return inner.write(changes);
    },
  };
}

interface Provided {
  readonly relay: Relay;
  readonly server: RunningServer;
  readonly taps: Taps;
}

/** Where a provider writes: its store, and its log. */
export interface Taps {
  readonly store: Store;
  readonly log: { write(line: string | Uint8Array): void };
}

/** Providers that run, and the devices of their users. */
export class AuditWorld implements AsyncDisposable {
  readonly #options: WorldOptions;
  readonly #providers = new Map<string, Provided>();
  readonly #devices = new Set<Device>();
  readonly #ways = new UnlinkedWays();
  readonly #accesses: Access[] = [];
  /** What the devices of a user share. */
  readonly #accounts = new Map<UserUri, Uint8Array>();

  private constructor(options: WorldOptions) {
    this.#options = options;
  }

  static async open(options: WorldOptions): Promise<AuditWorld> {
    const world = new AuditWorld(options);
    const domains = Object.values(DOMAINS);
    const relays = new Map<string, Relay>();
    for (const domain of domains) relays.set(domain, await Relay.open(domain, options.tape));
    const passwords = new Map<string, string>();
    for (const [domain, relay] of relays) {
      const peers = [...relays]
        .filter(([other]) => other !== domain)
        .map(([other, { url }]) => {
          const pair = [domain, other].sort().join();
          const secret = passwords.get(pair) ?? randomBytes(24).toString('base64url');
          passwords.set(pair, secret);
          return { domain: other, url, secret };
        });
      world.#providers.set(domain, await world.#start(domain, relay, peers));
    }
    return world;
  }

  async #start(
    domain: string,
    relay: Relay,
    peers: readonly { domain: string; url: string; secret: string }[],
  ): Promise<Provided> {
    const { tape } = this.#options;
    const note = { party: domain, peer: undefined };
    const config = parseConfig({
      domain,
      listen: { port: 0 },
      store: 'memory',
      deployment: this.#options.deployment,
      admin: { token: randomBytes(24).toString('base64url') },
      peers: [...peers],
    });
    const store = tappedStore(openMemoryStore(), (place, what, bytes) =>
      tape.note({ ...note, place, what, bytes }),
    );
    const log: Taps['log'] = {
      write: (line) =>
        tape.note({ ...note, place: 'log line', what: '', bytes: Buffer.from(line) }),
    };
    const server = await startServer(config, { store, log: createLogger('debug', log) });
    relay.leadTo(server.url);
    return { relay, server, taps: { store, log } };
  }

  #provider(domain: string): Provided {
    const provider = this.#providers.get(domain);
    mustBe(provider !== undefined, `there is a provider ${domain}`);
    return provider;
  }

  /** Where a provider writes. */
  tapsOf(domain: string): Taps {
    return this.#provider(domain).taps;
  }

  /** By which the devices of a domain show who they are, as they know it themselves. */
  accessesAt(wanted: string): Access[] {
    return this.#accesses.filter(({ user }) => domainOf(user) === wanted);
  }

  /** The public keys by which the hub franks. */
  async frankingKeys(): Promise<readonly Uint8Array[]> {
    const { provider } = this.#provider(DOMAINS.hub).server;
    const user = userUri(DOMAINS.hub, 'anybody');
    const client = clientUri(DOMAINS.hub, 'anything');
    const hub = providerUri(DOMAINS.hub);
    const { body } = await provider.fromDevice(
      { user, client },
      'providerKeys',
      hub,
      new Uint8Array(),
    );
    const { frankingEd25519, frankingP256 } = decodeProviderKeys(body);
    return [frankingEd25519, frankingP256];
  }

  /** Where a provider is reached: at its relay. */
  urlOf(domain: string): string {
    return this.#provider(domain).relay.url;
  }

  /** Opens a new device; it has key packages for rooms of every mode. */
  async device({ domain, user: name, client: id, stock, beforeCall }: NewDevice): Promise<Device> {
    const { secrets, wanted } = this.#options;
    const user = userUri(domain, name);
    const client = clientUri(domain, id);
    const { relay, server } = this.#provider(domain);
    const token = await server.provider.mintDevice(user, client);
    const secret = this.#accounts.get(user) ?? new Uint8Array(randomBytes(32));
    this.#accounts.set(user, secret);
    const { deployment } = this.#options;
    const queues: Queue[] = [];
    const storage = notingQueues(queues);
    const baseUrl = relay.url;
    const http =
      deployment === 'consumer'
        ? await this.#ways.open({ baseUrl, token, domain, storage })
        : httpConnection({ baseUrl, token });
    this.#accesses.push({ user, client, token, queues });
    const connection: Connection = {
      unlinked: http.unlinked,
      call: (operation, ...rest) => {
        beforeCall?.(operation);
        return http.call(operation, ...rest);
      },
    };
    const device = await Device.open({
      account: new Account({ user, provider: providerUri(domain), secret, deployment }),
      client,
      connection,
      storage: collectingStorage(secrets, wanted),
    });
    addAccount(secrets, device);
    this.#devices.add(device);
    await device.publishKeyPackages(stock);
    await device.connections.publish(stock);
    return device;
  }

  /** Two users connect, and each may add the other to rooms. */
  async connect(one: Device, other: Device): Promise<void> {
    await one.connections.connect(other.account.user);
    await other.connections.check();
    await other.connections.accept(one.account.user);
    await one.connections.check();
    await other.allow(one.account.user);
  }

  /** Lets one device sync until something has come. @throws AuditError. */
  async syncUntil(device: Device, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + REST_MS;
    while (!holds()) {
      mustBe(Date.now() < deadline, `what a device waits for comes within ${REST_MS / 1000} s`);
      await device.sync({ waitMs: WAIT_MS });
    }
  }

  /** Lets servers deliver and devices sync until nothing is on its way any more. @throws AuditError. */
  async settle(): Promise<void> {
    const deadline = Date.now() + REST_MS;
    for (let quiet = 0; quiet < QUIET_ROUNDS; ) {
      mustBe(Date.now() < deadline, `the devices come to rest within ${REST_MS / 1000} s`);
      const behind = this.#isDelivering;
      let events = 0;
      for (const device of this.#devices) events += (await device.sync()).events;
      quiet = behind || events > 0 ? 0 : quiet + 1;
      if (behind) await pause(PAUSE_MS);
    }
    for (const { relay } of this.#providers.values()) if (relay.fault) throw relay.fault;
  }

  get #isDelivering(): boolean {
    const { provider } = this.#provider(DOMAINS.hub).server;
    return provider.backlog().some(({ records }) => records > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await device.close();
    await this.#ways[Symbol.asyncDispose]();
    for (const { server, relay } of this.#providers.values()) {
      await server.close();
      await relay.close();
    }
  }
}
