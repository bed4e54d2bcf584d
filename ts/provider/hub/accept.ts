// What every accepted input of a room has in common: the record, the event's place in the log, the new head.

import { encodeLogRecord, type RecordKind } from '../records/log_record.ts';
import { encodeEventIndex, encodeRoomHead } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Turn } from '../shard.ts';
import type { AppendRecord, StoreRow } from '../store.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

const NONE = new Uint8Array();

/** What is recorded of an accepted input. */
export interface Entry {
  readonly kind: RecordKind;
  readonly acceptedAt: number;
  /** Who sent it: a user's URI, or a domain. */
  readonly from: string;
  readonly fanout?: Uint8Array;
  readonly welcome?: Uint8Array;
  readonly followers: readonly string[];
  readonly welcomed?: readonly string[];
  readonly requestId?: Uint8Array;
}

/** The time at which the hub accepts an input: never before that of the event before it. */
export function acceptanceTime(room: HubRoom, turn: Turn): number {
  return Math.max(turn.now, room.acceptedAt);
}

/** Advances the room's head and gives what must be written for it. */
export function acceptEntry(
  room: HubRoom,
  turn: Turn,
  entry: Entry,
): { readonly record: AppendRecord; readonly rows: StoreRow[] } {
  room.seq += 1;
  room.acceptedAt = entry.acceptedAt;
  const bytes = encodeLogRecord({
    kind: entry.kind,
    room: room.uri,
    seq: room.seq,
    epoch: room.epoch,
    acceptedAt: entry.acceptedAt,
    from: entry.from,
    fanout: entry.fanout ?? NONE,
    welcome: entry.welcome ?? NONE,
    followers: entry.followers,
    welcomed: entry.welcomed ?? [],
  });
  return {
    record: { bytes, requestId: entry.requestId },
    rows: [
      {
        key: roomRows.event(room.uri, room.seq),
        value: encodeEventIndex({ position: turn.position, hash: NONE }),
      },
      headRow(room),
    ],
  };
}

/**
 * Notes that a handshake is accepted, before `acceptEntry` writes the head: the room is rebuilt from its last
 * snapshot and the handshakes since. `snapshot` asks for one now.
 */
export function acceptHandshake(
  { limits }: HubContext,
  room: HubRoom,
  turn: Turn,
  snapshot = false,
): StoreRow[] {
  // A hidden group is a few bytes, and cannot be replayed: nothing in the log says what it has become.
  if (room.sight.kind === 'hidden') return [snapshotRow(room)];
  room.replay = [...room.replay, turn.position];
  if (!snapshot && room.replay.length < limits.commitsPerSnapshot) return [];
  room.replay = [];
  return [snapshotRow(room)];
}

/** The row from which a room's group is rebuilt. */
export function snapshotRow(room: HubRoom): StoreRow {
  return { key: roomRows.snapshot(room.uri), value: room.sight.group.snapshot() };
}

/** The head row of a room as it stands. */
function headRow(room: HubRoom): StoreRow {
  return {
    key: roomRows.head(room.uri),
    value: encodeRoomHead({
      role: 'hub',
      mode: room.mode.name,
      seq: room.seq,
      acceptedAt: room.acceptedAt,
      replay: room.replay,
    }),
  };
}
