// A local device reads its events: its mail (Welcomes), then the rooms it is served, from a cursor on.
// Ours; the MIMI drafts leave the way between a client and its provider to the provider.

import {
  type ClientUri,
  decodeFanoutMessages,
  decoder,
  encodeFanoutMessage,
  encoder,
  encodeSyncResponse,
  type Reader,
  type RoomUri,
  type SyncEvent,
  type SyncRequest,
} from '../wire/index.ts';
import { sameBytes } from './bytes.ts';
import type { Changes } from './changes.ts';
import type { Directory } from './directory.ts';
import { ProviderError } from './errors.ts';
import { readRecord } from './hub/hub_room.ts';
import type { Limits } from './limits.ts';
import { decodeEventIndex, decodeMail } from './records/room_rows.ts';
import { lastNumber, lastPart, prefixes, rangeOf, roomRows } from './rows.ts';
import type { Shard } from './shard.ts';
import type { Store } from './store.ts';
import { isServed, readService } from './subscription.ts';

export interface SyncContext {
  readonly store: Store;
  readonly directory: Directory;
  readonly limits: Limits;
  readonly changes: Changes;
  /** Calls back after `ms` milliseconds; returns how to cancel. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** How far a device has read, shard by shard. To the device these are opaque bytes. */
interface Cursor {
  readonly shards: ShardCursor[];
}

interface ShardCursor {
  /** Position in the shard's log up to which mail has been read. */
  mail: number;
  /** Sequence number up to which each room has been read; those that had events last come last. */
  readonly rooms: Map<RoomUri, number>;
}

const CURSOR_VERSION = 1;

const encodeCursor = encoder((writer, cursor: Cursor) => {
  writer.u8(CURSOR_VERSION, 'version');
  writer.list(cursor.shards, 'shards', (to, { mail, rooms }) => {
    to.u64(BigInt(mail), 'mail');
    to.list([...rooms], 'rooms', (item, [room, seq]) => {
      item.text(room, 'room');
      item.u64(BigInt(seq), 'seq');
    });
  });
});

/** @throws WireError when the bytes are no cursor of this provider. */
const decodeCursor = decoder((reader): Cursor => {
  const version = reader.u8('version');
  if (version !== CURSOR_VERSION) {
    throw reader.error('unknownValue', `Cursors of version ${version} are not known.`, 'version');
  }
  const shards = reader.list('shards', (item): ShardCursor => {
    const mail = readPlace(item, 'mail');
    const rooms = item.list('rooms', (entry): [RoomUri, number] => [
      entry.text('room') as RoomUri,
      readPlace(entry, 'seq'),
    ]);
    return { mail, rooms: new Map(rooms) };
  });
  return { shards };
});

/** A place in a log that can be counted on from: a device may send any bytes as its cursor. */
function readPlace(reader: Reader, name: string): number {
  const place = reader.u64(name);
  if (place >= BigInt(Number.MAX_SAFE_INTEGER)) {
    throw reader.error('unknownValue', `The cursor's ${name} is no place in a log.`, name);
  }
  return Number(place);
}

/** What one answer holds so far. */
interface Collected {
  readonly events: SyncEvent[];
  readonly limit: number;
  bytes: number;
  more: boolean;
}

/**
 * The events after a cursor; where there are none, waits for some as long as the request allows.
 * @throws WireError for a cursor that is not one of ours; ProviderError `corruptRecord`.
 */
export async function syncDevice(
  context: SyncContext,
  client: ClientUri,
  request: SyncRequest,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { limits } = context;
  const cursor = openCursor(request.cursor, context.directory.rooms.length);
  const deadline = Math.min(request.waitMs, limits.syncWaitMs);
  let timeUp = deadline === 0 || signal?.aborted === true;
  let wake = () => {};
  const cancel = context.after(deadline, () => {
    timeUp = true;
    wake();
  });
  const abort = () => {
    timeUp = true;
    wake();
  };
  signal?.addEventListener('abort', abort);
  try {
    for (;;) {
      // Listening begins before reading, so that nothing which comes between the two is missed.
      const rooms = await servedRooms(context, client);
      let changed = false;
      const stop = context.changes.listen([client, ...rooms], () => {
        changed = true;
        wake();
      });
      try {
        const collected = await collect(context, client, cursor, request.limit);
        if (collected.events.length > 0 || timeUp) {
          return encodeSyncResponse({
            cursor: encodeCursor(cursor),
            more: collected.more,
            events: collected.events,
          });
        }
        if (!changed) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (changed || timeUp) resolve();
          });
        }
      } finally {
        stop();
      }
    }
  } finally {
    cancel();
    signal?.removeEventListener('abort', abort);
  }
}

function openCursor(bytes: Uint8Array, shards: number): Cursor {
  const cursor: Cursor = bytes.length === 0 ? { shards: [] } : decodeCursor(bytes);
  while (cursor.shards.length < shards) cursor.shards.push({ mail: 0, rooms: new Map() });
  return cursor;
}

async function servedRooms({ store, directory }: SyncContext, client: ClientUri) {
  const range = rangeOf(prefixes.subscriptions(client));
  const rows = await Promise.all(directory.rooms.map(({ name }) => store.range(name, range)));
  return rows.flat().map(({ key }) => lastPart(key));
}

async function collect(
  context: SyncContext,
  client: ClientUri,
  cursor: Cursor,
  limit: number,
): Promise<Collected> {
  const bound = Math.max(1, Math.min(limit, context.limits.syncEvents));
  const collected: Collected = { events: [], limit: bound, bytes: 0, more: false };
  for (const [index, shard] of context.directory.rooms.entries()) {
    const at = cursor.shards[index] as ShardCursor;
    await collectMail(context, shard, client, at, collected);
    await collectRooms(context, shard, client, at, collected);
    if (collected.more) break;
  }
  return collected;
}

async function collectMail(
  { store, limits }: SyncContext,
  shard: Shard,
  client: ClientUri,
  at: ShardCursor,
  collected: Collected,
): Promise<void> {
  const rows = await store.range(shard.name, {
    from: roomRows.mail(client, at.mail + 1),
    to: rangeOf(prefixes.mail(client)).to,
    limit: collected.limit + 1,
  });
  for (const { key, value } of rows) {
    if (isFull(collected, limits)) return;
    const { room, seq, ref } = decodeMail(value);
    const record = await readRecord(store, shard.name, lastNumber(key));
    const event = { roomUri: room, seq: BigInt(seq), fanout: welcomeFor(record.welcome, ref) };
    if (!add(collected, event, limits)) return;
    at.mail = lastNumber(key);
  }
}

/** The Welcome with this ref, where each is for one client; else the one there is. */
function welcomeFor(welcomes: Uint8Array, ref: Uint8Array): Uint8Array {
  if (ref.length === 0) return welcomes;
  const own = decodeFanoutMessages(welcomes).find(
    (message) => message.kind === 'modeWelcome' && sameBytes(message.welcome.ref, ref),
  );
  if (own === undefined) throw new ProviderError('corruptRecord', 'A record lacks a Welcome.');
  return encodeFanoutMessage(own);
}

async function collectRooms(
  context: SyncContext,
  shard: Shard,
  client: ClientUri,
  at: ShardCursor,
  collected: Collected,
): Promise<void> {
  const { store, limits } = context;
  const served = await store.range(shard.name, rangeOf(prefixes.subscriptions(client)));
  const rooms = new Set(served.map(({ key }) => lastPart(key)));
  for (const room of at.rooms.keys()) if (!rooms.has(room)) at.rooms.delete(room);
  for (const row of inTurn(served, at)) {
    const room = lastPart(row.key) as RoomUri;
    const service = await readService({ get: (key) => store.get(shard.name, key) }, client, room);
    if (service === undefined) continue;
    const { from, end } = service;
    const read = Math.max(at.rooms.get(room) ?? 0, from - 1);
    const range = {
      from: roomRows.event(room, read + 1),
      to: end === undefined ? rangeOf(prefixes.events(room)).to : roomRows.event(room, end + 1),
      limit: collected.limit + 1,
    };
    at.rooms.set(room, read);
    for (const { key, value } of await store.range(shard.name, range)) {
      if (isFull(collected, limits)) return;
      const record = await readRecord(store, shard.name, decodeEventIndex(value).position);
      const seq = lastNumber(key);
      if (record.fanout.length > 0 && isServed(service, seq)) {
        const event = { roomUri: room, seq: BigInt(seq), fanout: record.fanout };
        if (!add(collected, event, limits)) return;
      }
      at.rooms.delete(room);
      at.rooms.set(room, seq);
    }
  }
}

/** Rooms in the order in which it is their turn: one that always has events does not keep others from theirs. */
function inTurn<Row extends { readonly key: Uint8Array }>(
  served: readonly Row[],
  { rooms }: ShardCursor,
): Row[] {
  const turns = new Map([...rooms.keys()].map((room, turn) => [room as string, turn]));
  const turnOf = ({ key }: Row) => turns.get(lastPart(key)) ?? -1;
  return [...served].sort((left, right) => turnOf(left) - turnOf(right));
}

/** Adds an event where it fits, or is the first; notes otherwise that there is one. */
function add(collected: Collected, event: SyncEvent, { syncBytes }: Limits): boolean {
  const bytes = collected.bytes + event.fanout.length;
  if (collected.events.length > 0 && bytes > syncBytes) {
    collected.more = true;
    return false;
  }
  collected.events.push(event);
  collected.bytes = bytes;
  return true;
}

/** Whether no further event fits; notes that there is one. */
function isFull(collected: Collected, limits: Limits): boolean {
  const full = collected.events.length >= collected.limit || collected.bytes >= limits.syncBytes;
  if (full) collected.more = true;
  return full;
}
