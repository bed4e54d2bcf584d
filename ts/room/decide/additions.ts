// Whose clients may be added, and by whom: draft-ietf-mimi-room-policy-03, "Adding". The draft lets the clients of another
// user in together with its entry only. So do we while the user has a client in the group; one that has none (no key
// package was left when it was added, or it was kicked) may be let in by whoever could add it anew.

import { BANNED_ROLE, NO_ROLE, roleCan, roleMayMove } from '../roles.ts';
import { roleAt, roleOf, userCan } from '../state.ts';
import { sameDomain } from './domains.ts';
import type { Effect } from './effect.ts';
import { type Refusal, refuse } from './rules.ts';
import type { LeafIdentity } from './view.ts';

export function checkAdditions(effect: Effect): Refusal | undefined {
  const clients = new Set(effect.staying.map(({ client }) => client));
  const present = new Set(effect.staying.map(({ user }) => user));
  for (const identity of effect.commit.added) {
    if (!sameDomain(identity)) {
      return refuse('R1-domains', 'a client is added whose provider is not that of its user');
    }
    if (clients.has(identity.client)) {
      return refuse('R2-one-leaf-per-client', 'a client is added that is in the group already');
    }
    clients.add(identity.client);
    const refusal = checkAddition(effect, present, identity);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function checkAddition(
  { before, next, commit, moves }: Effect,
  present: ReadonlySet<string>,
  { user }: LeafIdentity,
): Refusal | undefined {
  const place = roleOf(next, user);
  if (place <= BANNED_ROLE) {
    return refuse(
      'R13-leaves-follow-list',
      'a client is added whose user has no place in the room',
    );
  }
  if (user === commit.sender.user) {
    return userCan(before, user, 'canAddOwnClient')
      ? undefined
      : refuse('R24-own-client', 'adding own clients takes canAddOwnClient');
  }
  const addedNow = moves.some((move) => move.user === user && move.from === NO_ROLE);
  if (addedNow || commit.successor === true) return undefined;
  if (present.has(user)) {
    return refuse('R24-own-client', 'a further client of a user who is present is added by itself');
  }
  const role = roleAt(before, roleOf(before, commit.sender.user));
  if (roleCan(role, 'canAddParticipant') && roleMayMove(role, NO_ROLE, place)) return undefined;
  return refuse('R15-add', 'letting a participant in takes canAddParticipant for its role');
}
