// Ends of what a room waits for, shared by those who apply events.

import { MlsError } from '../../mls/index.ts';
import { RoomError, type RosterEntry, rosterOf } from '../../room/index.ts';
import type { FlightOutcome } from '../notices.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';

/** Ends the request in flight, if there is one. */
export function settle(state: DeviceState, room: RoomState, outcome: FlightOutcome): void {
  const { flight } = room.row;
  if (flight === undefined) return;
  state.touch(room);
  room.row.flight = undefined;
  state.tell({ name: 'settled', hash: flight.hash, outcome });
}

/** The device cannot follow the room any more: it must join again. Its history and unsent messages stay. */
export function becomeStale(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  code: string,
  error?: unknown,
): void {
  state.touch(room);
  settle(state, room, 'lost');
  state.dropGroup(room);
  room.row.status = 'stale';
  room.row.queued = [];
  state.tell({ name: 'problem', room: room.uri, seq, code, error });
}

/**
 * The code of a failure that a message caused; anything else is thrown on: a core that trapped, damaged rows.
 * `internal` counts as caused by the message, so that one odd message cannot stop the stream for ever.
 */
export function codeOfFault(error: unknown): string {
  if (error instanceof RoomError) return error.code;
  if (error instanceof MlsError) {
    const { code, kind } = error;
    if (kind === 'payload' || kind === 'caller' || code === 'internal') return code;
  }
  throw error;
}

/** Who is in the room's group now. Throws RoomError `badCredential`. */
export function readRoster(room: RoomState): ReadonlyMap<number, RosterEntry> {
  return room.group === undefined ? new Map() : rosterOf(room.group.members());
}
