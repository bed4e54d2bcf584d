// The hub decides on a commit: valid, by a sender it may come from, allowed by the policy, with a Welcome that
// can be delivered and a GroupInfo that describes the new epoch. draft-ietf-mimi-protocol-06, "Update Room State".

import type { HubCommitSummary, HubProcessed } from '../../mls/index.ts';
import {
  decideCommit,
  type Participant,
  type ProposedCommit,
  participantOf,
  RoomError,
} from '../../room/index.ts';
import {
  type ClientUri,
  decodeMlsMessage,
  domainOf,
  encodeFanoutMessage,
  toMlsMessage,
  type UpdateRequest,
  type UpdateRoomResponse,
  type WelcomeMessageView,
} from '../../wire/index.ts';
import { toHex } from '../bytes.ts';
import { speaksFor } from '../origin.ts';
import { encodeSeq } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { subscribeRows, welcomeRows } from '../subscription.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import type { HubRoom } from './hub_room.ts';
import { notAllowed, payloadFault } from './refusal.ts';
import { success, type UpdateInput } from './update_input.ts';
import type { WelcomeRoutes } from './welcome.ts';

type CommitRequest = Extract<UpdateRequest, { kind: 'commit' }>;
type ProcessedCommit = Extract<HubProcessed, { kind: 'commit' }>;

interface Refusal {
  readonly rule: string;
  readonly why: string;
}

/** Decides on a commit of the current epoch. */
export function decideCommitUpdate(
  input: UpdateInput,
  request: CommitRequest,
  routes: WelcomeRoutes | undefined,
): Decision<UpdateRoomResponse> {
  const { room } = input;
  if (request.groupInfo.representation !== 'full') {
    return notAllowed(input, 'fullGroupInfo', 'this hub takes a full GroupInfo only');
  }
  let processed: HubProcessed;
  try {
    processed = room.group.process(request.message.bytes);
  } catch (error) {
    return notAllowed(input, 'invalidCommit', payloadFault(error));
  }
  if (processed.kind !== 'commit') {
    room.group.discard(processed);
    return notAllowed(input, 'invalidCommit', 'a commit is expected');
  }
  const checked = checkCommit(input, processed, routes);
  if ('rule' in checked) {
    room.group.discard(processed);
    return notAllowed(input, checked.rule, checked.why);
  }
  return merge(input, request, processed, checked, routes);
}

function checkCommit(
  input: UpdateInput,
  { summary }: ProcessedCommit,
  routes: WelcomeRoutes | undefined,
): ProposedCommit | Refusal {
  let proposed: ProposedCommit | undefined;
  try {
    proposed = proposedCommit(input.room, summary);
  } catch (error) {
    if (error instanceof RoomError) return { rule: 'badCredential', why: error.message };
    throw error;
  }
  if (proposed === undefined) {
    return { rule: 'R9-sender-participates', why: 'the committer is not in the group' };
  }
  if (!speaksFor(input.origin, proposed.sender.user, proposed.sender.client)) {
    return { rule: 'senderNotYours', why: 'the commit was made by a client of another provider' };
  }
  const verdict = decideCommit(input.room.view, proposed);
  if (!verdict.allowed) return verdict;
  return checkWelcome(summary, routes) ?? proposed;
}

/** The commit in the words of the policy; `undefined` when its sender is nobody that the room knows. */
function proposedCommit(room: HubRoom, summary: HubCommitSummary): ProposedCommit | undefined {
  const sender = senderOf(room, summary);
  if (sender === undefined) return undefined;
  const by = (proposer: HubCommitSummary['sender']): Participant =>
    (proposer.type === 'member' ? room.roster.get(proposer.leafIndex) : undefined) ?? sender;
  return {
    sender,
    proposalTypes: summary.proposals.map(({ type }) => type),
    added: summary.external ? [] : summary.added.map(({ credential }) => participantOf(credential)),
    removed: summary.proposals.flatMap(({ removed, sender: proposer }) =>
      removed === undefined ? [] : [{ leafIndex: removed, by: by(proposer) }],
    ),
    updated: summary.updated.map(({ leafIndex, credential }) => ({
      leafIndex,
      to: participantOf(credential),
    })),
    omitted: summary.omittedProposals.length,
  };
}

function senderOf(
  room: HubRoom,
  { sender }: HubCommitSummary,
): ProposedCommit['sender'] | undefined {
  if (sender.type === 'member') return room.roster.get(sender.leafIndex);
  return sender.type === 'newMember' ? participantOf(sender.credential) : undefined;
}

/** Every added client gets a Welcome that this hub can deliver, and nobody else does. */
function checkWelcome(
  summary: HubCommitSummary,
  routes: WelcomeRoutes | undefined,
): Refusal | undefined {
  const added = summary.added.flatMap(({ keyPackageRef }) =>
    keyPackageRef === undefined ? [] : [toHex(keyPackageRef)],
  );
  const refs = routes?.refs ?? new Set<string>();
  if (added.length !== refs.size || added.some((ref) => !refs.has(ref))) {
    return { rule: 'welcomeMatchesAdds', why: 'the Welcome is not for exactly the added clients' };
  }
  if (routes !== undefined && routes.unknown.length > 0) {
    return {
      rule: 'claimedHere',
      why: 'a key package was not claimed for this room through this hub',
    };
  }
  return undefined;
}

function merge(
  input: UpdateInput,
  request: CommitRequest,
  processed: ProcessedCommit,
  proposed: ProposedCommit,
  routes: WelcomeRoutes | undefined,
): Decision<UpdateRoomResponse> {
  const { context, room, turn } = input;
  const audience = room.domains;
  // A newcomer's provider gets the commit too: its client merges when it sees the commit come back.
  audience.add(domainOf(proposed.sender.user));
  const gone = goneClients(room, processed.summary);
  room.apply(processed);
  const groupInfo = (request.groupInfo as { groupInfo: Uint8Array }).groupInfo;
  try {
    room.group.verifyGroupInfo(groupInfo);
  } catch (error) {
    // The merged group cannot be taken back in memory: it is dropped, and rebuilt from the store.
    const answer = notAllowed(input, 'groupInfo', payloadFault(error));
    return { ...answer, forget: true };
  }
  room.groupInfo = groupInfo;
  room.waiting = [];
  const acceptedAt = acceptanceTime(room, turn);
  // What a commit adds is valid for a time only: from the log it could not be added again after that.
  const { external, added } = processed.summary;
  const adds = !external && added.length > 0;
  const snapshotRows = acceptHandshake(context, room, turn, adds);
  const { record, rows } = acceptEntry(room, turn, {
    kind: 'commit',
    acceptedAt,
    from: proposed.sender.user,
    fanout: encodeFanoutMessage({
      kind: 'commit',
      timestamp: BigInt(acceptedAt),
      message: request.message,
      externalProposals: [],
    }),
    welcome: welcomeFanout(room, request, acceptedAt),
    followers: context.othersOf(audience),
    welcomed: routes?.domains ?? [],
    requestId: input.requestId,
  });
  rows.push(
    ...snapshotRows,
    { key: roomRows.groupInfo(room.uri), value: groupInfo },
    { key: roomRows.pending(room.uri), value: undefined },
    ...routeRows(input, gone, proposed, routes),
  );
  context.report({
    type: 'accepted',
    room: room.uri,
    kind: 'commit',
    seq: room.seq,
    from: domainOf(proposed.sender.user),
    bytes: request.message.bytes.length,
  });
  return { answer: success(acceptedAt), records: [record], rows };
}

function welcomeFanout(room: HubRoom, request: CommitRequest, acceptedAt: number): Uint8Array {
  if (request.welcome === undefined) return new Uint8Array();
  return encodeFanoutMessage({
    kind: 'welcome',
    timestamp: BigInt(acceptedAt),
    message: decodeMlsMessage(toMlsMessage('welcome', request.welcome)) as WelcomeMessageView,
    ratchetTree: { representation: 'full', ratchetTree: room.group.ratchetTree() },
  });
}

/** The rows that say which local devices are served what from here on. */
function routeRows(
  { context, room, turn }: UpdateInput,
  gone: readonly ClientUri[],
  { sender }: ProposedCommit,
  routes: WelcomeRoutes | undefined,
): StoreRow[] {
  const here = (client: ClientUri) => domainOf(client) === context.domain;
  const rows: StoreRow[] = gone.filter(here).map((client) => ({
    key: roomRows.subscriptionEnd(client, room.uri),
    value: encodeSeq(room.seq),
  }));
  for (const client of routes?.clients ?? []) {
    rows.push(...welcomeRows(client, room.uri, room.seq, turn.position));
  }
  for (const ref of routes?.refBytes ?? []) {
    rows.push({ key: roomRows.claimed(room.uri, ref), value: undefined });
  }
  if (sender.leafIndex === undefined && here(sender.client)) {
    rows.push(...subscribeRows(sender.client, room.uri, room.seq));
  }
  return rows;
}

/** The clients that have no leaf left after a commit. */
function goneClients(room: HubRoom, summary: HubCommitSummary): ClientUri[] {
  const removed = new Set(summary.removed.map(({ leafIndex }) => leafIndex));
  const stay = new Set(summary.added.map(({ credential }) => participantOf(credential).client));
  const gone: ClientUri[] = [];
  for (const [leafIndex, { client }] of room.roster) {
    if (removed.has(leafIndex)) gone.push(client);
    else stay.add(client);
  }
  return gone.filter((client) => !stay.has(client));
}
