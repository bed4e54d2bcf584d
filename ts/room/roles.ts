// The roles of a new room, and what a role permits: draft-ietf-mimi-room-policy-03, "Role-Based Access Control".

import { type CapabilityName, capability } from './capabilities.ts';
import type { Bounds, Role } from './components/roles_list.ts';

/** Outside the participant list. */
export const NO_ROLE = 0;
/** In the list, and not let in. */
export const BANNED_ROLE = 1;
/** The roles that `defaultRoles` gives besides. */
export const MEMBER_ROLE = 2;
export const MODERATOR_ROLE = 3;
export const OWNER_ROLE = 4;
/** A member who may not send messages. */
export const MUTED_ROLE = 5;

const UNBOUNDED: Bounds = { minimum: 0 };
const NOBODY: Bounds = { minimum: 0, maximum: 0 };

const MUTED: readonly CapabilityName[] = [
  'canAddOwnClient',
  'canRemoveOwnClient',
  'canRemoveSelf',
  'canUseJoinCode',
  'canReceiveMessage',
  'canReportAbuse',
];
const MEMBER: readonly CapabilityName[] = [...MUTED, 'canSendMessage'];
const MODERATOR: readonly CapabilityName[] = [
  ...MEMBER,
  'canAddParticipant',
  'canRemoveParticipant',
  'canKick',
  'canBan',
  'canUnban',
  'canCreateJoinCode',
  'canDeleteJoinCode',
  // Along the changes that its role is authorized to: from member to muted and back.
  'canChangeUserRole',
];
const OWNER: readonly CapabilityName[] = [
  ...MODERATOR,
  'canChangeOwnRole',
  'canChangeRoleDefinitions',
  'canSendMlsReinitProposal',
];

/**
 * Roles of a new room: 0 none (may use a join link), 1 banned, 2 member, 3 moderator (adds, removes, bans and mutes
 * members), 4 owner (everything), 5 muted (a member who may not send). No role has a minimum, so that nobody is kept from leaving.
 */
export function defaultRoles(): readonly Role[] {
  return [
    role(NO_ROLE, 'none', ['canUseJoinCode'], NOBODY, {}),
    role(BANNED_ROLE, 'banned', [], NOBODY, {}),
    role(MEMBER_ROLE, 'member', MEMBER, UNBOUNDED, {}),
    role(MODERATOR_ROLE, 'moderator', MODERATOR, UNBOUNDED, {
      0: [2],
      1: [0, 2],
      2: [0, 1, 5],
      5: [0, 1, 2],
    }),
    role(OWNER_ROLE, 'owner', OWNER, UNBOUNDED, {
      0: [1, 2, 3, 4, 5],
      1: [0, 2, 3, 4, 5],
      2: [0, 1, 3, 4, 5],
      3: [0, 1, 2, 4, 5],
      4: [0, 1, 2, 3, 5],
      5: [0, 1, 2, 3, 4],
    }),
    role(MUTED_ROLE, 'muted', MUTED, UNBOUNDED, {}),
  ];
}

function role(
  index: number,
  name: string,
  capabilities: readonly CapabilityName[],
  active: Bounds,
  changes: Readonly<Record<number, readonly number[]>>,
): Role {
  return {
    index,
    name,
    description: '',
    capabilities: capabilities.map((one) => capability[one]),
    participants: UNBOUNDED,
    active,
    authorizedRoleChanges: Object.entries(changes).map(([from, targets]) => ({
      from: Number(from),
      targets,
    })),
  };
}

/** Whether a role has a capability; the lack of a role has none. */
export function roleCan(holder: Role | undefined, name: CapabilityName): boolean {
  return holder?.capabilities.includes(capability[name]) === true;
}

/** Whether the holder of a role may move a user from one role to another, as far as the roles go. */
export function roleMayMove(holder: Role | undefined, from: number, to: number): boolean {
  return (
    holder?.authorizedRoleChanges.some(
      (change) => change.from === from && change.targets.includes(to),
    ) === true
  );
}
