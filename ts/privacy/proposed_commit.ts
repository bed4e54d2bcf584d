// A commit, as the core has checked it, in the words of the room policy: the same for the hub and for members.

import type { CipherSuite, CommitSummary, Member, Sender } from '../mls/index.ts';
import type {
  ComponentChange,
  Participant,
  ProposedCommit,
  Proposer,
  RosterEntry,
} from '../room/index.ts';
import type { Credentials } from './mode.ts';
import { sameBytes } from './parts/structs.ts';

interface Members {
  members(): readonly Member[];
}

/** What is known of a commit beside the handshake itself. */
export interface CommitFacts {
  /** How many queued proposals it leaves out. */
  readonly omitted?: number | undefined;
  readonly link?: ProposedCommit['link'];
  /** Whether a mandate of the hub demands exactly this change. */
  readonly isMandated?: ((change: ComponentChange) => boolean) | undefined;
  readonly successor?: boolean | undefined;
  /** Whether the hub knows who brings an external commit, or the leaf's credential shows it. Default: true. */
  readonly vouched?: boolean | undefined;
  /** The group before the commit; without it nobody compares a leaf's credential or key with that before. */
  readonly group?: Members | undefined;
  readonly now?: number | undefined;
}

/**
 * The commit as the policy takes it; `undefined` when its sender is nobody that the group knows.
 * Throws RoomError `badCredential`, PrivacyError for a leaf that names nobody.
 */
export function proposedCommit(
  credentials: Credentials,
  suite: CipherSuite,
  roster: ReadonlyMap<number, RosterEntry>,
  summary: CommitSummary,
  facts: CommitFacts = {},
): ProposedCommit | undefined {
  const added = summary.added.map((leaf) => credentials.participant(leaf, suite));
  const sender = senderOf(roster, summary, added);
  if (sender === undefined) return undefined;
  const proposals = summary.proposals.map(({ type, sender: proposer, removed }) => {
    const by = proposerOf(roster, sender, proposer);
    return by && { type, by, removed };
  });
  // A proposal by nobody that the group knows counts for nothing, least of all as the committer's own.
  if (proposals.some((proposal) => proposal === undefined)) return undefined;
  return {
    sender,
    proposals: proposals.filter((proposal) => proposal !== undefined),
    added: summary.external ? [] : added,
    updated: updatesOf(credentials, suite, summary, facts.group),
    changes: summary.components.map(({ id, update }) => ({
      id,
      update,
      mandated: facts.isMandated?.({ id, update }) ?? false,
    })),
    omitted: facts.omitted ?? 0,
    link: facts.link,
    vouched: !summary.external || (facts.vouched ?? true) || keepsKey(summary, facts.group),
    successor: facts.successor,
    now: facts.now,
  };
}

/** Whom an update names that takes its leaf's credential away: the policy finds another than before. */
const NOBODY = { user: '', client: '' };

/**
 * Who leaves claim to be after their updates. Behind a pseudonym, who it is stands in the credential as a whole: with
 * another one of the same names, somebody else could be behind it.
 */
function updatesOf(
  credentials: Credentials,
  suite: CipherSuite,
  { updated }: CommitSummary,
  group: Members | undefined,
): ProposedCommit['updated'] {
  const members = credentials.hidesIdentities && updated.length > 0 ? group?.members() : undefined;
  return updated.map(({ leafIndex, ...leaf }) => {
    const to = credentials.participant(leaf, suite);
    const before = members?.find((member) => member.leafIndex === leafIndex)?.credential.bytes;
    const other = before !== undefined && !sameBytes(before, leaf.credential.bytes);
    return { leafIndex, to: other ? NOBODY : to };
  });
}

/** Whether a newcomer replaces a leaf that had its key. */
function keepsKey({ added, removed }: CommitSummary, group: Members | undefined): boolean {
  const [newcomer] = added;
  const [former, ...more] = removed;
  if (newcomer === undefined || former === undefined || more.length > 0) return false;
  const before = group?.members().find(({ leafIndex }) => leafIndex === former.leafIndex);
  return before !== undefined && sameBytes(before.signatureKey, newcomer.signatureKey);
}

/** The hub is the first external sender of a room, and the only one. */
const HUB_INDEX = 0;

function proposerOf(
  roster: ReadonlyMap<number, RosterEntry>,
  committer: ProposedCommit['sender'],
  from: Sender,
): Proposer | undefined {
  switch (from.type) {
    case 'external':
      return from.index === HUB_INDEX ? 'hub' : undefined;
    case 'member':
      return roster.get(from.leafIndex);
    case 'newMember':
      return committer.leafIndex === undefined ? committer : undefined;
  }
}

function senderOf(
  roster: ReadonlyMap<number, RosterEntry>,
  { sender, external }: CommitSummary,
  added: readonly Participant[],
): ProposedCommit['sender'] | undefined {
  if (sender.type === 'member') return roster.get(sender.leafIndex);
  return external ? added[0] : undefined;
}
