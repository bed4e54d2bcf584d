// Who may change which component of the room, the participant list apart (moves.ts).
// draft-ietf-mimi-room-policy-03, "Role-Based Access Control" and "Disruptive Policy Changes"; mandates and join links
// are ours.

import {
  CLOSING,
  FRANKING_AGENT,
  HUB_KEYS,
  JOIN_LINKS,
  MANDATES,
  PARTICIPANT_LIST,
  ROLES_LIST,
  SEALED_BANS,
} from '../components/ids.ts';
import { decodeJoinLinksUpdate, type JoinLink } from '../components/join_links.ts';
import { decodeSealedBansUpdate } from '../components/sealed_bans.ts';
import { BANNED_ROLE, roleCan, roleMayMove } from '../roles.ts';
import { roleAt, roleOf } from '../state.ts';
import type { Effect } from './effect.ts';
import { type Refusal, refuse } from './rules.ts';
import type { ProposedChange } from './view.ts';

export function checkStateChanges(effect: Effect): Refusal | undefined {
  const { changes } = effect.commit;
  return (
    checkMandateNumber(changes) ??
    checkRoles(effect) ??
    first(changes, (change) => (change.mandated ? undefined : checkRight(effect, change)))
  );
}

/** The number is what keeps a mandate from being applied twice. */
function checkMandateNumber(changes: readonly ProposedChange[]): Refusal | undefined {
  const numbered = changes.some(({ id }) => id === MANDATES);
  const mandated = changes.some((change) => change.id !== MANDATES && change.mandated === true);
  if (numbered === mandated) return undefined;
  return refuse('R22-mandate', 'a mandated change and the mandate number go together');
}

function checkRoles({ commit: { changes }, next }: Effect): Refusal | undefined {
  if (!changes.some(({ id }) => id === ROLES_LIST)) return undefined;
  if (changes.some(({ id }) => id === PARTICIPANT_LIST)) {
    return refuse('R20-roles-alone', 'role definitions and participants change in one commit');
  }
  const defined = new Set(next.roles.map(({ index }) => index));
  if (next.participants.every(({ role }) => defined.has(role))) return undefined;
  return refuse('R16-role-change', 'a role is taken away that a participant has');
}

function checkRight(effect: Effect, { id, update }: ProposedChange): Refusal | undefined {
  const { before, commit } = effect;
  const role = roleAt(before, roleOf(before, commit.sender.user));
  switch (id) {
    case ROLES_LIST:
      return roleCan(role, 'canChangeRoleDefinitions')
        ? undefined
        : refuse('R21-state-rights', 'role definitions take canChangeRoleDefinitions');
    case CLOSING:
      return roleCan(role, 'canSendMlsReinitProposal')
        ? undefined
        : refuse('R21-state-rights', 'closing a room takes canSendMlsReinitProposal');
    case HUB_KEYS:
      return refuse('R22-mandate', 'the keys of the hub change by its mandate only');
    case FRANKING_AGENT:
      return refuse('R22-mandate', 'the franking key of the hub changes by its mandate only');
    case JOIN_LINKS:
      return checkLinks(effect, update);
    case SEALED_BANS:
      return checkBans(effect, update);
    default:
      // The participant list is judged move by move, the mandate number with its change.
      return undefined;
  }
}

function checkLinks(effect: Effect, update: Uint8Array | undefined): Refusal | undefined {
  // The resolver has refused a removal before; the type does not say so.
  if (update === undefined) return refuse('R12-room-state', 'notRemovable');
  const { removed, added } = decodeJoinLinksUpdate(update);
  const role = roleAt(effect.before, roleOf(effect.before, effect.commit.sender.user));
  // Who is taken out knows the links: whoever commits that may retire them.
  const mayRetire = effect.removals.length > 0 || roleCan(role, 'canDeleteJoinCode');
  if (removed.length > 0 && !mayRetire) {
    return refuse('R23-join-link', 'retiring a join link takes canDeleteJoinCode');
  }
  const mayGive = (link: JoinLink) =>
    link.role > BANNED_ROLE &&
    roleAt(effect.next, link.role) !== undefined &&
    roleCan(role, 'canCreateJoinCode') &&
    roleMayMove(role, 0, link.role);
  if (added.every(mayGive)) return undefined;
  return refuse(
    'R23-join-link',
    'making a join link takes canCreateJoinCode and the right to give its role',
  );
}

/** What an entry says nobody but members can read; whose it is must be so in the list. */
function checkBans(effect: Effect, update: Uint8Array | undefined): Refusal | undefined {
  if (update === undefined) return refuse('R12-room-state', 'notRemovable');
  const { before, next, commit } = effect;
  const { removed, added } = decodeSealedBansUpdate(update);
  const role = roleAt(before, roleOf(before, commit.sender.user));
  const isBanned = (user: string) => roleOf(next, user) === BANNED_ROLE;
  if (added.length > 0 && !roleCan(role, 'canBan')) {
    return refuse('R25-sealed-ban', 'making a sealed ban entry takes canBan');
  }
  if (!added.every(({ user }) => isBanned(user))) {
    return refuse('R25-sealed-ban', 'a sealed ban entry is made for a user who is not banned');
  }
  if (removed.some(isBanned) && !roleCan(role, 'canUnban')) {
    return refuse('R25-sealed-ban', 'taking out the entry of who is banned takes canUnban');
  }
  return undefined;
}

function first<Item>(
  items: readonly Item[],
  check: (item: Item) => Refusal | undefined,
): Refusal | undefined {
  for (const item of items) {
    const refusal = check(item);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
