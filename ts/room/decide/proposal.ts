// The decision on a proposal that is sent alone: draft-ietf-mimi-room-policy-03, "Removing". It looks ahead to the commit
// that must cover it: what is let into the queue must not make every commit a refused one.

import { BANNED_ROLE } from '../roles.ts';
import { roleOf, userCan } from '../state.ts';
import { countLeaves } from './effect.ts';
import { checkLimits } from './invariants.ts';
import { checkOwnRemoval } from './removals.ts';
import { ALLOWED, type Refusal, refuse, type Verdict } from './rules.ts';
import type { RoomLeaf, RoomView } from './view.ts';

/** A proposal as `CoveredProposal` has it, its sender apart. */
export interface LoneProposal {
  readonly type: string;
  readonly removed?: number | undefined;
}

/**
 * Decides on a proposal sent alone: a client asks for the removal of clients of its own user, the hub for that of
 * clients of users who are banned or not in the list.
 * @param sender the leaf it came from, `undefined` for one from outside the group
 */
export function decideProposal(
  room: RoomView,
  sender: RoomLeaf | 'hub' | undefined,
  proposal: LoneProposal,
): Verdict {
  return refusalOf(room, sender, proposal) ?? ALLOWED;
}

function refusalOf(
  room: RoomView,
  sender: RoomLeaf | 'hub' | undefined,
  { type, removed }: LoneProposal,
): Refusal | undefined {
  const { state, roster } = room;
  if (state.closing !== undefined) return refuse('R10-closed', 'the room is closed');
  if (sender === 'hub') return checkHubRemoval(room, type, removed);
  if (sender === undefined || !roster.has(sender.leafIndex)) {
    return refuse('R9-sender-participates', 'proposals from outside the group are not accepted');
  }
  if (type !== 'remove' && type !== 'selfRemove') {
    return refuse('R5-proposal-type', `a proposal of type ${type} is not sent alone`);
  }
  const leaf = roster.get(removed ?? (type === 'selfRemove' ? sender.leafIndex : -1));
  const own = type === 'remove' ? leaf?.user === sender.user : leaf?.leafIndex === sender.leafIndex;
  if (leaf === undefined || !own) {
    return refuse('R7-own-leave-only', 'a proposal may ask for the removal of own clients only');
  }
  const withoutPlace = roleOf(state, sender.user) <= BANNED_ROLE;
  return checkOwnRemoval(withoutPlace, state, sender.user) ?? checkCoverable(room, leaf.leafIndex);
}

function checkHubRemoval({ state, roster }: RoomView, type: string, removed: number | undefined) {
  const leaf = type === 'remove' && removed !== undefined ? roster.get(removed) : undefined;
  if (leaf !== undefined && roleOf(state, leaf.user) <= BANNED_ROLE) return undefined;
  return refuse('R11-hub-removal', 'the hub removes clients of users without a place only');
}

/** Whether a commit that covers the queue and this removal can keep the bounds of the roles. */
function checkCoverable({ state, roster, queued = [] }: RoomView, removed: number) {
  const gone = new Set([...queued, removed]);
  const leavesBefore = countLeaves(roster.values());
  const staying = [...roster.values()].filter(({ leafIndex }) => !gone.has(leafIndex));
  const leavesAfter = countLeaves(staying);
  const leaves = (user: string) =>
    leavesBefore.has(user) && !leavesAfter.has(user) && userCan(state, user, 'canRemoveSelf');
  const participants = state.participants.filter(({ user }) => !leaves(user));
  return checkLimits({
    before: state,
    next: { ...state, participants },
    leavesBefore,
    leavesAfter,
  });
}
