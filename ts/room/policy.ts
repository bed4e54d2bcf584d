// The decision on what may happen in a room, the same for the hub and for members.
// A first policy for mode `open`: who may add, remove, join and leave. draft-ietf-mimi-room-policy-03
// gives the roles and capabilities that replace it.

import { type ClientUri, domainOf, type UserUri } from '../wire/index.ts';
import type { Participant, RosterEntry } from './participant.ts';

/** The rules that can refuse, by id. */
export type PolicyRule =
  | 'R1-domains'
  | 'R2-one-leaf-per-client'
  | 'R3-remover'
  | 'R4-external-join'
  | 'R5-proposal-type'
  | 'R6-queued-proposals'
  | 'R7-own-leave-only'
  | 'R8-identity-kept'
  | 'R9-sender-participates';

/** A verdict as data: allowed, or the rule that refused and why. */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: PolicyRule; readonly why: string };

const ALLOWED: Verdict = { allowed: true };
const refuse = (rule: PolicyRule, why: string): Verdict => ({ allowed: false, rule, why });

/** What the policy knows of a room. */
export interface RoomView {
  /** Who created the room, and may remove others. */
  readonly creator: UserUri;
  readonly roster: ReadonlyMap<number, RosterEntry>;
}

/** A commit as the policy sees it. */
export interface ProposedCommit {
  /** The committer: a leaf of the group, or a newcomer who joins by an external commit. */
  readonly sender: RosterEntry | (Participant & { readonly leafIndex?: undefined });
  readonly proposalTypes: readonly string[];
  readonly added: readonly Participant[];
  /** Leaves removed, each by whom it was proposed. */
  readonly removed: readonly { readonly leafIndex: number; readonly by: Participant }[];
  /** Leaves that change their credential: who they were, who they claim to be. */
  readonly updated: readonly { readonly leafIndex: number; readonly to: Participant }[];
  /** How many queued proposals the commit leaves out. */
  readonly omitted: number;
}

const MEMBER_PROPOSALS = new Set(['add', 'remove', 'selfRemove', 'update']);
const EXTERNAL_PROPOSALS = new Set(['externalInit', 'remove']);
/** Former leaves that a client may have in the tree and still join by itself: it loses its keys seldom. */
const FORMER_LEAVES = 3;

/** Decides on a commit, member's or newcomer's. */
export function decideCommit(room: RoomView, commit: ProposedCommit): Verdict {
  const external = commit.sender.leafIndex === undefined;
  const permitted = external ? EXTERNAL_PROPOSALS : MEMBER_PROPOSALS;
  for (const type of commit.proposalTypes) {
    if (!permitted.has(type)) {
      return refuse(
        'R5-proposal-type',
        `a proposal of type ${type} is not for this kind of commit`,
      );
    }
  }
  if (external) return decideExternalJoin(room, commit);
  if (commit.omitted > 0) {
    return refuse('R6-queued-proposals', `${commit.omitted} queued proposals are left out`);
  }
  for (const { leafIndex, to } of commit.updated) {
    const was = room.roster.get(leafIndex);
    if (was === undefined || was.user !== to.user || was.client !== to.client) {
      return refuse('R8-identity-kept', 'an update names another user or client');
    }
  }
  for (const { leafIndex, by } of commit.removed) {
    const verdict = decideRemoval(room, leafIndex, by);
    if (!verdict.allowed) return verdict;
  }
  return decideAdditions(room, commit);
}

/** Decides on a removal: the creator removes anyone; everybody else removes clients of their own user. */
function decideRemoval(room: RoomView, leafIndex: number, by: Participant): Verdict {
  const target = room.roster.get(leafIndex);
  if (target !== undefined && (target.user === by.user || by.user === room.creator)) return ALLOWED;
  return refuse('R3-remover', 'only the creator of the room removes clients of other users');
}

function decideAdditions(room: RoomView, commit: ProposedCommit): Verdict {
  const removed = new Set(commit.removed.map(({ leafIndex }) => leafIndex));
  const clients = new Set<ClientUri>();
  for (const [leafIndex, { client }] of room.roster) {
    if (!removed.has(leafIndex)) clients.add(client);
  }
  for (const { user, client } of commit.added) {
    if (domainOf(user) !== domainOf(client)) {
      return refuse('R1-domains', 'a client is added whose provider is not that of its user');
    }
    if (clients.has(client)) {
      return refuse('R2-one-leaf-per-client', 'a client is added that is in the group already');
    }
    clients.add(client);
  }
  return ALLOWED;
}

/**
 * A newcomer joins by itself when its user takes part already; it may remove its own former leaf only. A client
 * that has lost its signature key leaves that leaf standing, since OpenMLS finds it by the key: the client removes
 * it in its first commit as a member. How many may stand is bounded, so that no client fills the tree.
 */
function decideExternalJoin(room: RoomView, commit: ProposedCommit): Verdict {
  const { user, client } = commit.sender;
  if (commit.removed.some(({ leafIndex }) => room.roster.get(leafIndex)?.client !== client)) {
    return refuse('R4-external-join', 'an external commit may remove its own former leaf only');
  }
  const removed = new Set(commit.removed.map(({ leafIndex }) => leafIndex));
  const entries = [...room.roster.values()].filter(({ leafIndex }) => !removed.has(leafIndex));
  if (entries.filter((entry) => entry.client === client).length > FORMER_LEAVES) {
    return refuse('R2-one-leaf-per-client', 'former leaves of the client must be removed first');
  }
  return [...room.roster.values()].some((entry) => entry.user === user)
    ? ALLOWED
    : refuse('R4-external-join', 'only a further client of a participant joins by itself');
}

/** Decides on a proposal sent alone: a client asks for the removal of clients of its own user. */
export function decideProposal(
  room: RoomView,
  sender: RosterEntry | undefined,
  proposal: { readonly type: string; readonly removed?: number | undefined },
): Verdict {
  if (sender === undefined) {
    return refuse('R9-sender-participates', 'proposals from outside the group are not accepted');
  }
  if (proposal.type === 'selfRemove') return ALLOWED;
  if (proposal.type === 'remove' && proposal.removed !== undefined) {
    return room.roster.get(proposal.removed)?.user === sender.user
      ? ALLOWED
      : refuse('R7-own-leave-only', 'a proposal may ask for the removal of own clients only');
  }
  return refuse('R5-proposal-type', `a proposal of type ${proposal.type} is not sent alone`);
}

/** Decides whether a user may send application messages. */
export function decideSend(room: RoomView, user: UserUri): Verdict {
  for (const entry of room.roster.values()) {
    if (entry.user === user) return ALLOWED;
  }
  return refuse('R9-sender-participates', 'the sender is not a participant of the room');
}
