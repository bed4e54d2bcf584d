// The decision on a commit, the same for the hub and for members: pure, without a clock or a state of its own.
// draft-ietf-mimi-protocol-06, "Update Room State"; draft-ietf-mimi-room-policy-03, "Role Capabilities".

import { BANNED_ROLE } from '../roles.ts';
import { roleOf } from '../state.ts';
import { checkAdditions } from './additions.ts';
import { type Effect, effectOf } from './effect.ts';
import { decideExternalJoin } from './external_join.ts';
import { checkLeaves, checkLimits } from './invariants.ts';
import { checkMoves } from './moves.ts';
import { checkRemovals } from './removals.ts';
import { ALLOWED, type Refusal, refuse, type Verdict } from './rules.ts';
import { checkStateChanges } from './state_changes.ts';
import { type ProposedCommit, type RoomLeaf, type RoomView, sameIdentity } from './view.ts';

/** Decides on a commit, a member's or a newcomer's. Total: it throws for no input that has the form. */
export function decideCommit(room: RoomView, commit: ProposedCommit): Verdict {
  if (room.state.closing !== undefined) return refuse('R10-closed', 'the room is closed');
  const refusal =
    commit.sender.leafIndex === undefined
      ? decideExternalJoin(room, commit)
      : decideMemberCommit(room, commit, commit.sender);
  return refusal ?? ALLOWED;
}

function decideMemberCommit(
  room: RoomView,
  commit: ProposedCommit,
  sender: RoomLeaf,
): Refusal | undefined {
  const early =
    checkProposals(commit) ??
    checkOmitted(commit) ??
    checkSender(room, sender) ??
    checkUpdates(room, commit);
  if (early !== undefined) return early;
  const effect = effectOf(room, commit);
  if ('allowed' in effect) return effect;
  return checkEffect(effect);
}

function checkEffect(effect: Effect): Refusal | undefined {
  return (
    checkStateChanges(effect) ??
    checkMoves(effect) ??
    checkRemovals(effect) ??
    checkAdditions(effect) ??
    checkLeaves(effect) ??
    checkLimits(effect)
  );
}

/** Made by the committer in the commit itself: whoever proposes one of them alone is not heard. */
const BY_COMMITTER = new Set(['add', 'appDataUpdate', 'psk']);
/** May have been sent alone. */
const BY_ANYONE = new Set(['remove', 'selfRemove', 'update']);

function checkProposals({ sender, proposals, successor }: ProposedCommit): Refusal | undefined {
  for (const { type, by } of proposals) {
    if (by === 'hub') {
      if (type === 'remove') continue;
      return refuse('R11-hub-removal', `the hub makes no proposal of type ${type}`);
    }
    if (BY_ANYONE.has(type)) continue;
    if (!BY_COMMITTER.has(type) || (type === 'psk' && successor !== true)) {
      return refuse('R5-proposal-type', `a proposal of type ${type} is not for this commit`);
    }
    if (!sameIdentity(by, sender)) {
      return refuse('R5-proposal-type', `a proposal of type ${type} is not sent alone`);
    }
  }
  return undefined;
}

function checkOmitted({ omitted }: ProposedCommit): Refusal | undefined {
  if (omitted === 0) return undefined;
  return refuse('R6-queued-proposals', `${omitted} queued proposals are left out`);
}

function checkSender({ state, roster }: RoomView, sender: RoomLeaf): Refusal | undefined {
  const leaf = roster.get(sender.leafIndex);
  if (
    leaf !== undefined &&
    sameIdentity(leaf, sender) &&
    roleOf(state, sender.user) > BANNED_ROLE
  ) {
    return undefined;
  }
  return refuse('R9-sender-participates', 'the committer is not a participant of the room');
}

function checkUpdates({ roster }: RoomView, { updated }: ProposedCommit): Refusal | undefined {
  for (const { leafIndex, to } of updated) {
    const was = roster.get(leafIndex);
    if (was === undefined || !sameIdentity(was, to)) {
      return refuse('R8-identity-kept', 'an update names another user or client');
    }
  }
  return undefined;
}
