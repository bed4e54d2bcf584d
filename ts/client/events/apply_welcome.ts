// A Welcome of the stream: the device joins the group at once, since a key package serves only once, and the
// app decides whether it takes part. Until then the room's further events are held.

import { Group, MlsError } from '../../mls/index.ts';
import { type RosterEntry, rosterOf } from '../../room/index.ts';
import { groupIdOf, type RoomUri } from '../../wire/index.ts';
import { equalBytes } from '../bytes.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import type { RoomStatus } from '../state/room_row.ts';
import { abandonJoin } from './apply_commit.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault, settle } from './settle.ts';

/** Statuses without a group: the log goes on without this device, so that its numbers say nothing of a Welcome. */
const OUTSIDE: ReadonlySet<RoomStatus> = new Set(['removed', 'left', 'stale', 'joining']);

export function applyWelcome(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  event: RoomEvent<'welcome'>,
): void {
  const inside = known !== undefined && !OUTSIDE.has(known.row.status);
  if (inside && event.seq <= known.row.lastSeq) return;
  let joined: { group: Group; roster: ReadonlyMap<number, RosterEntry> };
  try {
    joined = join(state, uri, known, event);
  } catch (error) {
    state.tell({ name: 'problem', room: uri, seq: event.seq, code: codeOfFault(error), error });
    return;
  }
  // The hub lets a client have one leaf: a new Welcome means that this device was removed in between.
  if (inside) state.tell({ name: 'removed', room: uri });
  const room = state.rooms.get(uri) ?? state.addRoom(uri, 'invited');
  state.touch(room);
  settle(state, room, 'lost');
  room.group = joined.group;
  room.roster = joined.roster;
  room.row.status = 'invited';
  room.row.lastSeq = event.seq;
  room.row.joinedEpoch = joined.group.epoch;
  room.row.queued = [];
  state.tell({ name: 'invitation', room: uri });
}

/** Joins the group and checks that it is this room's and that all its leaves name somebody. */
function join(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  { fanout }: RoomEvent<'welcome'>,
): { group: Group; roster: ReadonlyMap<number, RosterEntry> } {
  const { ratchetTree, message } = fanout;
  const tree = ratchetTree.representation === 'full' ? ratchetTree.ratchetTree : undefined;
  const open = () => Group.join(state.mls, message.bytes, tree);
  let group: Group;
  try {
    group = open();
  } catch (error) {
    const exists = error instanceof MlsError && error.code === 'groupExists';
    if (!exists || known?.group === undefined) throw error;
    // What is at hand yields: the Welcome's commit has ended the epoch that an external join began from, or has
    // put this device back after a removal.
    if (known.row.status === 'joining') abandonJoin(state, known);
    else state.dropGroup(known);
    group = open();
  }
  try {
    if (!equalBytes(group.groupId, groupIdOf(uri))) throw new MlsError('wrongGroup');
    return { group, roster: rosterOf(group.members()) };
  } catch (error) {
    group.delete();
    group[Symbol.dispose]();
    throw error;
  }
}
