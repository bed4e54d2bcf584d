// What a member checks of a commit before it accepts it, whatever the hub let pass.

import type { CommitSummary } from '../mls/index.ts';
import {
  decideCommit,
  type ProposedCommit,
  participantOf,
  type RosterEntry,
  type Verdict,
} from '../room/index.ts';

/** Decides whether a device follows its room through a commit. A mode or an app may bring stricter ones. */
export interface RoomRules {
  decideCommit(roster: ReadonlyMap<number, RosterEntry>, commit: ProposedCommit): Verdict;
}

/**
 * The room policy as far as a member can judge it: who created the room is known to the hub alone, so that
 * the right to remove others is the hub's to check, and the committer counts as the one who has it.
 */
export const memberRules: RoomRules = {
  decideCommit: (roster, commit) => decideCommit({ creator: commit.sender.user, roster }, commit),
};

/**
 * A commit in the words of the policy. Throws RoomError `badCredential` for a leaf that names nobody;
 * `undefined` when its sender is not in the group.
 */
export function proposedCommit(
  roster: ReadonlyMap<number, RosterEntry>,
  summary: CommitSummary,
): ProposedCommit | undefined {
  const sender = senderOf(roster, summary);
  if (sender === undefined) return undefined;
  return {
    sender,
    proposalTypes: summary.proposals.map(({ type }) => type),
    added: summary.external ? [] : summary.added.map(({ credential }) => participantOf(credential)),
    removed: summary.removed.map(({ leafIndex }) => ({ leafIndex, by: sender })),
    updated: summary.updated.map(({ leafIndex, credential }) => ({
      leafIndex,
      to: participantOf(credential),
    })),
    omitted: 0,
  };
}

function senderOf(
  roster: ReadonlyMap<number, RosterEntry>,
  { sender }: CommitSummary,
): ProposedCommit['sender'] | undefined {
  if (sender.type === 'member') return roster.get(sender.leafIndex);
  return sender.type === 'newMember' ? participantOf(sender.credential) : undefined;
}
