// Reads what a store holds of rooms, record by record, without a provider.

import { createHash } from 'node:crypto';
import { decodeLogRecord, type LogRecord } from '../../ts/provider/records/log_record.ts';
import type { Store } from '../../ts/provider/store.ts';
import { decodeFanoutMessage, type FanoutMessage, type RoomUri } from '../../ts/wire/index.ts';

/** The shard of rooms of a provider with one shard. */
export const ROOM_SHARD = 'rooms-0';

/** All records of a room, in the order of the log. */
export async function roomLog(store: Store, room: RoomUri): Promise<LogRecord[]> {
  const head = await store.head(ROOM_SHARD);
  const stored = await store.read(ROOM_SHARD, 1, head + 1);
  return stored.map(({ bytes }) => decodeLogRecord(bytes)).filter((record) => record.room === room);
}

/** The MLSMessage of a record, as text; undefined for the record of a room's creation. */
export function messageOf(record: LogRecord): string | undefined {
  return record.fanout.length === 0 ? undefined : messageIn(decodeFanoutMessage(record.fanout));
}

/** The MLSMessage that is fanned out in a room of mode `open`, as text. */
export function messageIn(fanout: FanoutMessage): string {
  if (!('message' in fanout)) throw new Error(`an MLSMessage is expected, not ${fanout.kind}`);
  return asText(fanout.message.bytes);
}

/** Bytes in a form that can be compared and counted, short enough for a failure's account: part of their hash. */
export function asText(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 20);
}
