// A local device creates a room: the hub begins to follow its group, or to order its handshakes.
// draft-ietf-mimi-protocol-06, "Alice Creates a Room": local to the provider.

import { HubGroup, MlsError } from '../../mls/index.ts';
import {
  checkRoomFranking,
  frankingKeyId,
  type Mode,
  modeNamed,
  OrderedGroup,
  PrivacyError,
} from '../../privacy/index.ts';
import type { Franking } from '../../room/index.ts';
import {
  type CreateRoom,
  decodeGroupInfo,
  domainOf,
  groupIdOf,
  type HubPart,
  hubPartOf,
  type ModeRoom,
  type RoomUri,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { mayBring, requireSpeaksFor } from '../origin.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import { encodeHeldGroupInfo } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import { subscribeRows } from '../subscription.ts';
import { suiteOf } from '../suites.ts';
import { acceptEntry, snapshotRow } from './accept.ts';
import { acceptedBefore, type HubContext } from './context.ts';
import { type FollowedGroup, type HiddenGroup, HubRoom } from './hub_room.ts';
import { readSlots, type SlotTable, slotFault, slotRows } from './slots.ts';
import { success } from './update_input.ts';

/** A new room, in whatever structs its mode has. */
export interface RoomCreation {
  readonly uri: RoomUri;
  readonly mode: Mode;
  readonly suite: number;
  readonly part: HubPart;
}

/** A creation as it was asked for: the same bytes again are answered as the first time. */
export type CreationRequest = RoomCreation & { readonly requestId: Uint8Array };

/** What a creation in the draft's mode asks for. */
export function draftCreation(uri: RoomUri, { groupInfo, ratchetTree }: CreateRoom): RoomCreation {
  const { suite } = decodeBody(decodeGroupInfo, groupInfo);
  return { uri, mode: modeNamed('open'), suite, part: hubPartOf({ groupInfo, ratchetTree }) };
}

/** What a creation in another mode asks for. @throws ProviderError `badRequest`, `invalidGroup`. */
export function modeCreation(context: HubContext, uri: RoomUri, room: ModeRoom): RoomCreation {
  try {
    const mode = modeNamed(room.mode);
    const suite = suiteOf(room.suite, '/cipher_suite');
    const address = { suite, groupId: groupIdOf(uri), epoch: 0n, kind: 'slots' } as const;
    const part = mode.hubParts.open(room.hubPart, address, context.keys.sealing);
    return { uri, mode, suite, part };
  } catch (cause) {
    if (!(cause instanceof PrivacyError) || cause.kind === 'bug') throw cause;
    throw new ProviderError('invalidGroup', undefined, { cause, details: { reason: cause.code } });
  }
}

/**
 * The input for a new room. Its group has one member: the device that creates it.
 * @throws ProviderError `notHub`, `roomExists`, `invalidGroup`, `wrongDevice`; RoomError `badCredential`.
 */
export function createRoom(
  context: HubContext,
  device: DeviceIdentity,
  creation: CreationRequest,
): Input<UpdateRoomResponse> {
  const { uri, part, requestId } = creation;
  if (domainOf(uri) !== context.domain) throw new ProviderError('notHub');
  const fault = slotFault(part.slots, context.limits);
  if (fault !== undefined) throw new ProviderError('invalidGroup', `The room has ${fault}.`);
  let exists = false;
  let before: number | undefined;
  let slots: SlotTable;
  return {
    owner: uri,
    prepare: async (reader) => {
      const shard = context.directory.shardOf(uri).name;
      const head = await context.store.get(shard, roomRows.head(uri));
      const room = await context.directory.findHubRoom(uri);
      exists = head !== undefined || room !== undefined;
      before = room && (await acceptedBefore(reader, room, requestId));
      slots = await readSlots(reader, uri, part.slots, 0n);
    },
    decide: (turn: Turn): Decision<UpdateRoomResponse> => {
      if (before !== undefined) return { answer: success(before) };
      if (exists) throw new ProviderError('roomExists');
      const room = openRoom(context, device, creation);
      context.directory.hold(room);
      const { record, rows } = acceptEntry(room, turn, {
        kind: 'created',
        acceptedAt: turn.now,
        from: room.sight.kind === 'followed' ? creatorOf(room) : context.domain,
        followers: [],
        requestId,
      });
      if (room.sight.kind === 'followed') {
        rows.push({ key: roomRows.groupInfo(uri), value: encodeHeldGroupInfo(room.sight) });
      }
      rows.push(
        snapshotRow(room),
        ...slotRows(uri, slots, part.slots, 0n),
        ...subscribeRows(device.client, uri, room.seq + 1),
      );
      context.report({
        type: 'accepted',
        room: uri,
        kind: 'created',
        seq: room.seq,
        from: context.domain,
        bytes: part.groupInfo.length + part.ratchetTree.length,
      });
      return { answer: success(turn.now), records: [record], rows };
    },
  };
}

/** The user of the only leaf. */
function creatorOf(room: HubRoom): string {
  const [creator] = room.roster.values();
  return creator?.user ?? '';
}

function openRoom(context: HubContext, device: DeviceIdentity, creation: RoomCreation): HubRoom {
  const { uri, mode } = creation;
  const sight = mode.hub === 'verifies' ? follow(creation) : hide(context, creation);
  const room = new HubRoom(uri, mode, sight, { seq: 0, acceptedAt: 0, replay: [], waiting: [] });
  try {
    if (sight.kind === 'followed') checkFirst(context, device, room);
    return room;
  } catch (error) {
    room[Symbol.dispose]();
    throw error;
  }
}

/** Follows the uploaded group, after checking that it is of this room. */
function follow({ uri, part }: RoomCreation): FollowedGroup {
  // The core takes an MLSMessage too; what is stored is given to those who join, as the struct.
  decodeBody(decodeGroupInfo, part.groupInfo);
  let group: HubGroup;
  try {
    group = HubGroup.track(part.groupInfo, part.ratchetTree);
  } catch (error) {
    if (!(error instanceof MlsError) || error.kind === 'bug') throw error;
    throw new ProviderError('invalidGroup', undefined, {
      cause: error,
      details: { reason: error.code },
    });
  }
  if (!sameBytes(group.groupId, groupIdOf(uri))) {
    group[Symbol.dispose]();
    throw new ProviderError('invalidGroup', 'The group id is not that of the room.');
  }
  const announcements = part.announcement.length > 0 ? [part.announcement] : [];
  return { kind: 'followed', group, groupInfo: part.groupInfo, announcements };
}

function hide(context: HubContext, { suite, part }: RoomCreation): HiddenGroup {
  if (part.nextWriteKey.length !== WRITE_KEY_BYTES) {
    throw new ProviderError('invalidGroup', 'A room of this mode begins with a write key.');
  }
  const known = suiteOf(suite, '/cipher_suite');
  return { kind: 'hidden', group: OrderedGroup.create(known, context.domain, part.nextWriteKey) };
}

const WRITE_KEY_BYTES = 32;

/** A new room has one member, the device's own; its state is one that the policy can decide on, and of its mode. */
function checkFirst(context: HubContext, device: DeviceIdentity, room: HubRoom): void {
  const { mode, view } = room;
  const [first, ...others] = room.roster.values();
  if (view === undefined || first === undefined || others.length > 0) {
    throw new ProviderError('invalidGroup', 'A new room has one member: its creator.');
  }
  const origin = { kind: 'device', device } as const;
  if (!mayBring(context, origin, mode, first.user, first.client)) {
    requireSpeaksFor(origin, first.user, first.client);
  }
  if (view.state.mode !== mode.name) {
    throw new ProviderError('invalidGroup', 'The group is pinned to another mode than the room.');
  }
  checkFranking(context, room, view.state.franking);
  if (!view.state.participants.some(({ user }) => user === first.user)) {
    throw new ProviderError('invalidGroup', 'The creator does not take part in the room.');
  }
}

/** A franked room is franked by this hub, in a form that its mode can have. */
function checkFranking(
  { franking: keys }: HubContext,
  { mode, uri }: HubRoom,
  franking: Franking | undefined,
): void {
  if (franking === undefined) return;
  try {
    checkRoomFranking(mode, uri, franking);
  } catch (cause) {
    if (!(cause instanceof PrivacyError)) throw cause;
    throw new ProviderError('invalidGroup', 'The room is franked in a way that it cannot be.', {
      cause,
      details: { reason: String(cause.details.rule) },
    });
  }
  if (keys.signer(frankingKeyId(franking.agent.signatureKey)) !== undefined) return;
  throw new ProviderError(
    'invalidGroup',
    'The room is franked by a key that this hub does not have.',
  );
}
