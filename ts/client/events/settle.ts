// Ends of what a room waits for, shared by those who apply events.

import { MlsError } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { RoomError } from '../../room/index.ts';
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

/** What a device does not follow: the code of why, and who made it, where that can be told. */
export interface Fault {
  readonly code: string;
  readonly committer?: string | undefined;
  readonly error?: unknown;
}

/** The hub has another write key than the members: whoever began the epoch has brought a wrong one, or the hub says so. */
export const WRITE_KEY_FAULT: Fault = { code: 'writeKey' };

/**
 * The device does not follow a commit of this epoch. It keeps the group as it was: others may find the same, and go on
 * from there without its maker; or they have gone on, and the device joins again.
 */
export function stayBehind(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  { code, committer = '', error }: Fault,
): void {
  state.touch(room);
  settle(state, room, 'lost');
  room.group?.discardPending();
  room.membership?.discardPending();
  room.row.status = 'stale';
  room.row.verdict = { seq, code, committer };
  state.tell({ name: 'problem', room: room.uri, seq, code, error });
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
  room.row.proposals = 0;
  room.row.leaving = [];
  state.tell({ name: 'problem', room: room.uri, seq, code, error });
}

/**
 * The code of a failure that a message caused; anything else is thrown on: a core that trapped, damaged rows.
 * `internal` counts as caused by the message, so that one odd message cannot stop the stream for ever.
 */
export function codeOfFault(error: unknown): string {
  if (error instanceof RoomError || error instanceof PrivacyError) return error.code;
  if (error instanceof MlsError) {
    const { code, kind } = error;
    if (kind === 'payload' || kind === 'caller' || code === 'internal') return code;
  }
  throw error;
}
