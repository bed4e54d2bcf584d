// Who may move a user between roles: add, remove, ban, unban, change the role.
// draft-ietf-mimi-room-policy-03, "Membership Capabilities". Deviations: one may leave by canRemoveSelf alone, since the
// change role -> 0 that the draft asks for would let everybody of the role remove its peers; and canChangeOwnRole goes
// along the own role's authorized changes, as there are no preauthorized users yet.

import type { CapabilityName } from '../capabilities.ts';
import type { Role } from '../components/roles_list.ts';
import { BANNED_ROLE, NO_ROLE, roleCan, roleMayMove } from '../roles.ts';
import { roleAt, roleOf, userCan } from '../state.ts';
import type { Effect, Move } from './effect.ts';
import { type PolicyRule, type Refusal, refuse } from './rules.ts';

export function checkMoves(effect: Effect): Refusal | undefined {
  const { before, next, commit, moves } = effect;
  const role = roleAt(before, roleOf(before, commit.sender.user));
  for (const move of moves) {
    if (move.to !== NO_ROLE && roleAt(next, move.to) === undefined) {
      return refuse('R16-role-change', `the room has no role ${move.to}`);
    }
    const refusal = move.mandated ? undefined : checkMove(effect, role, move);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkMove(effect: Effect, role: Role | undefined, move: Move): Refusal | undefined {
  if (leftByItself(effect, move)) return undefined;
  const own = move.user === effect.commit.sender.user;
  const [rule, needed] = own ? OWN_ROLE : rightFor(move);
  if (roleCan(role, needed) && roleMayMove(role, move.from, move.to)) return undefined;
  return refuse(
    rule,
    `moving a user from role ${move.from} to ${move.to} takes ${needed} and that change authorized`,
  );
}

type Right = readonly [PolicyRule, CapabilityName];
const OWN_ROLE: Right = ['R16-role-change', 'canChangeOwnRole'];

function rightFor({ from, to }: Move): Right {
  if (to === NO_ROLE) return ['R3-remover', 'canRemoveParticipant'];
  if (to === BANNED_ROLE) return ['R17-ban', 'canBan'];
  if (from === NO_ROLE) return ['R15-add', 'canAddParticipant'];
  if (from === BANNED_ROLE) return ['R17-ban', 'canUnban'];
  return ['R16-role-change', 'canChangeUserRole'];
}

/** Whether the user asked itself for the removal of all its clients, so that any member takes out its entry. */
function leftByItself({ before, removals, leavesBefore }: Effect, { user, to }: Move): boolean {
  if (to !== NO_ROLE || !userCan(before, user, 'canRemoveSelf')) return false;
  const asked = new Set<number>();
  for (const { leaf, by } of removals) {
    if (leaf.user === user && by !== 'hub' && by.user === user) asked.add(leaf.leafIndex);
  }
  return asked.size > 0 && asked.size === leavesBefore.get(user);
}
