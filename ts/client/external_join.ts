// Joins a room by an external commit: a further device of a participant, or one that has lost its state or
// its place. draft-ietf-mimi-protocol-06, "Claim group key information".

import { Group, hash, MlsError } from '../mls/index.ts';
import { RoomError, rosterOf } from '../room/index.ts';
import type { RoomUri } from '../wire/index.ts';
import { equalBytes } from './bytes.ts';
import type { Connection } from './connection.ts';
import { ClientError, isClientError } from './errors.ts';
import { fetchGroupInfo, type RoomGroupInfo } from './group_info.ts';
import type { DeviceParts } from './parts.ts';
import { commitFlight, formerLeaves, joinFlight } from './requests.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';
import type { Flight, RoomStatus } from './state/room_row.ts';
import type { Vault } from './state/vault.ts';

/** Statuses from which a device may join by itself. */
const OUTSIDE: ReadonlySet<RoomStatus> = new Set(['stale', 'removed', 'left', 'joining']);

/** How often the state is fetched anew after another member's commit came first. */
const MAX_ROUNDS = 16;

/** Throws ClientError `roomExists`, `refused`, `badGroupInfo`, `contended`, `unavailable`, `unknown`. */
export async function joinExternally(parts: DeviceParts, room: RoomUri): Promise<void> {
  const { vault, connection, changes } = parts;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (isInside(vault, room))
      throw new ClientError('roomExists', undefined, { details: { room } });
    const from = await fetchGroupInfo(vault, connection, room);
    let began = false;
    await changes.make(room, (state, known) => {
      // A join that lost is not repeated from here: its GroupInfo is of a past epoch.
      if (began || (known !== undefined && !OUTSIDE.has(known.row.status))) return undefined;
      began = true;
      return stageJoin(state, room, known, from);
    });
    if (isInside(vault, room)) return removeFormerLeaves(parts, room);
  }
  throw new ClientError('contended', undefined, { details: { room } });
}

/** A client that lost its key has left its leaf behind; where that fails now, its next commit does it. */
async function removeFormerLeaves({ changes }: DeviceParts, uri: RoomUri): Promise<void> {
  try {
    await changes.make(uri, (_state, room) => {
      if (room?.row.status !== 'active' || formerLeaves(room).length === 0) return undefined;
      return commitFlight(room, {});
    });
  } catch (error) {
    if (!isClientError(error, 'unavailable', 'unknown', 'contended')) throw error;
  }
}

function isInside(vault: Vault, room: RoomUri): boolean {
  const status = vault.views.get(room)?.status;
  return status !== undefined && !OUTSIDE.has(status);
}

function stageJoin(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  { groupInfo, ratchetTree }: RoomGroupInfo,
): Flight {
  const before = known?.row.status ?? 'joining';
  if (known !== undefined) state.dropGroup(known);
  try {
    const joining = Group.joinExternally(state.mls, state.identity, groupInfo, ratchetTree);
    const room = known ?? state.addRoom(uri, 'joining');
    state.touch(room);
    room.group = joining.group;
    room.roster = rosterOf(joining.group.members());
    room.row.status = 'joining';
    room.row.queued = [];
    return joinFlight(joining.group, joining.commit, joining.groupInfo, before);
  } catch (error) {
    const ours = error instanceof RoomError || (error instanceof MlsError && error.kind !== 'bug');
    if (!ours) throw error;
    throw new ClientError('badGroupInfo', undefined, {
      cause: error,
      details: { rule: error.code },
    });
  }
}

/** Whether the room that the hub has is the one that this device announced. */
export async function isOwnCreation(
  vault: Vault,
  connection: Connection,
  room: RoomUri,
  flight: Flight,
): Promise<boolean> {
  try {
    const { groupInfo } = await fetchGroupInfo(vault, connection, room);
    return await vault.exclusive((state) =>
      equalBytes(hash(state.device.suite, groupInfo), flight.hash),
    );
  } catch (error) {
    if (error instanceof ClientError && error.code === 'refused') return false;
    throw error;
  }
}
