// Whose clients may be taken out, and by whom: draft-ietf-mimi-room-policy-03, "Removing".
// A kick does not ask for an authorized role change, as in the draft: the kicked user may come back at once.

import { BANNED_ROLE } from '../roles.ts';
import { roleOf, userCan } from '../state.ts';
import type { Effect, Removal } from './effect.ts';
import { type Refusal, refuse } from './rules.ts';
import { sameIdentity } from './view.ts';

export function checkRemovals(effect: Effect): Refusal | undefined {
  for (const removal of effect.removals) {
    const refusal = checkRemoval(effect, removal);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkRemoval({ before, next, commit }: Effect, removal: Removal): Refusal | undefined {
  const { leaf, by } = removal;
  const { sender } = commit;
  if (leaf.leafIndex === sender.leafIndex) {
    return refuse('R7-own-leave-only', 'the committer cannot take itself out');
  }
  const withoutPlace = [before, next].some((state) => roleOf(state, leaf.user) <= BANNED_ROLE);
  if (by === 'hub') {
    return withoutPlace
      ? undefined
      : refuse('R11-hub-removal', 'the hub removes a client of a participant who is not banned');
  }
  if (by.user === leaf.user) return checkOwnRemoval(withoutPlace, before, leaf.user);
  if (!sameIdentity(by, sender)) {
    return refuse('R7-own-leave-only', 'a proposal sent alone removes a client of another user');
  }
  // Where the user loses its place, that was judged as a move.
  if (withoutPlace || userCan(before, sender.user, 'canKick')) return undefined;
  return refuse('R3-remover', 'removing clients of another user takes canKick');
}

/** Removing own clients, which who has no place in the room may always do. */
export function checkOwnRemoval(
  withoutPlace: boolean,
  state: Effect['before'],
  user: string,
): Refusal | undefined {
  const permitted =
    withoutPlace ||
    userCan(state, user, 'canRemoveOwnClient') ||
    userCan(state, user, 'canRemoveSelf');
  if (permitted) return undefined;
  return refuse('R24-own-client', 'removing own clients takes canRemoveOwnClient');
}
