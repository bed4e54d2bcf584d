// Commits other members' proposals, such as of those who leave, and mandates of the hub: every member may, so each waits longer the later its
// place, and mostly the first does it alone.

import type { RoomUri } from '../wire/index.ts';
import { isClientError } from './errors.ts';
import type { DeviceParts } from './parts.ts';
import { Room } from './room.ts';
import type { RoomView } from './state/vault.ts';
import { fraction } from './waiting.ts';

/** How much longer each place waits, in milliseconds: about a commit's way through hub and stream. */
const PER_PLACE_MS = 500;
const MOST_MS = 30_000;

export class AutoCommit {
  readonly #parts: DeviceParts;
  readonly #clock: () => number;
  readonly #random: (length: number) => Uint8Array;
  /** When this device commits what waits in a room, by the epoch in which it waits. */
  readonly #due = new Map<RoomUri, { readonly epoch: bigint; readonly at: number }>();

  constructor(parts: DeviceParts, clock: () => number, random: (length: number) => Uint8Array) {
    this.#parts = parts;
    this.#clock = clock;
    this.#random = random;
  }

  /** `ms`, or less when a room's turn comes before. */
  waitAtMost(ms: number): number {
    this.#look();
    const now = this.#clock();
    const waits = [...this.#due.values()].map(({ at }) => Math.max(0, at - now));
    return Math.ceil(Math.min(ms, ...waits));
  }

  /** Commits in the rooms whose time has come. */
  async commitDue(): Promise<void> {
    this.#look();
    for (const [uri, { at }] of [...this.#due]) {
      if (at > this.#clock()) continue;
      this.#due.delete(uri);
      try {
        await new Room(this.#parts, uri).commitPending();
      } catch (error) {
        // Others do it; or this device is one of those whom the proposals take out.
        if (!isClientError(error, 'refused', 'notActive', 'contended')) throw error;
        this.#parts.notices.emit([{ name: 'problem', room: uri, code: error.code, error }]);
      }
    }
  }

  /** Notes rooms in which something has begun to wait, and forgets those where none does. */
  #look(): void {
    for (const view of this.#parts.vault.views.values()) {
      if (view.status !== 'active' || !view.toCommit) {
        this.#due.delete(view.uri);
      } else if (this.#due.get(view.uri)?.epoch !== view.epoch) {
        this.#due.set(view.uri, { epoch: view.epoch, at: this.#clock() + this.#delayOf(view) });
      }
    }
    for (const uri of this.#due.keys()) {
      if (!this.#parts.vault.views.has(uri)) this.#due.delete(uri);
    }
  }

  #delayOf({ members, ownLeafIndex }: RoomView): number {
    const place = members.filter(({ leafIndex }) => leafIndex < ownLeafIndex).length;
    return Math.min(MOST_MS, (place + fraction(this.#random)) * PER_PLACE_MS);
  }
}
