// The decision on external commits, on proposals sent alone and on messages: each rule, allowed and refused.

import { describe, expect, test } from 'vitest';
import {
  BANNED_ROLE,
  CLOSING,
  capability,
  decideCommit,
  decideProposal,
  decideSend,
  defaultRoles,
  encodeClosing,
  encodeMandates,
  type LeafIdentity,
  MANDATES,
  MEMBER_ROLE,
  MODERATOR_ROLE,
  NO_ROLE,
  OWNER_ROLE,
  type ProposedChange,
  type ProposedCommit,
  type policyRules,
  type Role,
  type RoomView,
} from '../../../ts/room/index.ts';
import { clientUri } from '../../../ts/wire/index.ts';
import { commitOf, identity, leafAt, moving, policyRoom } from '../../support/policy_room.ts';

const ann = leafAt(0, 'ann');
const ben = leafAt(1, 'ben');
const bensLaptop = leafAt(2, 'ben', 'laptop');
const cat = leafAt(3, 'cat');
const leaves = [ann, ben, bensLaptop, cat];
const dan = identity('dan');
const eve = identity('eve');
const people = {
  ann: OWNER_ROLE,
  ben: MEMBER_ROLE,
  cat: MEMBER_ROLE,
  ian: MEMBER_ROLE,
  eve: BANNED_ROLE,
};
const link = {
  id: Uint8Array.of(1),
  publicPart: Uint8Array.of(2),
  role: MODERATOR_ROLE,
  expiry: 1000,
};
const linked = (view: RoomView, ...links: (typeof link)[]): RoomView => ({
  ...view,
  state: { ...view.state, links },
});
const room = linked(policyRoom(people, leaves), link);
const withRoles = (change: (role: Role) => Role) =>
  linked(policyRoom(people, leaves, defaultRoles().map(change)), link);
const closed = {
  ...room,
  state: {
    ...room.state,
    closing: { newGroupId: Uint8Array.of(1), mode: 'open', creator: ann.user },
  },
};

const allowed = { allowed: true };
const refusedBy = (rule: keyof typeof policyRules) =>
  expect.objectContaining({ allowed: false, rule });
const move = (one: { user: string }, role: number) => moving(room.state, { user: one.user, role });

function join(
  who: LeafIdentity,
  { changes = [], ...other }: Partial<ProposedCommit> = {},
  view: RoomView = room,
) {
  return decideCommit(view, commitOf(who, { changes, other }));
}

describe('a further client of a participant', () => {
  test('R4: joins by itself', () => {
    expect(join(identity('ben', 'tablet'))).toEqual(allowed);
    expect(join(dan)).toEqual(refusedBy('R4-external-join'));
  });

  test('R4: joins also when no client of its user is in the group', () => {
    expect(join(identity('ian'))).toEqual(allowed);
  });

  test('R24: takes canAddOwnClient', () => {
    const fixed = withRoles((role) => ({
      ...role,
      capabilities: role.capabilities.filter((one) => one !== capability.canAddOwnClient),
    }));
    expect(join(identity('ben', 'tablet'), {}, fixed)).toEqual(refusedBy('R24-own-client'));
  });

  test('R18: of a banned user does not join, link or not', () => {
    expect(join(eve)).toEqual(refusedBy('R18-banned'));
    expect(join(eve, { link: { id: link.id, proven: true } })).toEqual(refusedBy('R18-banned'));
    const changes = [move(eve, MODERATOR_ROLE)];
    expect(join(eve, { changes, link: { id: link.id, proven: true } })).toEqual(
      refusedBy('R18-banned'),
    );
  });

  test('R4: removes its own former leaf at most', () => {
    const removing = (...removed: { leafIndex: number }[]) =>
      removed.map(({ leafIndex }) => ({ type: 'remove', by: ben, removed: leafIndex }));
    expect(join(identity('ben'), { proposals: removing(ben) })).toEqual(allowed);
    expect(join(identity('ben'), { proposals: removing(bensLaptop) })).toEqual(
      refusedBy('R4-external-join'),
    );
    expect(join(identity('ben'), { proposals: removing(ben, ben) })).toEqual(
      refusedBy('R4-external-join'),
    );
  });

  test('R2: has at most three former leaves beside the new one', () => {
    const former = (count: number) =>
      policyRoom(people, [ann, ...Array.from({ length: count }, (_, at) => leafAt(5 + at, 'ben'))]);
    expect(join(identity('ben'), {}, former(3))).toEqual(allowed);
    expect(join(identity('ben'), {}, former(4))).toEqual(refusedBy('R2-one-leaf-per-client'));
  });

  test('R2: does not take a client that is there for another user', () => {
    expect(join({ user: ben.user, client: cat.client })).toEqual(
      refusedBy('R2-one-leaf-per-client'),
    );
  });

  test('R1: is of the domain of its user', () => {
    const stray = { user: ben.user, client: clientUri('c.example', 'ben-phone') };
    expect(join(stray)).toEqual(refusedBy('R1-domains'));
  });

  test('R4: changes nothing else', () => {
    expect(join(identity('ben', 'tablet'), { changes: [move(cat, MODERATOR_ROLE)] })).toEqual(
      refusedBy('R4-external-join'),
    );
    const closing = { newGroupId: Uint8Array.of(1), mode: 'open', creator: ben.user };
    const close: ProposedChange = { id: CLOSING, update: encodeClosing(closing) };
    expect(join(identity('ben', 'tablet'), { changes: [close] })).toEqual(
      refusedBy('R4-external-join'),
    );
    const shown = { id: link.id, proven: true };
    expect(join(dan, { link: shown, changes: [move(dan, MODERATOR_ROLE), close] })).toEqual(
      refusedBy('R4-external-join'),
    );
    expect(join(identity('ben', 'tablet'), { added: [dan] })).toEqual(
      refusedBy('R4-external-join'),
    );
  });

  test('R22: carries no mandate', () => {
    const number = { id: MANDATES, update: encodeMandates(1n) };
    const changes = [{ ...move(cat, MODERATOR_ROLE), mandated: true }, number];
    expect(join(identity('ben', 'tablet'), { changes })).toEqual(refusedBy('R22-mandate'));
  });

  test.each(['add', 'update', 'selfRemove', 'psk', 'groupContextExtensions', 'unknown:9'])(
    'R5: brings no proposal of type %s',
    (type) => {
      expect(join(identity('ben'), { proposals: [{ type, by: identity('ben') }] })).toEqual(
        refusedBy('R5-proposal-type'),
      );
    },
  );

  test('R5: brings no proposal of others', () => {
    for (const by of ['hub' as const, ann]) {
      const proposals = [{ type: 'remove', by, removed: ben.leafIndex }];
      expect(join(identity('ben'), { proposals })).toEqual(refusedBy('R5-proposal-type'));
    }
  });

  test('R6: need not cover queued proposals: an external commit drops them', () => {
    expect(join(identity('ben', 'tablet'), { omitted: 2 })).toEqual(allowed);
  });
});

describe('a newcomer with a join link', () => {
  const shown = { id: link.id, proven: true };
  const changes = [move(dan, MODERATOR_ROLE)];

  test('R23: gets exactly the role of the link', () => {
    expect(join(dan, { link: shown, changes })).toEqual(allowed);
    expect(join(dan, { link: shown, changes: [move(dan, OWNER_ROLE)] })).toEqual(
      refusedBy('R4-external-join'),
    );
    expect(join(dan, { link: shown })).toEqual(refusedBy('R4-external-join'));
    const two = moving(
      room.state,
      { user: dan.user, role: MODERATOR_ROLE },
      { user: identity('fay').user, role: MODERATOR_ROLE },
    );
    expect(join(dan, { link: shown, changes: [two] })).toEqual(refusedBy('R4-external-join'));
    const other = [move(identity('fay'), MODERATOR_ROLE)];
    expect(join(dan, { link: shown, changes: other })).toEqual(refusedBy('R4-external-join'));
  });

  test('R23: needs one that the room has', () => {
    const absent = { id: Uint8Array.of(7), proven: true };
    expect(join(dan, { link: absent, changes })).toEqual(refusedBy('R23-join-link'));
    expect(join(dan, { changes })).toEqual(refusedBy('R4-external-join'));
  });

  test('R23: is refused with a proof that is wrong', () => {
    expect(join(dan, { link: { id: link.id, proven: false }, changes })).toEqual(
      refusedBy('R23-join-link'),
    );
  });

  test('R4: takes no place that somebody has, where nothing but its own word shows who it is', () => {
    const vouched = false;
    expect(join(dan, { link: shown, changes, vouched })).toEqual(allowed);
    const own = { link: shown, vouched };
    expect(join(identity('ben', 'tablet'), own)).toEqual(refusedBy('R4-external-join'));
    expect(join(identity('ian'), own)).toEqual(refusedBy('R4-external-join'));
    expect(join(identity('ben', 'tablet'), { ...own, vouched: true })).toEqual(allowed);
    const replacing = [{ type: 'remove', by: identity('ben'), removed: ben.leafIndex }];
    const former = { proposals: replacing, ...own };
    expect(join(identity('ben'), former)).toEqual(refusedBy('R4-external-join'));
    expect(join(identity('ben'), { ...former, vouched: true })).toEqual(allowed);
  });

  test('R23: comes before the link expires, where a clock judges', () => {
    expect(join(dan, { link: shown, changes, now: 999 })).toEqual(allowed);
    expect(join(dan, { link: shown, changes, now: 1000 })).toEqual(refusedBy('R23-join-link'));
  });

  test('R23: is refused a role that is none to join with', () => {
    for (const role of [NO_ROLE, BANNED_ROLE, 9]) {
      const view = linked(room, { ...link, role });
      expect(join(dan, { link: shown, changes }, view)).toEqual(refusedBy('R23-join-link'));
    }
  });

  test('R19: is refused when its role is full', () => {
    const full = withRoles((role) =>
      role.index === MODERATOR_ROLE ? { ...role, active: { minimum: 0, maximum: 0 } } : role,
    );
    expect(join(dan, { link: shown, changes }, full)).toEqual(refusedBy('R19-role-limits'));
  });
});

describe('a proposal sent alone', () => {
  const remove = (leaf: { leafIndex: number }) => ({ type: 'remove', removed: leaf.leafIndex });

  test('R7: asks for the removal of own clients only', () => {
    expect(decideProposal(room, ben, remove(bensLaptop))).toEqual(allowed);
    expect(decideProposal(room, ben, { type: 'selfRemove' })).toEqual(allowed);
    expect(decideProposal(room, ann, remove(cat))).toEqual(refusedBy('R7-own-leave-only'));
    expect(decideProposal(room, ben, { type: 'remove' })).toEqual(refusedBy('R7-own-leave-only'));
    expect(decideProposal(room, ben, { ...remove(bensLaptop), type: 'selfRemove' })).toEqual(
      refusedBy('R7-own-leave-only'),
    );
  });

  test.each(['add', 'update', 'psk', 'appDataUpdate', 'groupContextExtensions', 'unknown:9'])(
    'R5: is not of type %s',
    (type) => {
      expect(decideProposal(room, ann, { type })).toEqual(refusedBy('R5-proposal-type'));
    },
  );

  test('R9: comes from a leaf of the group', () => {
    expect(decideProposal(room, undefined, { type: 'selfRemove' })).toEqual(
      refusedBy('R9-sender-participates'),
    );
    expect(decideProposal(room, leafAt(9, 'ben'), { type: 'selfRemove' })).toEqual(
      refusedBy('R9-sender-participates'),
    );
  });

  test('a client without a place may ask for nothing but its removal', () => {
    const stray = leafAt(5, 'eve');
    const view = policyRoom(people, [...leaves, stray]);
    expect(decideProposal(view, stray, { type: 'selfRemove' })).toEqual(allowed);
    expect(decideProposal(view, stray, { type: 'update' })).toEqual(refusedBy('R5-proposal-type'));
  });

  test('R11: of the hub takes out who is banned or not in the list', () => {
    const view = policyRoom(people, [...leaves, leafAt(5, 'eve'), leafAt(6, 'fay')]);
    for (const stray of [leafAt(5, 'eve'), leafAt(6, 'fay')]) {
      expect(decideProposal(view, 'hub', remove(stray))).toEqual(allowed);
    }
    expect(decideProposal(view, 'hub', remove(cat))).toEqual(refusedBy('R11-hub-removal'));
    expect(decideProposal(view, 'hub', { type: 'add' })).toEqual(refusedBy('R11-hub-removal'));
  });

  test('R19: is refused when no commit that covers the queue could keep the bounds', () => {
    const least = withRoles((role) =>
      role.index === MEMBER_ROLE ? { ...role, active: { minimum: 1 } } : role,
    );
    const leave = { type: 'selfRemove' };
    expect(decideProposal(least, cat, leave)).toEqual(allowed);
    const queued = [ben.leafIndex, bensLaptop.leafIndex];
    expect(decideProposal({ ...least, queued }, cat, leave)).toEqual(refusedBy('R19-role-limits'));
    const few = withRoles((role) =>
      role.index === OWNER_ROLE ? { ...role, participants: { minimum: 1 } } : role,
    );
    expect(decideProposal(few, ann, leave)).toEqual(refusedBy('R19-role-limits'));
  });

  test('R10: is not taken by a closed room', () => {
    expect(decideProposal(closed, cat, { type: 'selfRemove' })).toEqual(refusedBy('R10-closed'));
  });
});

describe('a message', () => {
  test('R9: comes from a participant with a client in the group', () => {
    expect(decideSend(room, ben.user)).toEqual(allowed);
    for (const { user } of [dan, eve, identity('ian')]) {
      expect(decideSend(room, user)).toEqual(refusedBy('R9-sender-participates'));
    }
    const stray = policyRoom(people, [...leaves, leafAt(5, 'eve'), leafAt(6, 'fay')]);
    for (const { user } of [eve, identity('fay')]) {
      expect(decideSend(stray, user)).toEqual(refusedBy('R9-sender-participates'));
    }
  });

  test('R10: is not taken by a closed room', () => {
    expect(decideSend(closed, ben.user)).toEqual(refusedBy('R10-closed'));
  });
});
