// A hub that follows the group decides on a commit: valid, by a sender it may come from, allowed by the policy, with
// Welcomes that can be delivered and a GroupInfo that describes the new epoch.
// draft-ietf-mimi-protocol-06, "Update Room State".

import type { HubCommitSummary, HubProcessed, Member } from '../../mls/index.ts';
import {
  behindSafeAad,
  claimedLink,
  contextHash,
  mandatedIn,
  proposedCommit,
  verifyAnnouncement,
} from '../../privacy/index.ts';
import {
  decideCommit,
  type JoinLink,
  PARTICIPANT_LIST,
  type ProposedCommit,
} from '../../room/index.ts';
import {
  type ClientUri,
  decodeGroupInfo,
  domainOf,
  type UpdateRoomResponse,
  type UserUri,
} from '../../wire/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { mayBring } from '../origin.ts';
import { encodeHeldGroupInfo, encodeSeq } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { subscribeRows, welcomeRows } from '../subscription.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import { bannedLeafRows } from './banned_leaves.ts';
import { handshakeFanout, welcomeFanout } from './events.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';
import { mandateAfterCommit, mandateRefusal, waitingMandate } from './mandates.ts';
import { notAllowed, payloadFault, type Refusal } from './refusal.ts';
import { endedSlotRows, foreignSlot, slotRows } from './slots.ts';
import { isBy, success, type UpdateInput } from './update_input.ts';

type ProcessedCommit = Extract<HubProcessed, { kind: 'commit' }>;

/** Decides on a commit of the current epoch. */
export function decideCommitUpdate(
  input: UpdateInput,
  sight: FollowedGroup,
): Decision<UpdateRoomResponse> {
  const { room, opened } = input;
  const [handshake] = opened.handshakes;
  if (handshake === undefined || opened.handshakes.length > 1) {
    return notAllowed(input, 'invalidCommit', 'a commit is one handshake');
  }
  if (opened.part.groupInfo.length === 0) {
    return notAllowed(input, 'fullGroupInfo', 'this hub takes a full GroupInfo only');
  }
  let processed: HubProcessed;
  try {
    processed = room.process(sight.group, handshake);
  } catch (error) {
    return notAllowed(input, 'invalidCommit', payloadFault(error));
  }
  if (processed.kind !== 'commit') {
    sight.group.discard(processed);
    return notAllowed(input, 'invalidCommit', 'a commit is expected');
  }
  const checked = checkCommit(input, sight, processed);
  if ('rule' in checked) {
    sight.group.discard(processed);
    return notAllowed(input, checked.rule, checked.why);
  }
  return merge(input, sight, processed, checked);
}

function checkCommit(
  input: UpdateInput,
  sight: FollowedGroup,
  processed: ProcessedCommit,
): ProposedCommit | Refusal {
  const { summary } = processed;
  const { room, origin, context, turn, submission } = input;
  const view = room.view;
  if (view === undefined) return { rule: 'R9-sender-participates', why: 'the room has no state' };
  const mandate = waitingMandate(room);
  let proposed: ProposedCommit | undefined;
  try {
    proposed = proposedCommit(room.mode.credentials, sight.group.suite, room.roster, summary, {
      group: sight.group,
      omitted: summary.omittedProposals.length,
      now: turn.now,
      // Who takes over the members of another room does it by the first commit.
      successor: sight.group.epoch === 0n,
      link: linkOf(input, sight, view.state.links, processed),
      isMandated: mandatedIn(mandate === undefined ? [] : [mandate], summary.components),
    });
  } catch (error) {
    return { rule: 'badCredential', why: payloadFault(error) };
  }
  if (proposed === undefined) {
    return { rule: 'R9-sender-participates', why: 'the committer is not in the group' };
  }
  const { user, client, leafIndex } = proposed.sender;
  if (!mayBring(context, origin, room.mode, user as UserUri, client as ClientUri)) {
    return { rule: 'senderNotYours', why: 'the commit was made by a client of another provider' };
  }
  if ((leafIndex === undefined) !== submission.joins) {
    return { rule: 'invalidCommit', why: 'the update says otherwise whether its sender joins' };
  }
  const [newcomer] = summary.added;
  const by = submission.joins && newcomer !== undefined ? newcomer : leafIndex;
  if (by === undefined || !isBy(input, sight, by)) {
    return { rule: 'leafProof', why: 'nothing shows that the committer has sent this as it is' };
  }
  const clients = [...room.roster.values(), ...proposed.added, proposed.sender];
  const foreign = foreignSlot(input.opened.slots, clients);
  if (foreign !== undefined) return { rule: 'slots', why: foreign };
  const withoutMandate = mandateRefusal(room, summary, user, input.opened.part);
  if (withoutMandate !== undefined) return withoutMandate;
  const verdict = decideCommit(view, proposed);
  if (!verdict.allowed) return verdict;
  return checkContext(input, summary) ?? checkWelcome(input, summary) ?? proposed;
}

/** The link by which a newcomer comes, and whether its commit shows that it holds it. */
function linkOf(
  { submission: { epoch } }: UpdateInput,
  { group }: FollowedGroup,
  links: readonly JoinLink[],
  { summary, ...processed }: ProcessedCommit,
): ProposedCommit['link'] {
  const [newcomer] = summary.added;
  if (!summary.external || newcomer === undefined) return undefined;
  const leafSignatureKey = newcomer.signatureKey;
  const { suite, groupId } = group;
  const authenticatedData = behindSafeAad(group, processed.authenticatedData);
  return claimedLink(suite, links, { groupId, epoch, authenticatedData, leafSignatureKey });
}

/** What the committer says the next epoch is, and what it is for the hub, must be one: else the two part ways. */
function checkContext(
  { submission, opened: { part } }: UpdateInput,
  { groupContext }: HubCommitSummary,
): Refusal | undefined {
  const stated =
    submission.draft === undefined && !sameBytes(part.contextHash, contextHash(groupContext));
  const described = decodeGroupInfo(part.groupInfo).groupContext.bytes;
  if (!stated && sameBytes(described, groupContext)) return undefined;
  return { rule: 'contextHash', why: 'the committer is in another state than the hub' };
}

/** Every added client gets a Welcome that this hub can deliver, and nobody else does. */
function checkWelcome({ routes }: UpdateInput, { added }: HubCommitSummary): Refusal | undefined {
  const addedRefs = added.flatMap(({ keyPackageRef }) =>
    keyPackageRef === undefined ? [] : [toHex(keyPackageRef)],
  );
  const refs = routes?.refs ?? new Set<string>();
  if (addedRefs.length !== refs.size || addedRefs.some((ref) => !refs.has(ref))) {
    return { rule: 'welcomeMatchesAdds', why: 'the Welcome is not for exactly the added clients' };
  }
  if (routes !== undefined && routes.unknown.length > 0) {
    return {
      rule: 'claimedHere',
      why: 'a key package was not handed out by a provider that this hub knows',
    };
  }
  return undefined;
}

function merge(
  input: UpdateInput,
  sight: FollowedGroup,
  processed: ProcessedCommit,
  proposed: ProposedCommit,
): Decision<UpdateRoomResponse> {
  const { context, room, turn, opened, slots, submission, routes } = input;
  const audience = room.domains;
  const sender = proposed.sender.user as UserUri;
  // A newcomer's provider gets the commit too: its client merges when it sees the commit come back.
  audience.add(domainOf(sender));
  const before = new Set([...room.roster.values()].map(({ client }) => client));
  const former = { roster: room.roster, members: membersIfBanning(room, sight, processed) };
  room.apply(sight.group, processed);
  const fault = describedFault(input, sight, proposed.sender.client);
  if (fault !== undefined) {
    // The merged group cannot be taken back in memory: it is dropped, and rebuilt from the store.
    return { ...notAllowed(input, fault.rule, fault.why), forget: true };
  }
  sight.groupInfo = opened.part.groupInfo;
  sight.announcements = opened.part.announcement.length > 0 ? [opened.part.announcement] : [];
  room.waiting = [];
  const stay = new Set([...room.roster.values()].map(({ client }) => client));
  const gone = [...before].filter((client) => !stay.has(client));
  const acceptedAt = acceptanceTime(room, turn);
  // What a commit adds is valid for a time only: from the log it could not be added again after that.
  const { external, added } = processed.summary;
  const snapshotRows = acceptHandshake(context, room, turn, !external && added.length > 0);
  const { record, rows } = acceptEntry(room, turn, {
    kind: 'commit',
    acceptedAt,
    from: sender,
    fanout: handshakeFanout(submission, acceptedAt),
    welcome: welcomeFanout(sight.group, submission, acceptedAt),
    followers: context.othersOf(audience),
    welcomed: routes?.domains ?? [],
    requestId: input.requestId,
  });
  rows.push(
    ...snapshotRows,
    {
      key: roomRows.groupInfo(room.uri),
      value: encodeHeldGroupInfo(sight),
    },
    { key: roomRows.pending(room.uri), value: undefined },
    ...slotRows(room.uri, slots, opened.slots, room.epoch),
    ...endedSlotRows(room.uri, slots, gone),
    ...bannedLeafRows(room, former),
    ...routeRows(input, gone),
  );
  const seq = room.seq;
  const next = { ...turn, position: turn.position + 1 };
  const mandate = mandateAfterCommit(context, room, sight, next, processed.summary);
  if ('rule' in mandate) return { ...notAllowed(input, mandate.rule, mandate.why), forget: true };
  rows.push(...mandate.rows);
  context.report({
    type: 'accepted',
    room: room.uri,
    kind: 'commit',
    seq,
    from: domainOf(sender),
    bytes: submission.payloads[0]?.length ?? 0,
  });
  return { answer: success(acceptedAt), records: [record, ...mandate.records], rows };
}

/** The leaves before a commit that may ban somebody; of others nothing is kept. */
function membersIfBanning(
  { mode }: HubRoom,
  { group }: FollowedGroup,
  { summary: { components } }: ProcessedCommit,
): Member[] {
  const moves = components.some(({ id }) => id === PARTICIPANT_LIST);
  return moves && mode.credentials.hidesIdentities ? group.members() : [];
}

/** Whether GroupInfo and announcement are signed and true of the group as it is now. */
function describedFault(
  { room, submission, opened: { part } }: UpdateInput,
  { group }: FollowedGroup,
  client: string,
): Refusal | undefined {
  try {
    group.verifyGroupInfo(part.groupInfo);
  } catch (error) {
    return { rule: 'groupInfo', why: payloadFault(error) };
  }
  if (submission.draft !== undefined) return undefined;
  const leaves = group
    .members()
    .filter((member) => room.roster.get(member.leafIndex)?.client === client);
  for (const { leafIndex, signatureKey } of leaves) {
    try {
      verifyAnnouncement(part.announcement, {
        suite: group.suite,
        groupId: group.groupId,
        epoch: group.epoch,
        contextHash: contextHash(group.groupContext()),
        leafIndex,
        signatureKey,
      });
      return undefined;
    } catch (error) {
      payloadFault(error);
    }
  }
  return { rule: 'announcement', why: 'the epoch key is not announced by the committer' };
}

/** The rows that say which local devices are served what from here on. */
function routeRows(
  { context, room, turn, routes, origin, submission }: UpdateInput,
  gone: readonly ClientUri[],
): StoreRow[] {
  // Pseudonyms do not tell which device is served: it says itself when it has seen its removal.
  const known = room.mode.credentials.hidesIdentities ? [] : gone;
  const rows: StoreRow[] = known
    .filter((client) => domainOf(client) === context.domain)
    .map((client) => ({
      key: roomRows.subscriptionEnd(client, room.uri),
      value: encodeSeq(room.seq),
    }));
  for (const { client, ref, service } of routes?.mail ?? []) {
    rows.push(...welcomeRows(client, room.uri, room.seq, turn.position, ref, service));
  }
  for (const ref of routes?.claimed ?? []) {
    rows.push({ key: roomRows.claimed(room.uri, ref), value: undefined });
  }
  if (submission.joins && origin.kind === 'device') {
    rows.push(...subscribeRows(origin.device.client, room.uri, room.seq));
  }
  return rows;
}
