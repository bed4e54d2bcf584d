// What holds after every commit: the group has clients of participants only, and roles keep their bounds.
// draft-ietf-mimi-protocol-06, "Update Room State"; draft-ietf-mimi-room-policy-03, "Role-Based Access Control".

import type { Bounds } from '../components/roles_list.ts';
import { BANNED_ROLE, NO_ROLE } from '../roles.ts';
import { type RoomState, roleOf, userCan } from '../state.ts';
import type { Effect } from './effect.ts';
import { type Refusal, refuse } from './rules.ts';

/** Users without a place have no client; who leaves with its last client leaves the list. */
export function checkLeaves({
  before,
  next,
  moves,
  removals,
  leavesAfter,
}: Effect): Refusal | undefined {
  for (const { user, to } of moves) {
    if (to <= BANNED_ROLE && leavesAfter.has(user)) {
      return refuse('R13-leaves-follow-list', 'a user loses its place whose clients stay');
    }
  }
  for (const { leaf, by } of removals) {
    const leaves = by !== 'hub' && by.user === leaf.user && !leavesAfter.has(leaf.user);
    const stays = roleOf(next, leaf.user) > BANNED_ROLE;
    if (leaves && stays && userCan(before, leaf.user, 'canRemoveSelf')) {
      return refuse('R14-leaver', 'the last client of a user leaves whose entry stays');
    }
  }
  return undefined;
}

type Counts = ReadonlyMap<number, number>;

/**
 * A commit may not push a role over a bound. One that was over it before, and comes no further, is let pass: nobody
 * could repair the room otherwise.
 */
export function checkLimits({
  before,
  next,
  leavesBefore,
  leavesAfter,
}: Pick<Effect, 'before' | 'next' | 'leavesBefore' | 'leavesAfter'>): Refusal | undefined {
  const sameRoles = before.roles === next.roles;
  const was = [countRoles(before), countRoles(before, leavesBefore)] as const;
  const is = [countRoles(next), countRoles(next, leavesAfter)] as const;
  for (const { index, participants, active } of next.roles) {
    if (index === NO_ROLE) continue;
    const fits = (bounds: Bounds, which: 0 | 1) =>
      keeps(
        bounds,
        is[which].get(index) ?? 0,
        sameRoles ? (was[which].get(index) ?? 0) : undefined,
      );
    if (!fits(participants, 0) || !fits(active, 1)) {
      return refuse('R19-role-limits', `role ${index} would not keep its bounds`);
    }
  }
  return undefined;
}

function keeps({ minimum, maximum }: Bounds, is: number, was: number | undefined): boolean {
  const tooFew = is < minimum && (was === undefined || is < was);
  const tooMany = maximum !== undefined && is > maximum && (was === undefined || is > was);
  return !tooFew && !tooMany;
}

/** How many participants each role has; given leaves, how many that have one. */
function countRoles({ participants }: RoomState, leaves?: ReadonlyMap<string, number>): Counts {
  const counts = new Map<number, number>();
  for (const { user, role } of participants) {
    if (leaves === undefined || leaves.has(user)) counts.set(role, (counts.get(role) ?? 0) + 1);
  }
  return counts;
}
