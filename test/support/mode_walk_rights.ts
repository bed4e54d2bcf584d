// What members may do in rooms of random lives, as the default roles say it, said once more: what is expected of an action
// before it is tried.

import type { Room } from '../../ts/client/index.ts';
import {
  BANNED_ROLE,
  NO_ROLE,
  type RoomState as PolicyState,
  roleOf,
} from '../../ts/room/index.ts';
import type { ClientUri, UserUri } from '../../ts/wire/index.ts';

export type Expected = 'allowed' | 'refused' | 'either';

/** Where a device stands in a room. */
export interface Standing {
  readonly user: UserUri;
  readonly client: ClientUri;
  readonly role: number;
  readonly policy: PolicyState;
  /** Whether it knows who each member is: else it cannot tell whether a user is there already. */
  readonly knowsAll: boolean;
  /** What the target of the action is called in the room. */
  readonly names: readonly UserUri[];
  /** Whether the device knows of a ban on the person, under whatever pseudonym. */
  readonly banned: boolean;
}

/** Who is to be let in. */
export interface Invitee {
  readonly user: UserUri;
  readonly clients: readonly ClientUri[];
}

const RIGHTS = { remove: NO_ROLE, ban: BANNED_ROLE } as const;

/** Whether a member may take the target out, by removing, banning or kicking it. */
export function mayTakeOut(
  standing: Standing,
  room: Room,
  kind: 'remove' | 'ban' | 'kick',
): Expected {
  const may = standing.names.every((name) => {
    const from = roleOf(standing.policy, name);
    const to = kind === 'kick' ? from : RIGHTS[kind];
    if (from !== to) return moves(standing, from, to);
    const present = room.members().some(({ user }) => user === name);
    return !present || can(standing, 'canKick');
  });
  // Who is not verified yet is not found by name.
  if (standing.names.length === 0 && !standing.knowsAll) return 'either';
  return may ? 'allowed' : 'refused';
}

/** Whether a member may let a user in; `clients` are all that the user has. */
export function mayInvite(
  standing: Standing,
  room: Room,
  { user, clients }: Invitee,
  hides: boolean,
): Expected {
  if (hides) {
    if (standing.banned) return 'refused';
    if (standing.names.length > 0) return 'allowed';
    return moves(standing, NO_ROLE, 2) ? 'allowed' : 'refused';
  }
  const present = new Set<string>(room.members().map(({ client }) => client));
  if (clients.every((client) => present.has(client))) return 'allowed';
  // A further device is not added by another user; but it may have left no key package.
  if (clients.some((client) => present.has(client))) return 'either';
  const role = roleOf(standing.policy, user);
  if (role === BANNED_ROLE) return 'refused';
  return moves(standing, NO_ROLE, role === NO_ROLE ? 2 : role) ? 'allowed' : 'refused';
}

type Right = 'canKick' | 'canCreateJoinCode' | 'canDeleteJoinCode';

/** Who is leaving may be taken out by anybody, and gets no other role. */
export function unlessLeaving({ pendingProposals }: Room, expected: Expected): Expected {
  return pendingProposals > 0 ? 'either' : expected;
}

/** What roles of a new room permit, said once more: 2 members, 3 moderators, 4 owners. */
export function can({ role }: Standing, _right: Right): boolean {
  return role >= 3;
}

/** Whether a role moves users so: owners anywhere, moderators members, newcomers and banned users. */
export function moves({ role }: Standing, from: number, to: number): boolean {
  if (role === 4) return from !== to;
  if (role !== 3) return false;
  const targets: Record<number, readonly number[]> = { 0: [2], 1: [0, 2], 2: [0, 1] };
  return targets[from]?.includes(to) === true;
}
