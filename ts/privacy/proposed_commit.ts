// A commit, as the core has checked it, in the words of the room policy: the same for the hub and for members.

import type { CipherSuite, CommitSummary, Sender } from '../mls/index.ts';
import type {
  ComponentChange,
  Participant,
  ProposedCommit,
  Proposer,
  RosterEntry,
} from '../room/index.ts';
import type { Credentials } from './mode.ts';

/** What is known of a commit beside the handshake itself. */
export interface CommitFacts {
  /** How many queued proposals it leaves out. */
  readonly omitted?: number | undefined;
  readonly link?: ProposedCommit['link'];
  /** Whether a mandate of the hub demands exactly this change. */
  readonly isMandated?: ((change: ComponentChange) => boolean) | undefined;
  readonly successor?: boolean | undefined;
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
    updated: summary.updated.map(({ leafIndex, ...leaf }) => ({
      leafIndex,
      to: credentials.participant(leaf, suite),
    })),
    changes: summary.components.map(({ id, update }) => ({
      id,
      update,
      mandated: facts.isMandated?.({ id, update }) ?? false,
    })),
    omitted: facts.omitted ?? 0,
    link: facts.link,
    successor: facts.successor,
    now: facts.now,
  };
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
