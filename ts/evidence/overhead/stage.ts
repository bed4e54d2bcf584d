// A hub and a follower in this process, reached by direct calls, and the devices of their users. Every body that passes
// between two of them is counted; what a hub has to deliver is delivered before the call that caused it returns.

import { Account, type Connection, Device, memoryKeyValue } from '../../client/index.ts';
import { init } from '../../mls/index.ts';
import { Provider, type Store } from '../../provider/index.ts';
import { openMemoryStore } from '../../store/index.ts';
import {
  asClientUri,
  asUserUri,
  type ClientUri,
  clientUri,
  providerUri,
  userUri,
} from '../../wire/index.ts';
import { mustBe } from './error.ts';
import { inProcessConnection } from './in_process.ts';
import { Meter, type Party, type Shares } from './meter.ts';

export const HUB = 'a.example';
export const FOLLOWER = 'b.example';
export type Domain = typeof HUB | typeof FOLLOWER;

const PROVIDERS: Readonly<Record<Domain, Party>> = { [HUB]: 'hub', [FOLLOWER]: 'follower' };
/** A commit that adds several clients carries a Welcome for each: more than a request has by default. */
const REQUEST_BYTES = 32 << 20;
/** One guest is added again and again. */
const CLAIMS_HOURLY = 1_000_000;
/** How long devices may take to come to rest: so many rounds of all of them. */
const MAX_ROUNDS = 16;

/** The shard of all rooms of a provider that has one for them. */
const ROOMS_SHARD = 'rooms-0';

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** Which devices are a party of an action. */
export type Cast = Readonly<Partial<Record<'sender' | 'receiver' | 'newcomer', Device>>>;

/** Two providers, and whoever is at them. */
export class Stage implements AsyncDisposable {
  readonly #meter = new Meter();
  readonly #stores = new Map<Domain, Store>();
  readonly #providers = new Map<Domain, Provider>();
  readonly #devices = new Set<Device>();
  /** What devices have reported: nothing, if all goes as it must. */
  readonly #problems: string[] = [];
  /** Parties of the action that is measured, by client. */
  #cast: ReadonlyMap<ClientUri, Party> = new Map();
  /** Providers that have something to deliver. */
  readonly #laden = new Set<Domain>();

  static async open(): Promise<Stage> {
    await init();
    const stage = new Stage();
    for (const domain of [HUB, FOLLOWER] as const) await stage.#openProvider(domain);
    return stage;
  }

  async #openProvider(domain: Domain): Promise<void> {
    const store = openMemoryStore();
    const other = domain === HUB ? FOLLOWER : HUB;
    const provider = await Provider.open({
      domain,
      store,
      limits: { requestBytes: REQUEST_BYTES, claimsPerTokenHourly: CLAIMS_HOURLY },
      clock: Date.now,
      random,
      report: () => undefined,
      peers: {
        domains: [other],
        post: async (_target, endpoint, id, body) => {
          const [from, to] = [PROVIDERS[domain], PROVIDERS[other]];
          this.#meter.carry(from, to, body);
          const reply = await this.#meter.as(to, () =>
            this.#provider(other).fromPeer(domain, endpoint, id, body),
          );
          this.#meter.carry(to, from, reply.body);
          return reply;
        },
      },
    });
    provider.onWork(() => this.#laden.add(domain));
    this.#stores.set(domain, store);
    this.#providers.set(domain, provider);
  }

  #provider(domain: Domain): Provider {
    const provider = this.#providers.get(domain);
    mustBe(provider !== undefined, `there is a provider ${domain}`);
    return provider;
  }

  /** Opens a device of a user of its own, which has neither key packages nor connections yet. */
  async device(domain: Domain, name: string): Promise<Device> {
    const user = asUserUri(userUri(domain, name));
    const client = asClientUri(clientUri(domain, `${name}-1`));
    const direct = inProcessConnection(() => this.#provider(domain), { user, client });
    const device = await Device.open({
      account: new Account({ user, provider: providerUri(domain), secret: random(32) }),
      client,
      connection: this.#counted(direct, client, PROVIDERS[domain]),
      storage: memoryKeyValue(),
    });
    device.on('problem', ({ code, error }) => {
      this.#problems.push(`${name}: ${code}${error === undefined ? '' : ` (${error})`}`);
    });
    this.#devices.add(device);
    return device;
  }

  #counted(direct: Connection, client: ClientUri, provider: Party): Connection {
    return {
      call: async (operation, id, body, options) => {
        const party = this.#cast.get(client);
        this.#meter.carry(party, provider, body);
        const answer = await this.#meter.as(provider, () =>
          direct.call(operation, id, body, options),
        );
        this.#meter.carry(provider, party, answer);
        await this.#deliver();
        return answer;
      },
    };
  }

  async #deliver(): Promise<void> {
    for (const domain of this.#laden) {
      this.#laden.delete(domain);
      await this.#meter.as(PROVIDERS[domain], () => this.#provider(domain).deliver());
    }
  }

  /** Measures what `act` does through `as`, and gives what each party had of it: hub, follower and those of the cast. */
  async measure(cast: Cast, act: () => Promise<void>): Promise<Shares> {
    const parties = Object.keys(cast) as Party[];
    this.#cast = new Map(
      Object.entries(cast).map(([party, device]) => [device.client, party as Party]),
    );
    try {
      const shares = await this.#meter.measure([...parties, 'hub', 'follower'], act);
      mustBe(this.#problems.length === 0, `no device has a problem, but ${this.#problems.join()}`);
      return shares;
    } finally {
      this.#cast = new Map();
    }
  }

  /** Runs the work of a device as that of the party that it is. */
  as<Result>(device: Device, work: (device: Device) => Promise<Result>): Promise<Result> {
    return this.#meter.as(this.#cast.get(device.client), () => work(device));
  }

  /** Lets devices sync until none gets anything more. */
  async settle(...devices: readonly Device[]): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let events = 0;
      for (const device of devices) events += (await device.sync()).events;
      if (events === 0) return;
    }
    mustBe(false, 'devices come to rest');
  }

  /** Drops what both providers have logged: everybody who reads it has done so. */
  async forgetLogs(): Promise<void> {
    for (const store of this.#stores.values()) {
      await store.trim(ROOMS_SHARD, await store.head(ROOMS_SHARD));
    }
  }

  async close(device: Device): Promise<void> {
    this.#devices.delete(device);
    await device.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await device.close();
    for (const provider of this.#providers.values()) await provider.close();
    for (const store of this.#stores.values()) await store.close();
  }
}
