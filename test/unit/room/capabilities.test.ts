// Each capability that the policy enforces: what it permits is refused to a role without it, and nothing else differs.

import { describe, expect, test } from 'vitest';
import {
  BANNED_ROLE,
  type CapabilityName,
  CLOSING,
  capability,
  decideCommit,
  decideProposal,
  decideSend,
  defaultRoles,
  encodeClosing,
  encodeJoinLinksUpdate,
  encodeRoles,
  JOIN_LINKS,
  MEMBER_ROLE,
  MODERATOR_ROLE,
  NO_ROLE,
  OWNER_ROLE,
  type PolicyRule,
  ROLES_LIST,
  type Role,
  type RoomView,
  type Verdict,
} from '../../../ts/room/index.ts';
import {
  type CommitParts,
  commitOf,
  identity,
  leafAt,
  moving,
  policyRoom,
} from '../../support/policy_room.ts';

const ann = leafAt(0, 'ann');
const ben = leafAt(1, 'ben');
const bensLaptop = leafAt(2, 'ben', 'laptop');
const cat = leafAt(3, 'cat');
const dan = identity('dan');
const eve = identity('eve');

const link = {
  id: Uint8Array.of(1),
  publicPart: Uint8Array.of(2),
  role: MEMBER_ROLE,
  expiry: 1000,
};

function roomWith(roles: readonly Role[]): RoomView {
  const people = { ann: OWNER_ROLE, ben: MEMBER_ROLE, cat: MEMBER_ROLE, eve: BANNED_ROLE };
  const { state, roster } = policyRoom(people, [ann, ben, bensLaptop, cat], roles);
  return { roster, state: { ...state, links: [link] } };
}

interface Right {
  readonly name: CapabilityName;
  /** The role that acts by it. */
  readonly role: number;
  /** The rule that refuses without it. */
  readonly rule: PolicyRule;
  /** Whether the action takes an authorized role change, too. */
  readonly moves?: boolean;
  /** Another capability that would do as well. */
  readonly instead?: CapabilityName;
  readonly act: (room: RoomView) => Verdict;
}

const byAnn = (room: RoomView, parts: CommitParts) => decideCommit(room, commitOf(ann, parts));
const annMoves = (room: RoomView, user: string, role: number, parts: CommitParts = {}) =>
  byAnn(room, { ...parts, changes: [moving(room.state, { user, role })] });

const rights: readonly Right[] = [
  {
    name: 'canAddParticipant',
    role: OWNER_ROLE,
    rule: 'R15-add',
    moves: true,
    act: (room) => annMoves(room, dan.user, MEMBER_ROLE, { added: [dan] }),
  },
  {
    name: 'canRemoveParticipant',
    role: OWNER_ROLE,
    rule: 'R3-remover',
    moves: true,
    act: (room) => annMoves(room, cat.user, NO_ROLE, { removed: [cat] }),
  },
  {
    name: 'canAddOwnClient',
    role: MEMBER_ROLE,
    rule: 'R24-own-client',
    act: (room) => decideCommit(room, commitOf(ben, { added: [identity('ben', 'tablet')] })),
  },
  {
    name: 'canRemoveOwnClient',
    role: MEMBER_ROLE,
    rule: 'R24-own-client',
    instead: 'canRemoveSelf',
    act: (room) => decideCommit(room, commitOf(ben, { removed: [bensLaptop] })),
  },
  {
    name: 'canRemoveSelf',
    role: MEMBER_ROLE,
    rule: 'R3-remover',
    act: (room) => {
      const changes = [moving(room.state, { user: cat.user, role: NO_ROLE })];
      return decideCommit(room, commitOf(ben, { left: [cat], changes }));
    },
  },
  {
    name: 'canCreateJoinCode',
    role: OWNER_ROLE,
    rule: 'R23-join-link',
    moves: true,
    act: (room) => {
      const added = [{ ...link, id: Uint8Array.of(9) }];
      const update = encodeJoinLinksUpdate({ removed: [], added });
      return byAnn(room, { changes: [{ id: JOIN_LINKS, update }] });
    },
  },
  {
    name: 'canDeleteJoinCode',
    role: OWNER_ROLE,
    rule: 'R23-join-link',
    act: (room) => {
      const update = encodeJoinLinksUpdate({ removed: [link.id], added: [] });
      return byAnn(room, { changes: [{ id: JOIN_LINKS, update }] });
    },
  },
  {
    name: 'canUseJoinCode',
    role: NO_ROLE,
    rule: 'R23-join-link',
    act: (room) => {
      const changes = [moving(room.state, { user: dan.user, role: MEMBER_ROLE })];
      const other = { link: { id: link.id, proven: true } };
      return decideCommit(room, commitOf(dan, { changes, other }));
    },
  },
  {
    name: 'canBan',
    role: OWNER_ROLE,
    rule: 'R17-ban',
    moves: true,
    act: (room) => annMoves(room, cat.user, BANNED_ROLE, { removed: [cat] }),
  },
  {
    name: 'canUnban',
    role: OWNER_ROLE,
    rule: 'R17-ban',
    moves: true,
    act: (room) => annMoves(room, eve.user, MEMBER_ROLE),
  },
  {
    name: 'canKick',
    role: OWNER_ROLE,
    rule: 'R3-remover',
    act: (room) => byAnn(room, { removed: [cat] }),
  },
  {
    name: 'canChangeUserRole',
    role: OWNER_ROLE,
    rule: 'R16-role-change',
    moves: true,
    act: (room) => annMoves(room, cat.user, MODERATOR_ROLE),
  },
  {
    name: 'canChangeOwnRole',
    role: OWNER_ROLE,
    rule: 'R16-role-change',
    moves: true,
    act: (room) => annMoves(room, ann.user, MODERATOR_ROLE),
  },
  {
    name: 'canSendMessage',
    role: MEMBER_ROLE,
    rule: 'R9-sender-participates',
    act: (room) => decideSend(room, ben.user),
  },
  {
    name: 'canChangeRoleDefinitions',
    role: OWNER_ROLE,
    rule: 'R21-state-rights',
    act: (room) => {
      const update = encodeRoles(room.state.roles.map((one) => ({ ...one, description: 'new' })));
      return byAnn(room, { changes: [{ id: ROLES_LIST, update }] });
    },
  },
  {
    name: 'canSendMlsReinitProposal',
    role: OWNER_ROLE,
    rule: 'R21-state-rights',
    act: (room) => {
      const closing = { newGroupId: Uint8Array.of(1), mode: 'open', creator: ann.user };
      return byAnn(room, { changes: [{ id: CLOSING, update: encodeClosing(closing) }] });
    },
  },
];

const changed = (index: number, change: (role: Role) => Role) => (roles: readonly Role[]) =>
  roles.map((role) => (role.index === index ? change(role) : role));
const without = (index: number, ...names: readonly (CapabilityName | undefined)[]) =>
  changed(index, (role) => ({
    ...role,
    capabilities: role.capabilities.filter((number) =>
      names.every((name) => name === undefined || capability[name] !== number),
    ),
  }));

describe.each(rights)('$name', ({ name, role, rule, instead, act }) => {
  test('permits what it says', () => {
    expect(act(roomWith(without(role, instead)(defaultRoles())))).toEqual({ allowed: true });
  });

  test('is missed by a role that has all the others', () => {
    const room = roomWith(without(role, name, instead)(defaultRoles()));
    expect(act(room)).toEqual(expect.objectContaining({ allowed: false, rule }));
  });
});

test.each(rights.filter(({ moves }) => moves === true))(
  '$name does not do without the role change being authorized',
  ({ role, rule, act }) => {
    const room = roomWith(
      changed(role, (one) => ({ ...one, authorizedRoleChanges: [] }))(defaultRoles()),
    );
    expect(act(room)).toEqual(expect.objectContaining({ allowed: false, rule }));
  },
);

test('every capability with a number here is enforced, but those of fan-out and reports', () => {
  const enforced = [...rights.map(({ name }) => name), 'canReceiveMessage', 'canReportAbuse'];
  expect(enforced.sort()).toEqual(Object.keys(capability).sort());
});

test('a proposal to remove an own client takes canRemoveOwnClient or canRemoveSelf', () => {
  const propose = (...missing: CapabilityName[]) =>
    decideProposal(roomWith(without(MEMBER_ROLE, ...missing)(defaultRoles())), ben, {
      type: 'remove',
      removed: bensLaptop.leafIndex,
    }).allowed;
  expect(propose('canRemoveOwnClient')).toBe(true);
  expect(propose('canRemoveSelf')).toBe(true);
  expect(propose('canRemoveOwnClient', 'canRemoveSelf')).toBe(false);
});
