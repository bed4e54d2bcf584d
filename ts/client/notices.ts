// What a device tells its app, and the parts of itself, once a change is stored.

import type { RoomUri, UserUri } from '../wire/index.ts';
import { hex } from './bytes.ts';
import type { ReceivedMessage } from './state/history_row.ts';

/** Something went wrong that no caller waits for. The room goes on if it can. */
export interface Problem {
  readonly room?: RoomUri | undefined;
  /** Place in the log, of a problem with an event. */
  readonly seq?: bigint | undefined;
  /** Stable code: of the error, or of the rule that refused. */
  readonly code: string;
  readonly error?: unknown;
}

/** The events of a device, by name. */
export interface DeviceEvents {
  /** A message is in the history of a room; own ones too, once they are in the log. */
  message: { readonly room: RoomUri; readonly message: ReceivedMessage };
  /** A room was offered: see `device.invitations()`. */
  invitation: { readonly room: RoomUri };
  /** A user asks for a connection: see `device.connections`. */
  connectionRequest: { readonly user: UserUri };
  /** The room is in a new epoch. */
  members: { readonly room: RoomUri; readonly epoch: bigint };
  /** This device is no longer in the room. */
  removed: { readonly room: RoomUri };
  /** The room was closed; it goes on in its successor, to which an invitation comes. */
  closed: { readonly room: RoomUri; readonly successor: RoomUri };
  problem: Problem;
}

/** How a request ended, as the stream showed it. */
export type FlightOutcome = 'accepted' | 'lost';

/** For the parts of the device only. */
interface InternalEvents {
  settled: { readonly hash: Uint8Array; readonly outcome: FlightOutcome };
}

type Events = DeviceEvents & InternalEvents;

/** One event with its name. */
export type Notice = {
  [Name in keyof Events]: { readonly name: Name } & Events[Name];
}[keyof Events];

export type Listener<Name extends keyof DeviceEvents> = (event: DeviceEvents[Name]) => void;

/** Calls listeners. One that throws harms neither the device nor the others; its error is reported as uncaught. */
export class Notices {
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #outcomes = new Map<string, FlightOutcome | undefined>();

  /** Adds a listener; gives how to take it away again. */
  on<Name extends keyof DeviceEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit(notices: readonly Notice[]): void {
    for (const { name, ...event } of notices) {
      if (name === 'settled') {
        const { hash, outcome } = event as InternalEvents['settled'];
        if (this.#outcomes.has(hex(hash))) this.#outcomes.set(hex(hash), outcome);
        continue;
      }
      for (const listener of [...(this.#listeners.get(name) ?? [])]) {
        try {
          listener(event as never);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
  }

  /** Remembers the outcome of the request with this hash until it is forgotten. */
  expect(hash: Uint8Array): { outcome(): FlightOutcome | undefined; forget(): void } {
    const key = hex(hash);
    if (!this.#outcomes.has(key)) this.#outcomes.set(key, undefined);
    return {
      outcome: () => this.#outcomes.get(key),
      forget: () => this.#outcomes.delete(key),
    };
  }
}
