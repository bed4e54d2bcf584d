// A local device creates a room: the hub begins to follow its group.
// draft-ietf-mimi-protocol-06, "Alice Creates a Room": local to the provider.

import { HubGroup, MlsError } from '../../mls/index.ts';
import { participantOf } from '../../room/index.ts';
import {
  type CreateRoom,
  decodeGroupInfo,
  domainOf,
  groupIdOf,
  type RoomUri,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { requireSpeaksFor } from '../origin.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import { subscribeRows } from '../subscription.ts';
import { acceptEntry } from './accept.ts';
import type { HubContext } from './context.ts';
import { HubRoom } from './hub_room.ts';
import { success } from './update_input.ts';

/** CreateRoom whose room URI has been checked. */
export type RoomCreation = CreateRoom & { readonly roomUri: RoomUri };

/**
 * The input for a new room. Its group has one member: the device that creates it.
 * @throws ProviderError `notHub`, `roomExists`, `invalidGroup`, `wrongDevice`; RoomError `badCredential`.
 */
export function createRoom(
  context: HubContext,
  device: DeviceIdentity,
  request: RoomCreation,
): Input<UpdateRoomResponse> {
  const uri = request.roomUri;
  if (domainOf(uri) !== context.domain) throw new ProviderError('notHub');
  let exists = false;
  return {
    owner: uri,
    prepare: async () => {
      const shard = context.directory.shardOf(uri).name;
      const head = await context.store.get(shard, roomRows.head(uri));
      exists = head !== undefined || (await context.directory.findHubRoom(uri)) !== undefined;
    },
    decide: (turn: Turn): Decision<UpdateRoomResponse> => {
      if (exists) throw new ProviderError('roomExists');
      const group = trackNewGroup(request, device);
      const room = new HubRoom(uri, device.user, group, {
        seq: 0,
        acceptedAt: 0,
        replay: [],
        groupInfo: request.groupInfo,
        waiting: [],
      });
      context.directory.hold(room);
      const { record, rows } = acceptEntry(room, turn, {
        kind: 'created',
        acceptedAt: turn.now,
        from: device.user,
        followers: [],
      });
      rows.push(
        { key: roomRows.groupInfo(uri), value: request.groupInfo },
        { key: roomRows.snapshot(uri), value: group.snapshot() },
        ...subscribeRows(device.client, uri, room.seq + 1),
      );
      context.report({
        type: 'accepted',
        room: uri,
        kind: 'created',
        seq: room.seq,
        from: context.domain,
        bytes: request.groupInfo.length + request.ratchetTree.length,
      });
      return { answer: success(turn.now), records: [record], rows };
    },
  };
}

/** Follows the uploaded group after checking that it is the device's own, of this room, with nobody else. */
function trackNewGroup(request: RoomCreation, device: DeviceIdentity): HubGroup {
  // The core takes an MLSMessage too; what is stored is given to those who join, as the struct.
  decodeBody(decodeGroupInfo, request.groupInfo);
  let group: HubGroup;
  try {
    group = HubGroup.track(request.groupInfo, request.ratchetTree);
  } catch (error) {
    if (!(error instanceof MlsError) || error.kind === 'bug') throw error;
    throw new ProviderError('invalidGroup', undefined, {
      cause: error,
      details: { reason: error.code },
    });
  }
  try {
    if (!sameBytes(group.groupId, groupIdOf(request.roomUri))) {
      throw new ProviderError('invalidGroup', 'The group id is not that of the room.');
    }
    const members = group.members();
    if (members.length !== 1) {
      throw new ProviderError('invalidGroup', 'A new room has one member: its creator.');
    }
    for (const { credential } of members) {
      const { user, client } = participantOf(credential);
      requireSpeaksFor({ kind: 'device', device }, user, client);
    }
    return group;
  } catch (error) {
    group[Symbol.dispose]();
    throw error;
  }
}
