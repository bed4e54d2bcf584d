// Providers in this process that reach each other through a network that a test can watch, cut and answer for.

import { ExedraError } from '../../ts/errors.ts';
import {
  type PeerEndpoint,
  type PeerReply,
  Provider,
  type ProviderEvent,
  type SomeLimits,
  type Store,
} from '../../ts/provider/index.ts';
import { errorReply } from '../../ts/server/http/error_reply.ts';
import { domainOf } from '../../ts/wire/index.ts';
import type { Call } from './mls_member.ts';

/** A request between providers. */
export interface Post {
  readonly source: string;
  readonly target: string;
  readonly endpoint: PeerEndpoint;
  readonly id: string;
  readonly body: Uint8Array;
}

/** Answers a request in the target's place, or throws; `undefined` lets it through. */
export type Interference = (post: Post) => PeerReply | Promise<PeerReply> | undefined;

/** Providers by domain. */
export class Network {
  /** Milliseconds since the epoch of UNIX; it stands still unless the test moves it. */
  now = Date.now();
  /** All requests that were made, in order. */
  readonly posts: Post[] = [];
  readonly events = new Map<string, ProviderEvent[]>();
  interfere: Interference = () => undefined;
  readonly #domains: readonly string[];
  readonly #providers = new Map<string, Provider>();

  constructor(...domains: readonly string[]) {
    this.#domains = domains;
  }

  /** Opens a provider, or opens it again, on a store. */
  async open(domain: string, store: Store, limits: SomeLimits = {}): Promise<Provider> {
    const events = this.events.get(domain) ?? [];
    this.events.set(domain, events);
    const provider = await Provider.open({
      domain,
      store,
      limits,
      clock: () => this.now,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      report: (event) => events.push(event),
      peers: {
        domains: this.#domains.filter((other) => other !== domain),
        post: (target, endpoint, id, body) =>
          this.#post({ source: domain, target, endpoint, id, body }),
      },
    });
    this.#providers.set(domain, provider);
    return provider;
  }

  provider(domain: string): Provider {
    const provider = this.#providers.get(domain);
    if (provider === undefined) throw new Error(`no provider ${domain}`);
    return provider;
  }

  /** Calls of devices, each at the provider of its domain; an answer other than 200 is thrown. */
  get call(): Call {
    return async (device, operation, id, body) => {
      const provider = this.provider(domainOf(device.client));
      const reply = await provider.fromDevice(device, operation, id, body);
      if (reply.status !== 200) throw new Error(`${operation} got ${reply.status}`);
      return reply.body;
    };
  }

  async #post(post: Post): Promise<PeerReply> {
    this.posts.push(post);
    const answered = await this.interfere(post);
    if (answered !== undefined) return answered;
    const { source, target, endpoint, id, body } = post;
    try {
      return await this.provider(target).fromPeer(source, endpoint, id, body);
    } catch (error) {
      if (!(error instanceof ExedraError)) throw error;
      const { status, retryAfterMs } = errorReply(error);
      return { status, body: new Uint8Array(), retryAfterMs };
    }
  }
}
