// Real providers in this process and devices that reach them without HTTP: what the tests of the client run on.

import {
  Account,
  ClientError,
  type Connection,
  Device,
  type KeyValue,
  memoryKeyValue,
  type RoomRules,
  unlinkedConnection,
} from '../../ts/client/index.ts';
import { answered, inProcessConnection } from '../../ts/evidence/overhead/in_process.ts';
import { init } from '../../ts/mls/index.ts';
import {
  type AnonymousOperation,
  Provider,
  type ProviderDeps,
  type Store,
} from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  providerUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';

/** Bytes from a seed (xorshift32): only ids and jitter depend on them, keys come from the core. */
export function seededRandom(seed: number): (length: number) => Uint8Array {
  let state = seed | 1;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    });
}

/** The way of a queue by its bearer token, or of nobody in particular, to a provider of this process. */
export function anonymousConnection(provider: () => Provider, bearer?: string): Connection {
  return {
    call: (operation, id, body, options = {}) =>
      answered(async () => {
        if (operation === 'openQueue' || operation === 'providerKeys') {
          return provider().fromAnybody(operation as AnonymousOperation, id ?? '', body);
        }
        const device = await provider().authenticate(bearer ?? '');
        if (device === undefined) throw new ClientError('unauthorized');
        return provider().fromDevice(device, operation, id ?? '', body, options);
      }),
  };
}

/** Tokens that a device asks for at once: each takes 30 ms of it. */
const TOKENS = 8;

export interface DeviceSetup {
  readonly storage?: KeyValue | undefined;
  /** Of the queues of a device whose provider must not map pseudonyms. */
  readonly queues?: KeyValue | undefined;
  readonly wrap?: ((connection: Connection) => Connection) | undefined;
  readonly rules?: RoomRules | undefined;
  readonly deployment?: 'enterprise' | 'consumer' | undefined;
  /** Of a device that is not one of the user's others: it takes part under other pseudonyms. */
  readonly secret?: Uint8Array | undefined;
}

/** What providers of a test are given besides. */
export type ProviderSettings = Partial<
  Pick<ProviderDeps, 'deployment' | 'breakGlass' | 'report' | 'clock' | 'limits'>
>;

/** Providers that know each other, and the devices of their users. */
export class World implements AsyncDisposable {
  readonly providers = new Map<string, Provider>();
  readonly stores = new Map<string, Store>();
  readonly devices = new Set<Device>();
  /** What the devices of a user share. */
  readonly #secrets = new Map<UserUri, Uint8Array>();
  /** By how much the providers' clock is ahead, in milliseconds. */
  aheadMs = 0;
  #seed = 1;
  readonly #settings: ProviderSettings;

  private constructor(settings: ProviderSettings) {
    this.#settings = settings;
  }

  static open(...domains: readonly string[]): Promise<World> {
    return World.with({}, ...domains);
  }

  /** As `open`, all providers with these settings; devices of consumer ones go through queues. */
  static async with(settings: ProviderSettings, ...domains: readonly string[]): Promise<World> {
    await init();
    const world = new World(settings);
    for (const domain of domains) world.stores.set(domain, openMemoryStore());
    for (const domain of domains) await world.#openProvider(domain);
    return world;
  }

  async #openProvider(domain: string): Promise<void> {
    const provider = await Provider.open({
      domain,
      store: this.store(domain),
      clock: () => Date.now() + this.aheadMs,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      report: () => {},
      ...this.#settings,
      peers: {
        domains: [...this.stores.keys()].filter((other) => other !== domain),
        post: (target, endpoint, id, body) =>
          this.provider(target).fromPeer(domain, endpoint, id, body),
      },
    });
    provider.onWork(() => {
      provider.deliver().catch(() => undefined);
    });
    this.providers.set(domain, provider);
  }

  /** Closes a provider and opens it again on what its store holds. */
  async restart(domain: string): Promise<void> {
    await this.provider(domain).close();
    await this.#openProvider(domain);
    await this.provider(domain).deliver();
  }

  store(domain: string): Store {
    const store = this.stores.get(domain);
    if (store === undefined) throw new Error(`no store of ${domain}`);
    return store;
  }

  provider(domain: string): Provider {
    const provider = this.providers.get(domain);
    if (provider === undefined) throw new Error(`no provider ${domain}`);
    return provider;
  }

  connection(domain: string, user: UserUri, name: string): Connection {
    const client = clientUri(domain, name);
    return inProcessConnection(() => this.provider(domain), { user, client });
  }

  /** Opens the device `name` (as in `alice-phone`) of the user named before the dash, with key packages. */
  async device(domain: string, name: string, setup: DeviceSetup = {}): Promise<Device> {
    const device = await this.reopen(domain, name, setup);
    await device.publishKeyPackages(4);
    return device;
  }

  /** Opens the device `name` on what its storage holds. */
  async reopen(domain: string, name: string, setup: DeviceSetup = {}): Promise<Device> {
    const user = asUserUri(userUri(domain, name.split('-')[0] ?? name));
    const client = asClientUri(clientUri(domain, name));
    const { wrap = (inner: Connection) => inner } = setup;
    const account = wrap(this.connection(domain, user, name));
    const connection = await this.#routed(domain, account, wrap, setup.queues);
    // An even seed gives the bytes of the odd one after it.
    this.#seed += 2;
    const device = await Device.open({
      account: new Account({
        user,
        provider: providerUri(domain),
        secret: setup.secret ?? this.#secretOf(user),
        deployment: setup.deployment,
      }),
      client,
      connection,
      storage: setup.storage ?? memoryKeyValue(),
      random: seededRandom(this.#seed),
      rules: setup.rules,
    });
    this.devices.add(device);
    return device;
  }

  /** At a provider that must not map pseudonyms, a device has queues; each of its ways is wrapped. */
  async #routed(
    domain: string,
    account: Connection,
    wrap: (connection: Connection) => Connection,
    storage: KeyValue = memoryKeyValue(),
  ): Promise<Connection> {
    if (this.#settings.deployment !== 'consumer') return account;
    const provider = () => this.provider(domain);
    return unlinkedConnection({
      account,
      anonymous: (bearer) => wrap(anonymousConnection(provider, bearer)),
      storage,
      domain,
      tokens: TOKENS,
    });
  }

  #secretOf(user: UserUri): Uint8Array {
    const known = this.#secrets.get(user);
    if (known !== undefined) return known;
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.#secrets.set(user, secret);
    return secret;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.devices].map((device) => device.close()));
    await Promise.all([...this.providers.values()].map((provider) => provider.close()));
    await Promise.all([...this.stores.values()].map((store) => store.close()));
  }
}

/** Syncs the devices until none gets anything more. */
export async function settle(...devices: readonly Device[]): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    let events = 0;
    for (const device of devices) events += (await device.sync()).events;
    quiet = events === 0 ? quiet + 1 : 0;
    // Fan-out to the other provider runs beside.
    if (quiet > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
