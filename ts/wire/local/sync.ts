// struct SyncRequest, SyncResponse and SyncEvent of the local client API: ours. A device's events of all
// rooms, from a cursor on; the cursor is opaque to it and, when empty, means from the start.
//   struct { opaque cursor<V>; uint32 waitMs; uint16 limit; } SyncRequest;
//   struct { IdentifierUri roomUri; uint64 seq; opaque fanout<V>; } SyncEvent;
//   struct { opaque cursor<V>; uint8 more; SyncEvent events<V>; } SyncResponse;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

export interface SyncRequest {
  readonly cursor: Uint8Array;
  /** How long the provider may hold the answer back while there is nothing new. */
  readonly waitMs: number;
  /** Most events to answer with. */
  readonly limit: number;
}

export interface SyncEvent {
  readonly roomUri: string;
  /** Position in the device's queue of this room. */
  readonly seq: bigint;
  /** One FanoutMessage, for `decodeFanoutMessage`. */
  readonly fanout: Uint8Array;
}

export interface SyncResponse {
  /** For the next request. */
  readonly cursor: Uint8Array;
  /** Whether more events wait already. */
  readonly more: boolean;
  readonly events: readonly SyncEvent[];
}

export function readSyncRequest(reader: Reader): SyncRequest {
  return {
    cursor: reader.opaque('cursor'),
    waitMs: reader.u32('waitMs'),
    limit: reader.u16('limit'),
  };
}

export function writeSyncRequest(writer: Writer, value: SyncRequest): void {
  writer.opaque(value.cursor, 'cursor');
  writer.u32(value.waitMs, 'waitMs');
  writer.u16(value.limit, 'limit');
}

export const encodeSyncRequest = encoder(writeSyncRequest);
export const decodeSyncRequest = decoder(readSyncRequest);

export function readSyncEvent(reader: Reader): SyncEvent {
  return {
    roomUri: reader.struct('roomUri', readIdentifierUri),
    seq: reader.u64('seq'),
    fanout: reader.opaque('fanout'),
  };
}

export function writeSyncEvent(writer: Writer, value: SyncEvent): void {
  writeIdentifierUri(writer, value.roomUri);
  writer.u64(value.seq, 'seq');
  writer.opaque(value.fanout, 'fanout');
}

export const encodeSyncEvent = encoder(writeSyncEvent);
export const decodeSyncEvent = treeDecoder(readSyncEvent);

export function readSyncResponse(reader: Reader): SyncResponse {
  return {
    cursor: reader.opaque('cursor'),
    more: reader.presence('more'),
    events: reader.list('events', readSyncEvent),
  };
}

export function writeSyncResponse(writer: Writer, value: SyncResponse): void {
  writer.opaque(value.cursor, 'cursor');
  writer.presence(value.more);
  writer.list(value.events, 'events', writeSyncEvent);
}

export const encodeSyncResponse = encoder(writeSyncResponse);
export const decodeSyncResponse = treeDecoder(readSyncResponse);
