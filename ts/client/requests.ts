// Requests that change a room, as they are kept in flight and sent: draft-ietf-mimi-protocol-06, "Update Room State", in
// the structs of the room's mode.

import {
  type CommitBundle,
  type ComponentChange,
  type Group,
  hash,
  type NewProposal,
} from '../mls/index.ts';
import {
  type Composed,
  composeCommit,
  composeJoin,
  composeProposals,
  composeRoom,
  type JoinPlace,
  type MemberChange,
  type Mode,
  mandatedChanges,
  type Newcomer,
  nextEpoch,
  type Sender,
  welcomeExtension,
} from '../privacy/index.ts';
import {
  applyChanges,
  decodeJoinLinksUpdate,
  encodeJoinLinksUpdate,
  encodeParticipantListUpdate,
  JOIN_LINKS,
  type JoinLink,
  PARTICIPANT_LIST,
  type ComponentChange as PolicyChange,
  participantListUpdate,
  resolveComponent,
  type Verdict,
} from '../room/index.ts';
import {
  type ClientUri,
  decodeMlsMessage,
  encodeCreateRoom,
  encodeUpdateRequest,
  type HandshakeView,
} from '../wire/index.ts';
import { ClientError } from './errors.ts';
import { awaitsRemoval, waitingMandate } from './mandates.ts';
import { clientBehind, decideLeave, memberOf, policyOf, senderIn } from './member_room.ts';
import { memberRules, type RoomRules } from './rules.ts';
import { sealedBanChange } from './sealed_bans.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';
import type { Flight, RoomStatus } from './state/room_row.ts';

/** The group of a room that this device can change. Throws ClientError `notActive`. */
export function activeGroup(room: RoomState, ...also: readonly RoomStatus[]): Group {
  const { status } = room.row;
  if (room.group === undefined || (status !== 'active' && !also.includes(status))) {
    throw new ClientError('notActive', undefined, { details: { room: room.uri, status } });
  }
  return room.group;
}

/** A client to add. */
export interface Addition extends Newcomer {
  /** As the leaf will name it. */
  readonly user: string;
  readonly keyPackage: Uint8Array;
}

/** What a commit is to do besides covering the proposals that wait. */
export interface CommitPlan {
  readonly add?: readonly Addition[] | undefined;
  /** Leaves to take out. */
  readonly remove?: readonly number[] | undefined;
  /** Whether to renew the own keys even where nothing demands it. */
  readonly update?: boolean | undefined;
  /** Roles that users get; 0 takes a user out of the list. */
  readonly roles?: ReadonlyMap<string, number> | undefined;
  /** Further changes of room state. */
  readonly changes?: readonly PolicyChange[] | undefined;
  /** Ids of pre-shared keys, of the first commit of a successor. */
  readonly psks?: readonly Uint8Array[] | undefined;
}

/** A room with this device as its only member, to be announced to the hub. */
export function createFlight(state: DeviceState, room: RoomState): Flight {
  const { group, membership } = memberOf(room);
  const groupInfo = group.groupInfo();
  const request =
    membership.mode.framing === 'draft'
      ? encodeCreateRoom({ roomUri: room.uri, groupInfo, ratchetTree: group.ratchetTree() })
      : composeRoom(senderIn(state, room), room.uri).request;
  return {
    kind: 'create',
    hash: hash(group.suite, groupInfo),
    epoch: group.epoch,
    request,
    before: 'creating',
  };
}

/**
 * A commit with this plan and all proposals that wait; it stays pending in the group. Throws ClientError `notActive`, and
 * `refused` where no hub would tell that the policy forbids it.
 */
export function commitFlight(
  state: DeviceState,
  room: RoomState,
  plan: CommitPlan,
  rules: RoomRules = memberRules,
): Flight {
  const group = activeGroup(room);
  const { membership } = memberOf(room);
  // What is proposed already is covered as proposed: by its proposer, not by this device.
  const proposed = new Set(room.row.leaving.map(({ leaf }) => leaf));
  const remove = [...new Set([...(plan.remove ?? []), ...formerLeaves(room)])].filter(
    (leaf) => !proposed.has(leaf),
  );
  const gone = clientsWithout(room, new Set([...remove, ...proposed]));
  if (awaitsRemoval(room)) {
    const { uri, row } = room;
    throw new ClientError('notActive', 'Another member is to take this device out.', {
      details: { room: uri, status: row.status },
    });
  }
  const mandate = waitingMandate(room);
  const mandated = mandate === undefined ? [] : mandatedChanges(mandate);
  const roomChanges = stateChanges(room, plan, mandated, gone);
  const change: MemberChange = {
    added: plan.add ?? [],
    removed: gone.clients,
    links: applyChanges(policyOf(room), roomChanges).links,
    mandate: mandate && room.row.mandate,
    own: room.row.shareLink ? ownLink(room) : undefined,
    owed: room.row.owed,
    seen: room.row.proposals,
  };
  const hidden = membership.mode.framing === 'mode';
  const next = hidden ? nextEpoch(membership, change) : undefined;
  const changes = [...roomChanges, ...sealedBanChange(room, roomChanges, next?.wrapper)];
  if (membership.mode.hub === 'orders') requireAllowed(rules, room, plan, remove, changes);
  const sender = senderIn(state, room);
  const bundle = group.commit({
    add: plan.add?.map(({ keyPackage }) => keyPackage),
    remove,
    update: plan.update,
    components: resolved(group, changes),
    psks: plan.psks,
    welcomeExtension: next && change.added.length > 0 ? welcomeExtension(next) : undefined,
    // A PublicMessage is padded by its envelope, where it has one.
    paddingTo: handshakePadding(membership.mode),
  });
  const composed =
    next === undefined ? draftCommit(bundle) : composeCommit(sender, bundle, next, change);
  return inFlight('commit', room, group, composed);
}

/** The own identity link, where identities are hidden. */
function ownLink(room: RoomState): MemberChange['own'] {
  const { group, membership } = memberOf(room);
  const client = room.roster.get(group.ownLeafIndex)?.client;
  const linkKey = client && membership.current.linkKeys.get(client);
  return client && linkKey && { client, linkKey };
}

/** A commit that the others refuse would cut this device off from them. Throws ClientError `refused`. */
function requireAllowed(
  rules: RoomRules,
  room: RoomState,
  { add = [], psks }: CommitPlan,
  remove: readonly number[],
  changes: readonly PolicyChange[],
): void {
  const { roster, row } = room;
  const sender = roster.get(memberOf(room).group.ownLeafIndex);
  if (sender === undefined) return;
  const asked = row.leaving.flatMap(({ leaf: removed, proposer }) => {
    const by = proposer === undefined ? ('hub' as const) : roster.get(proposer);
    return by === undefined ? [] : [{ type: 'remove', by, removed }];
  });
  const own = remove.map((removed) => ({ type: 'remove', by: sender, removed }));
  const verdict = rules.decideCommit(
    { state: policyOf(room), roster },
    {
      sender,
      proposals: [...asked, ...own],
      added: add,
      updated: [],
      changes,
      omitted: 0,
      successor: psks !== undefined,
    },
  );
  if (!verdict.allowed) throw notAllowed(verdict);
}

function notAllowed({ rule, why }: Extract<Verdict, { allowed: false }>): ClientError {
  return new ClientError('refused', undefined, { details: { code: 'notAllowed', rule, why } });
}

/** Private handshakes are padded to multiples of this, in bytes; of others the mode makes an envelope, or none. */
const PADDING = 1024;

const handshakePadding = ({ handshakes }: Mode): number | undefined =>
  handshakes.form === 'private' ? PADDING : undefined;

/** The external commit by which this device joins; the room's group is the pending one. */
export function joinFlight(
  sender: Sender,
  bundle: Omit<CommitBundle, 'welcome'>,
  place: JoinPlace,
  before: RoomStatus,
): Flight {
  const { group, membership } = sender;
  const composed =
    membership.mode.framing === 'draft' ? draftCommit(bundle) : composeJoin(sender, bundle, place);
  return {
    kind: 'join',
    hash: hash(group.suite, shownOf(composed)),
    epoch: bundle.newEpoch - 1n,
    request: composed.request,
    before,
  };
}

/**
 * The proposals by which a user leaves: this device removes itself, and asks to remove the user's other ones.
 * Throws ClientError `notActive`, and `refused` as `commitFlight`.
 */
export function leaveFlight(
  state: DeviceState,
  room: RoomState,
  otherLeaves: readonly number[],
): Flight {
  const group = activeGroup(room, 'leaving');
  const { membership } = memberOf(room);
  if (membership.mode.hub === 'orders') {
    const verdict = decideLeave(room, [group.ownLeafIndex, ...otherLeaves]);
    if (!verdict.allowed) throw notAllowed(verdict);
  }
  const padding = handshakePadding(membership.mode);
  const propose = (proposal: NewProposal) => group.propose(proposal, undefined, padding);
  // A SelfRemove cannot be sent as a PrivateMessage (draft-ietf-mls-extensions): a Remove of oneself stands for it.
  const own =
    membership.mode.handshakes.form === 'private'
      ? propose({ remove: group.ownLeafIndex })
      : propose({ selfRemove: true });
  const messages = [own, ...otherLeaves.map((remove) => propose({ remove }))];
  const composed =
    membership.mode.framing === 'draft'
      ? draftProposals(messages)
      : composeProposals(senderIn(state, room), messages);
  return inFlight('proposal', room, group, composed);
}

/**
 * Leaves that this very client had before it lost its key and joined again: whatever it commits takes them out.
 * With proposals waiting they are left to a later commit, as those might remove them already.
 */
export function formerLeaves(room: RoomState): number[] {
  const own = room.roster.get(activeGroup(room).ownLeafIndex);
  if (own === undefined || room.row.queued.length > 0) return [];
  return [...room.roster.values()]
    .filter(({ user, leafIndex }) => user === own.user && leafIndex !== own.leafIndex)
    .filter((entry) => clientBehind(room, entry) === clientBehind(room, own))
    .map(({ leafIndex }) => leafIndex);
}

/** Whom the room loses with these leaves: clients, and users of whom no client stays. */
function clientsWithout(room: RoomState, leaves: ReadonlySet<number>) {
  const stay = [...room.roster.values()].filter(({ leafIndex }) => !leaves.has(leafIndex));
  const clients = new Set(stay.map(({ client }) => client));
  const users = new Set<string>(stay.map(({ user }) => user));
  const left = [...room.roster.values()].filter(({ leafIndex }) => leaves.has(leafIndex));
  const asked = new Set(
    room.row.leaving.flatMap(({ leaf, proposer }) => (proposer === undefined ? [] : [leaf])),
  );
  const proposed = left.filter(({ leafIndex }) => asked.has(leafIndex));
  return {
    clients: [...new Set(left.map(({ client }) => client))].filter(
      (client): client is ClientUri => !clients.has(client),
    ),
    /** Of those, the users who asked for it. */
    users: proposed.map(({ user }) => user).filter((user) => !users.has(user)),
  };
}

/** The changes of room state that a plan makes, each component's once. */
function stateChanges(
  room: RoomState,
  plan: CommitPlan,
  mandated: readonly PolicyChange[],
  gone: { readonly users: readonly string[]; readonly clients: readonly ClientUri[] },
): PolicyChange[] {
  const { participants, links } = policyOf(room);
  const roles = new Map(plan.roles);
  const listed = new Set(participants.map(({ user }) => user));
  for (const user of gone.users) if (!roles.has(user) && listed.has(user)) roles.set(user, 0);
  const update = participantListUpdate(
    participants,
    [...roles].map(([user, role]) => ({ user, role })),
  );
  const changes = [...mandated, ...(plan.changes ?? [])];
  // The core changes a component once in a commit: a mandate of the list takes out who leaves, too.
  const ordered = mandated.some(({ id }) => id === PARTICIPANT_LIST);
  const count = update.changedRole.length + update.removedIndices.length + update.added.length;
  if (!ordered && count > 0) {
    changes.push({ id: PARTICIPANT_LIST, update: encodeParticipantListUpdate(update) });
  }
  if (gone.clients.length === 0 || links.length === 0) return changes;
  return [...changes.filter(({ id }) => id !== JOIN_LINKS), retirement(changes, links)];
}

/** Whoever leaves could know the links that live: they end, and those that the commit makes anyway begin. */
function retirement(changes: readonly PolicyChange[], links: readonly JoinLink[]): PolicyChange {
  const planned = changes.find(({ id }) => id === JOIN_LINKS)?.update;
  const added = planned === undefined ? [] : decodeJoinLinksUpdate(planned).added;
  const removed = links.map(({ id }) => id);
  return { id: JOIN_LINKS, update: encodeJoinLinksUpdate({ removed, added }) };
}

/** The changes with what comes of them. Throws RoomError as `resolveComponent`. */
export function resolved(group: Group, changes: readonly PolicyChange[]): ComponentChange[] {
  return changes.map(({ id, update }) => ({
    id,
    update,
    value: resolveComponent(id, group.component(id), [update]),
  }));
}

function inFlight(
  kind: 'commit' | 'proposal',
  room: RoomState,
  group: Group,
  composed: Composed,
): Flight {
  return {
    kind,
    hash: hash(group.suite, shownOf(composed)),
    epoch: group.epoch,
    request: composed.request,
    before: room.row.status,
  };
}

function shownOf({ payloads }: Composed): Uint8Array {
  return payloads[0] ?? new Uint8Array();
}

/** The hub has the tree, so that none is sent. */
function draftCommit({ commit, groupInfo, welcome }: CommitBundle): Composed {
  const request = encodeUpdateRequest({
    kind: 'commit',
    message: handshake(commit),
    welcome: welcome === undefined ? undefined : welcomeStruct(welcome),
    groupInfo: { representation: 'full', groupInfo },
    ratchetTree: { representation: 'distributionService' },
  });
  return { request, payloads: [commit] };
}

function draftProposals(messages: readonly Uint8Array[]): Composed {
  const [message, ...moreProposals] = messages.map(handshake);
  const request = encodeUpdateRequest({
    kind: 'proposal',
    message: message as HandshakeView,
    moreProposals,
  });
  return { request, payloads: messages };
}

function handshake(bytes: Uint8Array): HandshakeView {
  return decodeMlsMessage(bytes) as HandshakeView;
}

function welcomeStruct(bytes: Uint8Array): Uint8Array {
  const message = decodeMlsMessage(bytes);
  if (message.wireFormat !== 'welcome') throw new TypeError('The core gave no Welcome.');
  return message.welcome.bytes;
}
