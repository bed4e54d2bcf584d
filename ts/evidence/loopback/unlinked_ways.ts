// The ways of devices to a provider that must not map pseudonyms: queues, each over TCP connections of its own.

import { Agent, fetch as undiciFetch } from 'undici';
import {
  type Connection,
  httpConnection,
  type KeyValue,
  unlinkedConnection,
} from '../../client/index.ts';

/** Tokens that a device asks for at once. */
const TOKENS = 8;

export interface Way {
  readonly baseUrl: string;
  /** Of the account's device. */
  readonly token: string;
  readonly domain: string;
  /** For its queues. */
  readonly storage: KeyValue;
}

/** Opens such connections, and ends their TCP connections. */
export class UnlinkedWays implements AsyncDisposable {
  readonly #agents = new Set<Agent>();

  open({ baseUrl, token, domain, storage }: Way): Promise<Connection> {
    const anonymous = (bearer?: string) => this.#http(baseUrl, bearer);
    const account = this.#http(baseUrl, token);
    return unlinkedConnection({ account, anonymous, storage, domain, tokens: TOKENS });
  }

  #http(baseUrl: string, token: string | undefined): Connection {
    const dispatcher = new Agent();
    this.#agents.add(dispatcher);
    const fetch = ((input: string, init: object) =>
      undiciFetch(input, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
    return httpConnection({ baseUrl, token, fetch });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.destroy()));
  }
}
