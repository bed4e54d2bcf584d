// Applies one event of the device's stream to its state: the stream is the truth, in its order.
// Nothing here waits; what it changes is saved together with the cursor.

import {
  asRoomUri,
  decodeFanoutMessage,
  encodeSyncEvent,
  type FanoutMessage,
  type RoomUri,
  type SyncEvent,
  WireError,
} from '../../wire/index.ts';
import type { RoomRules } from '../rules.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { roomKey } from '../state/keys.ts';
import type { RoomStatus } from '../state/room_row.ts';
import { applyApplication } from './apply_application.ts';
import { applyCommit, applyOwnJoin } from './apply_commit.ts';
import { applyMandate } from './apply_mandate.ts';
import { applyProposals } from './apply_proposals.ts';
import { applyWelcome } from './apply_welcome.ts';
import { type HandshakeEvent, handshakeEvent } from './handshake_event.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault, settle } from './settle.ts';

/** Statuses in which a Welcome that waits comes first: what follows it is held until then. */
const STANDING_BY: ReadonlySet<RoomStatus> = new Set(['removed', 'left', 'stale']);

/** Applies an event; one that came before changes nothing. */
export function applyEvent(
  state: DeviceState,
  rules: RoomRules,
  event: SyncEvent,
  waited = false,
): void {
  const read = readEvent(event);
  if (read instanceof WireError) {
    // A follower cannot vouch for the hub's bytes: what cannot be read is named, and the stream goes on.
    state.tell({ name: 'problem', seq: event.seq, code: read.code, error: read });
    return;
  }
  const { uri, fanout } = read;
  const room = state.rooms.get(uri);
  if (fanout.kind === 'welcome' || fanout.kind === 'modeWelcome') {
    const outcome = applyWelcome(state, uri, room, { seq: event.seq, fanout }, waited);
    if (outcome === 'early') state.wait(uri, event);
    return;
  }
  if (state.waiting.has(uri) && (room === undefined || STANDING_BY.has(room.row.status))) {
    state.put(roomKey('held', uri, event.seq), encodeSyncEvent(event));
    return;
  }
  if (room === undefined || event.seq <= room.row.lastSeq) return;
  if (room.row.status === 'invited') {
    state.put(roomKey('held', uri, event.seq), encodeSyncEvent(event));
    return;
  }
  state.touch(room);
  room.row.lastSeq = event.seq;
  applyToRoom(state, rules, room, { seq: event.seq, fanout });
}

/** Tries Welcomes again that came early: events of several rooms come in no order among them, and Welcomes come first. */
export function applyWaiting(state: DeviceState, rules: RoomRules): void {
  for (const event of state.takeWaiting()) applyEvent(state, rules, event, true);
}

function readEvent(event: SyncEvent): { uri: RoomUri; fanout: FanoutMessage } | WireError {
  try {
    return { uri: asRoomUri(event.roomUri), fanout: decodeFanoutMessage(event.fanout) };
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function applyToRoom(
  state: DeviceState,
  rules: RoomRules,
  room: RoomState,
  { seq, fanout }: RoomEvent,
): void {
  if (room.membership === undefined) return;
  let handshake: HandshakeEvent | undefined;
  try {
    handshake = handshakeEvent(room.membership.mode, { seq, fanout });
  } catch (error) {
    state.tell({ name: 'problem', room: room.uri, seq, code: codeOfFault(error), error });
    return;
  }
  switch (room.row.status) {
    case 'removed':
    case 'left':
    case 'stale':
    case 'closed':
      return;
    case 'joining':
      if (handshake?.kind === 'commit') applyOwnJoin(state, room, handshake);
      return;
    case 'creating':
      // The answer to `createRoom` was lost, but the hub serves the room.
      settle(state, room, 'accepted');
      room.row.status = 'active';
  }
  if (fanout.kind === 'application') applyApplication(state, room, { seq, fanout });
  else if (fanout.kind === 'mandate') applyMandate(state, room, { seq, fanout });
  else if (handshake?.kind === 'proposal') applyProposals(state, room, handshake);
  else if (handshake?.kind === 'commit') applyCommit(state, rules, room, handshake);
}
