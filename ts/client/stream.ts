// Brings the device's events in: asks the provider from the cursor on, applies what comes, saves both at once.
// The question waits outside the vault, so that a long poll holds nobody up.

import { decodeSyncResponse, encodeSyncRequest } from '../wire/index.ts';
import { reading } from './answers.ts';
import { equalBytes } from './bytes.ts';
import type { Connection } from './connection.ts';
import { applyEvent, applyWaiting } from './events/apply_event.ts';
import type { RoomRules } from './rules.ts';
import type { Vault } from './state/vault.ts';

/** Events asked for at once: enough to fill a write, few enough to hold in memory. */
const EVENTS_PER_CALL = 100;

export interface PullOptions {
  /** How long the provider may wait for something to come, in milliseconds; at most 30,000. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Pulled {
  readonly events: number;
  /** Whether asking again at once is worth while. */
  readonly more: boolean;
}

export class Stream {
  readonly #vault: Vault;
  readonly #connection: Connection;
  readonly #rules: RoomRules;

  constructor(vault: Vault, connection: Connection, rules: RoomRules) {
    this.#vault = vault;
    this.#connection = connection;
    this.#rules = rules;
  }

  /** One question to the provider. Throws what `Connection.call` throws, ClientError `badAnswer`, `storageFailed`. */
  async pull({ waitMs = 0, signal }: PullOptions = {}): Promise<Pulled> {
    const asked = this.#vault.cursor;
    const body = encodeSyncRequest({ cursor: asked, waitMs, limit: EVENTS_PER_CALL });
    const answer = await this.#connection.call('sync', undefined, body, { signal });
    const response = reading(() => decodeSyncResponse(answer));
    return this.#vault.exclusive((state) => {
      // Another question was answered in between; what this one brought is there, or will come again.
      if (!equalBytes(state.cursor, asked)) return { events: 0, more: true };
      for (const event of response.events) applyEvent(state, this.#rules, event);
      if (response.events.length > 0) applyWaiting(state, this.#rules);
      if (!equalBytes(state.cursor, response.cursor)) state.cursor = response.cursor.slice();
      return { events: response.events.length, more: response.more };
    });
  }
}
