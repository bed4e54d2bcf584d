// What the operations of a hub share: its domain, shards, keys and surroundings.

import type { RoomUri, UserUri } from '../../wire/index.ts';
import type { FrankingKeyring } from '../accounts/franking_keys.ts';
import type { Directory } from '../directory.ts';
import type { Limits } from '../limits.ts';
import type { SigningKeys } from '../records/account_rows.ts';
import type { LogRecord } from '../records/log_record.ts';
import type { ShardReader } from '../shard.ts';
import type { Store } from '../store.ts';
import { type HubRoom, openRecord } from './hub_room.ts';

/** Something an operator may want to know; never holds a secret or a content. */
export type ProviderEvent =
  | {
      readonly type: 'accepted';
      readonly room: RoomUri;
      readonly kind: 'created' | 'commit' | 'proposals' | 'application' | 'mandate';
      readonly seq: number;
      /** The domain that sent it. */
      readonly from: string;
      readonly bytes: number;
    }
  | {
      readonly type: 'refused';
      readonly room: RoomUri;
      readonly rule: string;
      readonly from: string;
    }
  | { readonly type: 'delivered'; readonly to: string; readonly messages: number }
  | {
      readonly type: 'reported';
      readonly room: RoomUri;
      readonly messages: number;
      /** The domain that sent it. */
      readonly from: string;
    }
  | {
      readonly type: 'deliveryFailed';
      readonly to: string;
      readonly attempts: number;
      readonly retryInMs: number;
      readonly reason: string;
    }
  | {
      readonly type: 'deliveryRefused';
      readonly to: string;
      readonly room: RoomUri;
      readonly status: number;
    }
  | {
      /** A break-glass order whose signatures are nobody's. */
      readonly type: 'orderRefused';
      readonly code: string;
    }
  | { readonly type: 'shardLost'; readonly shard: string };

/** What a hub tells the provider that it is part of. */
export interface SeenPseudonyms {
  /** A user of this provider enters a room by a pseudonym. @throws ProviderError `pseudonymReused`. */
  noteSeen(user: UserUri, pseudonym: UserUri, room: RoomUri): Promise<void>;
}

export interface HubContext {
  readonly domain: string;
  readonly store: Store;
  readonly directory: Directory;
  readonly limits: Limits;
  readonly keys: SigningKeys;
  readonly franking: FrankingKeyring;
  readonly report: (event: ProviderEvent) => void;
  /** Where the provider maps pseudonyms to its users. */
  readonly pseudonyms?: SeenPseudonyms | undefined;
  /** Domains without our own, in a stable order. */
  othersOf(domains: ReadonlySet<string>): string[];
  /** Whether this provider can reach a domain. */
  isPeer(domain: string): boolean;
}

/** The record of a request of this room that was accepted before; `undefined` when it was not. */
export async function recordBefore(
  reader: ShardReader,
  room: HubRoom,
  requestId: Uint8Array,
): Promise<LogRecord | undefined> {
  const bytes = await reader.record(requestId);
  if (bytes === undefined) return undefined;
  const record = openRecord(bytes);
  return record.room === room.uri ? record : undefined;
}

/** When a request was accepted before, in milliseconds since the epoch of UNIX; `undefined` when it was not. */
export async function acceptedBefore(
  reader: ShardReader,
  room: HubRoom,
  requestId: Uint8Array,
): Promise<number | undefined> {
  return (await recordBefore(reader, room, requestId))?.acceptedAt;
}
