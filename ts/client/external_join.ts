// Joins a room by an external commit: a further device of a participant, one that has lost its state or its place, or
// who holds a join link. draft-ietf-mimi-protocol-06, "Claim group key information".

import { type CipherSuite, type ComponentChange, Group, HubGroup, MlsError } from '../mls/index.ts';
import {
  askForSlots,
  checkGroupInfo,
  checkRoomFranking,
  contextHash,
  decodeAnnouncement,
  encodeLinkClaim,
  firstThatOpens,
  type JoinClaim,
  type JoinRecord,
  joinedEpoch,
  joinProof,
  joinTokenSlot,
  learnFrom,
  linkToken,
  Membership,
  type Mode,
  openJoinRecord,
  openSlots,
  PrivacyError,
  type SharedLink,
  verifyAnnouncement,
} from '../privacy/index.ts';
import {
  BANNED_ROLE,
  type ComponentData,
  encodeParticipantListUpdate,
  findLink,
  NO_ROLE,
  PARTICIPANT_LIST,
  participantListUpdate,
  RoomError,
  resolveComponent,
  roleOf,
  stateOf,
} from '../room/index.ts';
import {
  componentsOf,
  decodeGroupInfo,
  decodeRoomSlots,
  encodeRoomSlotsRequest,
  groupIdOf,
  type RoomSlots,
  type RoomUri,
} from '../wire/index.ts';
import { reading } from './answers.ts';
import { equalBytes, hex } from './bytes.ts';
import type { Connection } from './connection.ts';
import { declareToProvider } from './declare_pseudonym.ts';
import { ClientError, isClientError } from './errors.ts';
import { fetchGroupInfo, type RoomGroupInfo } from './group_info.ts';
import { type HiddenLeaf, makeHiddenLeaf, roomIndex } from './hidden_identity.ts';
import { hubKeyOf, policyOf, senderIn } from './member_room.ts';
import type { DeviceParts } from './parts.ts';
import { commitFlight, formerLeaves, joinFlight } from './requests.ts';
import { learnBans } from './sealed_bans.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';
import type { Flight, RoomStatus } from './state/room_row.ts';
import type { Vault } from './state/vault.ts';

/** Statuses from which a device may join by itself. */
const OUTSIDE: ReadonlySet<RoomStatus> = new Set(['stale', 'removed', 'left', 'joining']);

/** How often the state is fetched anew after another member's commit came first. */
const MAX_ROUNDS = 16;

/** How a device joins. */
export interface JoinAs {
  readonly mode: Mode;
  /** The index of the pseudonym, where it is not that of the room's URI. */
  readonly index?: Uint8Array | undefined;
  readonly link?: SharedLink | undefined;
}

/** What the joiner has fetched, checked as far as it can be before the group is there. */
interface Place {
  readonly from: RoomGroupInfo;
  readonly record: JoinRecord | undefined;
  readonly leaf: HiddenLeaf | undefined;
}

/**
 * Throws ClientError `roomExists`, `refused`, `badGroupInfo`, `badLink`, `contended`, `unavailable`, `unknown`,
 * `noAccountSecret`.
 */
export async function joinExternally(parts: DeviceParts, room: RoomUri, as: JoinAs): Promise<void> {
  const { vault, changes } = parts;
  let declared = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (isInside(vault, room))
      throw new ClientError('roomExists', undefined, { details: { room } });
    const place = await fetchPlace(parts, room, as);
    if (!declared) await declareToProvider(parts, room, as.mode, as.index);
    declared = true;
    let began = false;
    await changes.make(room, (state, known) => {
      // A join that lost is not repeated from here: its GroupInfo is of a past epoch.
      if (began || (known !== undefined && !OUTSIDE.has(known.row.status))) return undefined;
      began = true;
      return stageJoin(state, room, known, as, place);
    });
    if (isInside(vault, room)) {
      await learnSlots(parts, room);
      return removeFormerLeaves(parts, room);
    }
  }
  throw new ClientError('contended', undefined, { details: { room } });
}

/** Reads what members have left for each other, where the device lacks some of it. */
export async function learnSlots({ vault, connection }: DeviceParts, uri: RoomUri): Promise<void> {
  const asked = await vault.exclusive((state) => {
    const room = state.rooms.get(uri);
    // Where leaves show who they are of, what is left for members is of no use to one.
    if (room?.group === undefined || !room.membership?.mode.credentials.hidesIdentities) {
      return undefined;
    }
    return askForSlots(senderIn(state, room), uri);
  });
  if (asked === undefined) return;
  try {
    const answer = await connection.call('roomSlots', uri, asked.request, { hidden: true });
    const { slots } = reading(() => openSlots(uri, asked.keys, answer));
    await vault.exclusive((state) => {
      const room = state.rooms.get(uri);
      if (room?.group === undefined || room.membership === undefined) return;
      state.touch(room);
      const members = room.group.members();
      learnFrom(room.membership, room.group, members, slots);
      learnBans(room, slots);
    });
  } catch (error) {
    // Another sync tries again; until then some members are shown as not verified.
    if (!isClientError(error, 'unavailable', 'unknown', 'refused', 'badAnswer')) throw error;
  }
}

async function fetchSlots(
  connection: Connection,
  room: RoomUri,
  names: readonly Uint8Array[],
  hidden: boolean,
): Promise<RoomSlots> {
  const body = encodeRoomSlotsRequest({ all: false, names });
  const answer = await connection.call('roomSlots', room, body, { hidden });
  return reading(() => decodeRoomSlots(answer));
}

async function fetchPlace(parts: DeviceParts, room: RoomUri, as: JoinAs): Promise<Place> {
  const { vault, connection } = parts;
  const { mode, link } = as;
  const record =
    link === undefined || mode.framing === 'draft'
      ? undefined
      : await fetchRecord(parts, room, link, mode);
  const leaf = await vault.exclusive((state) =>
    mode.credentials.hidesIdentities
      ? makeHiddenLeaf(state, state.device.suite, as.index ?? roomIndex(room))
      : undefined,
  );
  if (mode.hub === 'orders') {
    if (record?.state === undefined) throw badLink('needed');
    return {
      from: { ...record.state, announcements: [] },
      record: checked(record, room, record.state.groupInfo),
      leaf,
    };
  }
  const identity = leaf?.identity ?? (await vault.exclusive((state) => state.identity));
  const from = await fetchGroupInfo(connection, room, { mode, identity, linkId: link?.id });
  return { from, record: record && checked(record, room, from.groupInfo), leaf };
}

async function fetchRecord(
  { connection, vault }: DeviceParts,
  room: RoomUri,
  link: SharedLink,
  { credentials }: Mode,
): Promise<JoinRecord> {
  if (link.room !== room) throw badLink('room');
  const names = [joinTokenSlot(linkToken(link.secret))];
  const { slots } = await fetchSlots(connection, room, names, credentials.hidesIdentities);
  const versions = slots.flatMap((slot) => slot.versions);
  const suite = await vault.exclusive((state) => state.device.suite);
  const where = { groupId: groupIdOf(room), linkId: link.id };
  try {
    return firstThatOpens(versions, (version) => openJoinRecord(suite, where, link, version));
  } catch (error) {
    if (error instanceof PrivacyError) throw badLink(error.code, error);
    throw error;
  }
}

/** The hub, or whoever else gives the GroupInfo, cannot give one that members did not mean. */
function checked(record: JoinRecord, room: RoomUri, groupInfo: Uint8Array): JoinRecord {
  try {
    checkGroupInfo(record, groupIdOf(room), groupInfo);
    return record;
  } catch (error) {
    if (!(error instanceof PrivacyError)) throw error;
    throw new ClientError('badGroupInfo', undefined, {
      cause: error,
      details: { rule: error.details.rule ?? error.code },
    });
  }
}

function badLink(rule: string, cause?: unknown): ClientError {
  return new ClientError('badLink', undefined, { cause, details: { rule } });
}

/** A client that lost its key has left its leaf behind; where that fails now, its next commit does it. */
export async function removeFormerLeaves({ changes }: DeviceParts, uri: RoomUri): Promise<void> {
  try {
    await changes.make(uri, (state, room) => {
      if (room?.row.status !== 'active' || formerLeaves(room).length === 0) return undefined;
      return commitFlight(state, room, {});
    });
  } catch (error) {
    if (!isClientError(error, 'unavailable', 'unknown', 'contended', 'refused')) throw error;
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
  as: JoinAs,
  place: Place,
): Flight {
  const before = known?.row.status ?? 'joining';
  if (known !== undefined) state.dropGroup(known);
  try {
    return stage(state, uri, known, as, place, before);
  } catch (error) {
    const ours =
      error instanceof RoomError ||
      error instanceof PrivacyError ||
      (error instanceof MlsError && error.kind !== 'bug');
    if (!ours) throw error;
    throw new ClientError('badGroupInfo', undefined, {
      cause: error,
      details: { rule: error.code },
    });
  }
}

function stage(
  state: DeviceState,
  uri: RoomUri,
  known: RoomState | undefined,
  { mode, index, link }: JoinAs,
  { from, record, leaf }: Place,
  before: RoomStatus,
): Flight {
  const { groupContext } = decodeGroupInfo(from.groupInfo);
  const { groupId, epoch } = groupContext;
  if (link !== undefined && epoch < link.epochFloor) {
    throw new PrivacyError('outdated', undefined, { details: { rule: 'epochFloor' } });
  }
  if (known !== undefined && epoch < known.row.lastEpoch) {
    throw new PrivacyError('outdated', undefined, { details: { rule: 'lastEpoch' } });
  }
  const identity = leaf?.identity ?? state.identity;
  const components = componentsOf(groupContext);
  const policy = stateOf(components);
  if (policy.mode !== mode.name) throw new PrivacyError('wrongMode');
  if (policy.franking !== undefined) checkRoomFranking(mode, uri, policy.franking);
  const user = leaf?.user ?? state.device.user;
  // A hub that sees no members lets it pass; they would all refuse it.
  if (roleOf(policy, user) === BANNED_ROLE) {
    throw new ClientError('refused', undefined, { details: { rule: 'R18-banned' } });
  }
  if (mode.hub === 'orders' && roleOf(policy, user) !== NO_ROLE) {
    requireKnownKey(from, identity.signatureKey);
  }
  const { group, ...bundle } = Group.joinExternally(
    state.mls,
    identity,
    from.groupInfo,
    from.ratchetTree,
    {
      handshakes: mode.handshakes.form,
      aad:
        link &&
        claimOf(link, state.device.suite, {
          groupId,
          epoch,
          leafSignatureKey: identity.signatureKey,
        }),
      components: link && entersBy(link, components, user),
    },
  );
  const room = known ?? state.addRoom(uri, 'joining');
  state.touch(room);
  const own = leaf && { client: leaf.client, linkKey: leaf.linkKey };
  const membership =
    mode.framing === 'draft'
      ? Membership.begin(mode, NONE)
      : Membership.begin(
          mode,
          mode.credentials.hidesIdentities ? (index ?? roomIndex(uri)) : NONE,
          joinedEpoch(group, {
            wrapper: record?.wrapper,
            linkKeys: new Map(own === undefined ? [] : [[own.client, own.linkKey]]),
          }),
        );
  state.enterRoom(room, group, membership);
  room.row.status = 'joining';
  room.row.declined = false;
  room.row.shareLink = own !== undefined && record?.wrapper === undefined;
  room.row.owed = [];
  room.row.queued = [];
  room.row.proposals = 0;
  room.row.leaving = [];
  const hub = hubKeyOf(policyOf(room));
  const memberKeys =
    record === undefined
      ? announcedKeys(group, contextHash(groupContext.bytes), epoch, from.announcements)
      : [record.epochKey];
  const sender = { group, membership, identity, hub };
  const { links } = policyOf(room);
  return joinFlight(sender, bundle, { memberKeys, hub, secret: link?.secret, own, links }, before);
}

/**
 * Where no server vouches for names, members let who is listed come in by the key of its former leaf only: anybody who
 * holds a link could name itself so. Throws ClientError `refused`.
 */
function requireKnownKey(from: RoomGroupInfo, signatureKey: Uint8Array): void {
  if (from.ratchetTree === undefined) return;
  const view = HubGroup.track(from.groupInfo, from.ratchetTree);
  const known = view.members().some((member) => equalBytes(member.signatureKey, signatureKey));
  view[Symbol.dispose]();
  if (known) return;
  throw new ClientError('refused', 'A member must invite this device.', {
    details: { rule: 'R4-external-join' },
  });
}

const NONE = new Uint8Array();

/** What shows hub and members that the joiner holds the link. */
function claimOf(link: SharedLink, suite: CipherSuite, at: Omit<JoinClaim, 'linkId'>): Uint8Array {
  const proof = joinProof(suite, link.secret, { ...at, linkId: link.id });
  return encodeLinkClaim({ linkId: link.id, proof });
}

/** Who joins by a link enters the list with the link's role. */
function entersBy(
  link: SharedLink,
  components: readonly ComponentData[],
  user: string,
): ComponentChange[] {
  const policy = stateOf(components);
  const found = findLink(policy.links, link.id);
  if (found === undefined) throw badLink('retired');
  const { participants } = policy;
  if (participants.some((entry) => entry.user === user)) return [];
  const update = encodeParticipantListUpdate(
    participantListUpdate(participants, [{ user, role: found.role }]),
  );
  const current = components.find(({ id }) => id === PARTICIPANT_LIST)?.data;
  const value = resolveComponent(PARTICIPANT_LIST, current, [update]);
  return [{ id: PARTICIPANT_LIST, update, value }];
}

/** The announced keys of the epoch whose signatures verify, each once. */
function announcedKeys(
  group: Group,
  hash: Uint8Array,
  epoch: bigint,
  announcements: readonly Uint8Array[],
): Uint8Array[] {
  const keys = new Map<string, Uint8Array>();
  const { suite, groupId } = group;
  for (const bytes of announcements) {
    const { leafIndex } = decodeAnnouncement(bytes);
    const leaf = group.members().find((member) => member.leafIndex === leafIndex);
    if (leaf === undefined) continue;
    const { signatureKey } = leaf;
    const { publicKey } = verifyAnnouncement(bytes, {
      suite,
      groupId,
      epoch,
      contextHash: hash,
      leafIndex,
      signatureKey,
    });
    keys.set(hex(publicKey), publicKey);
  }
  return [...keys.values()];
}
