// A device's part in a room of some mode: what it holds of the present epoch, and of the one that its pending commit
// would begin. Kept beside the group's own rows, written in the same write.
//   struct { uint8 version; opaque mode<V>; opaque set<V>; EpochState current; optional<EpochState> pending; } Membership;

import type { Credential } from '../../mls/index.ts';
import { type ClientUri, Reader, Writer } from '../../wire/index.ts';
import type { Mode } from '../mode.ts';
import type { RealIdentity } from '../parts/real_identity.ts';
import { decoding } from '../parts/structs.ts';
import { modeNamed } from '../registry.ts';
import {
  EMPTY_EPOCH,
  type EpochState,
  eraseEpoch,
  readEpochState,
  writeEpochState,
} from './epoch_state.ts';

const VERSION = 1;
/** 20,000 members with their link keys take about 3 MB. */
const MAX_BYTES = 16 << 20;

/** What is known of who is behind a leaf. */
export type Identification =
  | { readonly status: 'verified'; readonly real: RealIdentity }
  /** The link key has not come, or the link does not open; `code` says why. */
  | { readonly status: 'unverified'; readonly code: string };

/** What an identity link has shown, by which key and in which leaf. */
export interface OpenedLink {
  readonly linkKey: Uint8Array;
  readonly leaf: { readonly credential: Credential; readonly signatureKey: Uint8Array };
  readonly found: Identification;
}

export class Membership {
  readonly mode: Mode;
  /** By which index the own pseudonym follows from the account's secret; empty where there is none. */
  readonly index: Uint8Array;
  /** Identity links that were opened, by client: each takes a signature to verify. Not stored. */
  readonly opened = new Map<ClientUri, OpenedLink>();
  #current: EpochState;
  #pending: EpochState | undefined;
  #changed = true;

  private constructor(mode: Mode, index: Uint8Array, current: EpochState, pending?: EpochState) {
    this.mode = mode;
    this.index = index;
    this.#current = current;
    this.#pending = pending;
  }

  static begin(mode: Mode, index: Uint8Array, current: EpochState = EMPTY_EPOCH): Membership {
    return new Membership(mode, index, current);
  }

  /** Throws PrivacyError `malformed`, `unknownMode`. */
  static decode(bytes: Uint8Array): Membership {
    return decoding('Membership', () => {
      const reader = new Reader(bytes, { maxBytes: MAX_BYTES });
      const version = reader.u8('version');
      if (version !== VERSION) {
        throw reader.error('unknownValue', `Version ${version} is not known.`, 'version');
      }
      const mode = modeNamed(reader.text('mode'));
      const index = reader.opaque('index').slice();
      const current = readEpochState(reader);
      const pending = reader.optional('pending', readEpochState);
      reader.finish();
      const membership = new Membership(mode, index, current, pending);
      membership.#changed = false;
      return membership;
    });
  }

  encode(): Uint8Array {
    const writer = new Writer();
    writer.u8(VERSION, 'version');
    writer.text(this.mode.name, 'mode');
    writer.opaque(this.index, 'index');
    writeEpochState(writer, this.#current);
    writer.optional(this.#pending, writeEpochState);
    return writer.finish();
  }

  /** Whether there is something to write; asking resets it. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** Whether there is something to write. */
  get changed(): boolean {
    return this.#changed;
  }

  get current(): EpochState {
    return this.#current;
  }

  /** What holds if the pending commit is accepted. */
  get pending(): EpochState | undefined {
    return this.#pending;
  }

  /** A commit is made, whose epoch would be this. */
  stage(next: EpochState): void {
    this.#pending = next;
    this.#changed = true;
  }

  /** The pending commit was accepted. */
  acceptPending(): void {
    if (this.#pending === undefined) return;
    this.enter(this.#pending);
  }

  /** The pending commit came to nothing. */
  discardPending(): void {
    if (this.#pending === undefined) return;
    eraseEpoch(this.#pending);
    this.#pending = undefined;
    this.#changed = true;
  }

  /** The group is in another epoch, or more is known of this one. */
  enter(next: EpochState): void {
    if (next.keys !== this.#current.keys) eraseEpoch(this.#current);
    if (this.#pending !== undefined && this.#pending !== next) eraseEpoch(this.#pending);
    for (const client of this.opened.keys()) {
      if (!next.linkKeys.has(client)) this.opened.delete(client);
    }
    this.#current = next;
    this.#pending = undefined;
    this.#changed = true;
  }
}
