// The decision on a member's commit that changes room state: bounds of roles, components, mandates.

import { describe, expect, test } from 'vitest';
import {
  BANNED_ROLE,
  CLOSING,
  defaultRoles,
  encodeClosing,
  encodeHubKeys,
  encodeJoinLinksUpdate,
  encodeMandates,
  encodeParticipantListUpdate,
  encodeRoles,
  encodeSealedBansUpdate,
  FRANKING_AGENT,
  HUB_KEYS,
  JOIN_LINKS,
  MANDATES,
  MEMBER_ROLE,
  MODERATOR_ROLE,
  NO_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  type ProposedChange,
  ROLES_LIST,
  type Role,
  type RoomView,
  SEALED_BANS,
  type SealedBansUpdate,
} from '../../../ts/room/index.ts';
import { encodeExternalSender } from '../../../ts/wire/index.ts';
import {
  allowed,
  ann,
  ben,
  bensLaptop,
  cat,
  dan,
  eve,
  ian,
  judge,
  leaves,
  meg,
  move,
  people,
  refusedBy,
  room,
} from '../../support/policy_cast.ts';
import { identity, leafAt, moving, policyRoom } from '../../support/policy_room.ts';

describe('the bounds of roles', () => {
  const bounded = (index: number, bounds: Partial<Role>): RoomView =>
    policyRoom(
      people,
      leaves,
      defaultRoles().map((role) => (role.index === index ? { ...role, ...bounds } : role)),
    );

  test('R19: no commit takes a role above its maximum', () => {
    const full = bounded(MEMBER_ROLE, { participants: { minimum: 0, maximum: 3 } });
    const newcomer = { added: [dan], changes: [move(dan, MEMBER_ROLE)] };
    expect(judge(ann, newcomer, full)).toEqual(refusedBy('R19-role-limits'));
    const exchange = moving(
      full.state,
      { user: dan.user, role: MEMBER_ROLE },
      { user: ian.user, role: NO_ROLE },
    );
    expect(judge(ann, { added: [dan], changes: [exchange] }, full)).toEqual(allowed);
  });

  test('R19: participants without a client do not count as active', () => {
    const full = bounded(MEMBER_ROLE, { active: { minimum: 0, maximum: 2 } });
    const listed = { changes: [move(dan, MEMBER_ROLE)] };
    expect(judge(ann, listed, full)).toEqual(allowed);
    expect(judge(ann, { ...listed, added: [dan] }, full)).toEqual(refusedBy('R19-role-limits'));
  });

  test('R19: no commit takes a role below its minimum', () => {
    const least = bounded(OWNER_ROLE, { participants: { minimum: 1 } });
    expect(judge(ann, { changes: [move(ann, MEMBER_ROLE)] }, least)).toEqual(
      refusedBy('R19-role-limits'),
    );
    const active = bounded(MODERATOR_ROLE, { active: { minimum: 1 } });
    expect(judge(ann, { removed: [meg] }, active)).toEqual(refusedBy('R19-role-limits'));
  });

  test('R19: a room outside its bounds may still be changed, but not made worse', () => {
    const over = bounded(MEMBER_ROLE, { participants: { minimum: 0, maximum: 2 } });
    expect(judge(ben, {}, over)).toEqual(allowed);
    expect(judge(ann, { removed: [cat], changes: [move(cat, NO_ROLE)] }, over)).toEqual(allowed);
    expect(judge(ann, { changes: [move(dan, MEMBER_ROLE)] }, over)).toEqual(
      refusedBy('R19-role-limits'),
    );
  });

  test('R19: new role definitions hold at once', () => {
    const update = encodeRoles(
      defaultRoles().map((role) =>
        role.index === MEMBER_ROLE ? { ...role, participants: { minimum: 0, maximum: 2 } } : role,
      ),
    );
    expect(judge(ann, { changes: [{ id: ROLES_LIST, update }] })).toEqual(
      refusedBy('R19-role-limits'),
    );
  });
});

describe('room state', () => {
  const definitions = (roles: readonly Role[]): ProposedChange => ({
    id: ROLES_LIST,
    update: encodeRoles(roles),
  });
  const closing = {
    id: CLOSING,
    update: encodeClosing({ newGroupId: Uint8Array.of(1), mode: 'open', creator: ann.user }),
  };

  test('R20: role definitions are not changed together with participants', () => {
    const changes = [definitions(defaultRoles()), move(dan, MEMBER_ROLE)];
    expect(judge(ann, { changes })).toEqual(refusedBy('R20-roles-alone'));
    expect(judge(ann, { changes: [definitions(defaultRoles())] })).toEqual(allowed);
  });

  test('R16: a role that a participant has is not taken away', () => {
    const changes = [definitions(defaultRoles().filter(({ index }) => index !== MODERATOR_ROLE))];
    expect(judge(ann, { changes })).toEqual(refusedBy('R16-role-change'));
  });

  test('R21: role definitions and closing take their capabilities', () => {
    expect(judge(ann, { changes: [closing] })).toEqual(allowed);
    expect(judge(meg, { changes: [closing] })).toEqual(refusedBy('R21-state-rights'));
    expect(judge(meg, { changes: [definitions(defaultRoles())] })).toEqual(
      refusedBy('R21-state-rights'),
    );
  });

  test('R10: a closed room takes no commit', () => {
    const closed = {
      ...room,
      state: {
        ...room.state,
        closing: { newGroupId: Uint8Array.of(1), mode: 'open', creator: ann.user },
      },
    };
    expect(judge(ann, {}, closed)).toEqual(refusedBy('R10-closed'));
    expect(judge(identity('ben', 'tablet'), {}, closed)).toEqual(refusedBy('R10-closed'));
  });

  const link = { id: Uint8Array.of(1), publicPart: Uint8Array.of(2), role: MEMBER_ROLE, expiry: 9 };
  const linked = { ...room, state: { ...room.state, links: [link] } };
  const links = (parts: Partial<Parameters<typeof encodeJoinLinksUpdate>[0]>) => ({
    changes: [
      { id: JOIN_LINKS, update: encodeJoinLinksUpdate({ removed: [], added: [], ...parts }) },
    ],
  });

  test('R23: a link is made for a role that its maker may give', () => {
    expect(judge(meg, links({ added: [link] }))).toEqual(allowed);
    expect(judge(ben, links({ added: [link] }))).toEqual(refusedBy('R23-join-link'));
    for (const role of [OWNER_ROLE, BANNED_ROLE, NO_ROLE, 7]) {
      expect(judge(meg, links({ added: [{ ...link, role }] }))).toEqual(refusedBy('R23-join-link'));
    }
    expect(judge(ann, links({ added: [{ ...link, role: BANNED_ROLE }] }))).toEqual(
      refusedBy('R23-join-link'),
    );
  });

  test('R23: whoever commits that a client goes may retire the links that it knows', () => {
    const retire = links({ removed: [link.id] });
    expect(judge(ben, retire, linked)).toEqual(refusedBy('R23-join-link'));
    expect(judge(ben, { ...retire, removed: [bensLaptop] }, linked)).toEqual(allowed);
  });
});

describe('sealed ban entries', () => {
  const entry = (user: string) => ({
    user,
    generation: new Uint8Array(32),
    sealed: new Uint8Array([1]),
  });
  const bans = ({ removed = [], added = [] }: Partial<SealedBansUpdate>) => ({
    id: SEALED_BANS,
    update: encodeSealedBansUpdate({ removed, added }),
  });
  const ban = (...changes: ProposedChange[]) => ({
    removed: [cat],
    changes: [move(cat, BANNED_ROLE), ...changes],
  });
  const banned: RoomView = { ...room, state: { ...room.state, bans: [entry(eve.user)] } };

  test('R25: an entry goes with a ban, by who may ban', () => {
    expect(judge(meg, ban(bans({ added: [entry(cat.user)] })))).toEqual(allowed);
    expect(judge(meg, ban(bans({ added: [entry(ben.user)] })))).toEqual(
      refusedBy('R25-sealed-ban'),
    );
    // Eve was banned before.
    expect(judge(meg, { changes: [bans({ added: [entry(eve.user)] })] })).toEqual(allowed);
    expect(judge(ben, { changes: [bans({ added: [entry(eve.user)] })] })).toEqual(
      refusedBy('R25-sealed-ban'),
    );
  });

  test('R25: the entry of who is banned is taken out by who may end bans, that of another by anybody', () => {
    const out = { changes: [bans({ removed: [eve.user] })] };
    expect(judge(meg, out, banned)).toEqual(allowed);
    expect(judge(ben, out, banned)).toEqual(refusedBy('R25-sealed-ban'));
    const former: RoomView = { ...room, state: { ...room.state, bans: [entry(dan.user)] } };
    expect(judge(ben, { changes: [bans({ removed: [dan.user] })] }, former)).toEqual(allowed);
  });

  test('R12: no user has two entries, and none is taken out that is not there', () => {
    const twice = { changes: [bans({ added: [entry(eve.user)] })] };
    expect(judge(meg, twice, banned)).toEqual(refusedBy('R12-room-state'));
    const absent = { changes: [bans({ removed: [dan.user] })] };
    expect(judge(meg, absent, banned)).toEqual(refusedBy('R12-room-state'));
  });

  test('R22: the end of a ban by mandate needs no change of entries', () => {
    const end = { ...move(eve, NO_ROLE), mandated: true };
    const number = { id: MANDATES, update: encodeMandates(1n) };
    expect(judge(ben, { changes: [end, number] }, banned)).toEqual(allowed);
  });
});

describe('mandates', () => {
  const number = { id: MANDATES, update: encodeMandates(1n) };
  const mandated = (change: ProposedChange) => ({ ...change, mandated: true });

  test('R22: a mandated change needs no right of the committer, but everything else', () => {
    const ban = mandated(move(cat, BANNED_ROLE));
    expect(judge(ben, { removed: [cat], changes: [ban, number] })).toEqual(allowed);
    expect(judge(ben, { changes: [ban, number] })).toEqual(refusedBy('R13-leaves-follow-list'));
    expect(judge(ben, { changes: [mandated(move(cat, 7)), number] })).toEqual(
      refusedBy('R16-role-change'),
    );
  });

  test('R22: what stands beside a mandate is judged as ever', () => {
    const changes = [mandated(move(cat, MODERATOR_ROLE)), move(ben, OWNER_ROLE), number];
    expect(judge(ben, { changes })).toEqual(refusedBy('R16-role-change'));
  });

  test('R22: a mandate goes together with who leaves', () => {
    const changes = [mandated(move(cat, MODERATOR_ROLE)), number];
    const update = encodeParticipantListUpdate({ changedRole: [], removedIndices: [3], added: [] });
    const leaver = { id: PARTICIPANT_LIST, update };
    expect(judge(ben, { left: [meg], changes: [...changes, leaver] })).toEqual(allowed);
  });

  test('R22: the mandate number moves with mandated changes, and only with them', () => {
    expect(judge(ann, { changes: [number] })).toEqual(refusedBy('R22-mandate'));
    expect(judge(ann, { changes: [mandated(number)] })).toEqual(refusedBy('R22-mandate'));
    expect(judge(ann, { changes: [mandated(move(cat, MODERATOR_ROLE))] })).toEqual(
      refusedBy('R22-mandate'),
    );
    const used = { ...room, state: { ...room.state, lastMandate: 1n } };
    expect(judge(ann, { changes: [mandated(move(cat, 3)), number] }, used)).toEqual(
      refusedBy('R12-room-state'),
    );
  });

  test('R22: the franking key changes by mandate only', () => {
    const signatureKey = new Uint8Array(32);
    const credential = { type: 1, bytes: new TextEncoder().encode('mimi://a.example') };
    const agent = { signatureKey, credential };
    const franked = {
      ...room,
      state: { ...room.state, franking: { form: 'exedra' as const, agent } },
    };
    const update = encodeExternalSender({ ...agent, signatureKey: signatureKey.fill(1) });
    const change = { id: FRANKING_AGENT, update };
    expect(judge(ann, { changes: [change] }, franked)).toEqual(refusedBy('R22-mandate'));
    expect(judge(ben, { changes: [mandated(change), number] }, franked)).toEqual(allowed);
    // A room that is not franked does not become so.
    expect(judge(ben, { changes: [mandated(change), number] })).toEqual(
      refusedBy('R12-room-state'),
    );
  });

  test('R22: hub keys change by mandate only', () => {
    const keys = { id: HUB_KEYS, update: encodeHubKeys([]) };
    expect(judge(ann, { changes: [keys] })).toEqual(refusedBy('R22-mandate'));
    expect(judge(ben, { changes: [mandated(keys), number] })).toEqual(allowed);
  });

  const hubRemoves = (leaf: { leafIndex: number }, changes: readonly ProposedChange[] = []) => ({
    changes,
    other: {
      proposals: [
        { type: 'remove', by: 'hub' as const, removed: leaf.leafIndex },
        ...changes.map(() => ({ type: 'appDataUpdate', by: ben })),
      ],
    },
  });

  test('R11: the hub takes out clients of who has no place, or loses it by the commit', () => {
    const stray = policyRoom(people, [...leaves, leafAt(5, 'eve')]);
    expect(judge(ben, hubRemoves(leafAt(5, 'eve')), stray)).toEqual(allowed);
    const ban = mandated(move(cat, BANNED_ROLE));
    expect(judge(ben, hubRemoves(cat, [ban, number]))).toEqual(allowed);
    expect(judge(ben, hubRemoves(cat))).toEqual(refusedBy('R11-hub-removal'));
  });

  test('R11: the hub makes no other proposal', () => {
    const proposals = [{ type: 'add', by: 'hub' as const }];
    expect(judge(ben, { other: { proposals } })).toEqual(refusedBy('R11-hub-removal'));
  });
});
