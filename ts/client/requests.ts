// Requests that change a room, as they are kept in flight and sent: draft-ietf-mimi-protocol-06, "Update Room State".

import { type CommitOptions, type Group, hash } from '../mls/index.ts';
import {
  decodeMlsMessage,
  encodeCreateRoom,
  encodeUpdateRequest,
  type HandshakeView,
  type RoomUri,
} from '../wire/index.ts';
import { ClientError } from './errors.ts';
import type { RoomState } from './state/device_state.ts';
import type { Flight, RoomStatus } from './state/room_row.ts';

/** The group of a room that this device can change. Throws ClientError `notActive`. */
export function activeGroup(room: RoomState, ...also: readonly RoomStatus[]): Group {
  const { status } = room.row;
  if (room.group === undefined || (status !== 'active' && !also.includes(status))) {
    throw new ClientError('notActive', undefined, { details: { room: room.uri, status } });
  }
  return room.group;
}

/** A room with this device as its only member, to be announced to the hub. */
export function createFlight(room: RoomUri, group: Group): Flight {
  const groupInfo = group.groupInfo();
  return {
    kind: 'create',
    hash: hash(group.suite, groupInfo),
    epoch: group.epoch,
    request: encodeCreateRoom({ roomUri: room, groupInfo, ratchetTree: group.ratchetTree() }),
    before: 'creating',
  };
}

/** A commit with these proposals and all that wait; it stays pending in the group. */
export function commitFlight(room: RoomState, options: CommitOptions): Flight {
  const group = activeGroup(room);
  const remove = [...new Set([...(options.remove ?? []), ...formerLeaves(room)])];
  const { commit, welcome, groupInfo } = group.commit({ ...options, remove });
  return {
    kind: 'commit',
    hash: hash(group.suite, commit),
    epoch: group.epoch,
    request: commitRequest(commit, groupInfo, welcome),
    before: room.row.status,
  };
}

/** The external commit by which this device joins; `group` is the pending one. */
export function joinFlight(
  group: Group,
  commit: Uint8Array,
  groupInfo: Uint8Array,
  before: RoomStatus,
): Flight {
  return {
    kind: 'join',
    hash: hash(group.suite, commit),
    epoch: handshake(commit).epoch,
    request: commitRequest(commit, groupInfo),
    before,
  };
}

/** The proposals by which a user leaves: this device removes itself, and asks to remove the user's other ones. */
export function leaveFlight(room: RoomState, otherLeaves: readonly number[]): Flight {
  const group = activeGroup(room, 'leaving');
  const first = group.propose({ selfRemove: true });
  const more = otherLeaves.map((remove) => handshake(group.propose({ remove })));
  return {
    kind: 'proposal',
    hash: hash(group.suite, first),
    epoch: group.epoch,
    request: encodeUpdateRequest({
      kind: 'proposal',
      message: handshake(first),
      moreProposals: more,
    }),
    before: room.row.status,
  };
}

/**
 * Leaves that this very client had before it lost its key and joined again: whatever it commits takes them out.
 * With proposals waiting they are left to a later commit, as those might remove them already.
 */
export function formerLeaves(room: RoomState): number[] {
  const { ownLeafIndex } = activeGroup(room);
  const own = room.roster.get(ownLeafIndex);
  if (room.row.queued.length > 0) return [];
  return [...room.roster.values()]
    .filter(({ client, leafIndex }) => client === own?.client && leafIndex !== ownLeafIndex)
    .map(({ leafIndex }) => leafIndex);
}

/** The hub has the tree, so that none is sent. */
function commitRequest(
  commit: Uint8Array,
  groupInfo: Uint8Array,
  welcome?: Uint8Array,
): Uint8Array {
  return encodeUpdateRequest({
    kind: 'commit',
    message: handshake(commit),
    welcome: welcome === undefined ? undefined : welcomeStruct(welcome),
    groupInfo: { representation: 'full', groupInfo },
    ratchetTree: { representation: 'distributionService' },
  });
}

function handshake(bytes: Uint8Array): HandshakeView {
  return decodeMlsMessage(bytes) as HandshakeView;
}

function welcomeStruct(bytes: Uint8Array): Uint8Array {
  const message = decodeMlsMessage(bytes);
  if (message.wireFormat !== 'welcome') throw new TypeError('The core gave no Welcome.');
  return message.welcome.bytes;
}
