// Looks at what the providers hold of a room: after each step what is new, at the end all of it.

import { setTimeout as pause } from 'node:timers/promises';
import type { RoomUri } from '../../wire/index.ts';
import type { ProviderProcess } from './provider_process.ts';
import { type Cast, type Knowledge, knowledgeOf, type Sight, sightSince } from './sight.ts';

/** How long a look waits for what nobody in the room waits for, in milliseconds. */
const FAN_OUT_MS = 500;
const LOOK_AGAIN_MS = 25;

/** New entries of the room at the hub, and at each follower. */
export interface Sights {
  readonly hub: Sight;
  readonly followers: readonly Sight[];
}

/** The providers by their part in the comparison. */
export interface Parties<Of> {
  readonly hub: Of;
  /** Bob's provider. */
  readonly follower: Of;
  /** Carol's provider. */
  readonly own: Of;
}

/** Who could read what, and of how many. */
export interface Readings extends Parties<Knowledge> {
  readonly people: number;
  readonly members: number;
}

/** The look at one room. */
export class Watch {
  readonly #room: RoomUri;
  readonly #parties: Parties<ProviderProcess>;
  /** The followers that the hub sends to. */
  readonly #served = new Set<string>();
  /** How far each provider's log was looked at. */
  readonly #seen = new Map<string, number>();

  constructor(room: RoomUri, parties: Parties<ProviderProcess>) {
    this.#room = room;
    this.#parties = parties;
  }

  /** From now on the hub sends to this follower. */
  expect(domain: string): void {
    this.#served.add(domain);
  }

  /** From now on it does not. */
  expectNoMore(domain: string): void {
    this.#served.delete(domain);
  }

  /** What is new since the last look. */
  async look(): Promise<Sights> {
    const { hub, follower, own } = this.#parties;
    const atHub = await this.#lookAt(hub, 0);
    const last = atHub.entries.at(-1)?.acceptedAt ?? 0;
    return {
      hub: atHub,
      followers: [await this.#lookAt(follower, last), await this.#lookAt(own, last)],
    };
  }

  /** A follower that the hub sends to gets a little time to have what was accepted last. */
  async #lookAt(provider: ProviderProcess, lastAccepted: number): Promise<Sight> {
    const { domain } = provider;
    const deadline = performance.now() + FAN_OUT_MS;
    let inspection = await provider.inspect(this.#room);
    const isBehind = () => (inspection?.entries.at(-1)?.acceptedAt ?? 0) < lastAccepted;
    while (this.#served.has(domain) && isBehind() && performance.now() < deadline) {
      await pause(LOOK_AGAIN_MS);
      inspection = await provider.inspect(this.#room);
    }
    const sight = sightSince(domain, inspection, this.#seen.get(domain) ?? 0);
    this.#seen.set(domain, inspection?.seq ?? 0);
    return sight;
  }

  /** What each holds of the room now; `members` are the URIs of the room's clients. */
  async readings(cast: Cast, members: readonly string[]): Promise<Readings> {
    const { hub, follower, own } = this.#parties;
    const of = async (provider: ProviderProcess) =>
      knowledgeOf(await provider.inspect(this.#room), cast, members);
    return {
      people: new Set(cast.values()).size,
      members: members.length,
      hub: await of(hub),
      follower: await of(follower),
      own: await of(own),
    };
  }
}
