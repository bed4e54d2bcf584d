// The decision on a member's commit: each rule, allowed and refused.

import { describe, expect, test } from 'vitest';
import {
  BANNED_ROLE,
  defaultRoles,
  encodeParticipantListUpdate,
  encodeRoomMode,
  MEMBER_ROLE,
  MODE,
  MODERATOR_ROLE,
  NO_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  policyRules,
} from '../../../ts/room/index.ts';
import { clientUri } from '../../../ts/wire/index.ts';
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
} from '../../support/policy_cast.ts';
import { identity, leafAt, policyRoom } from '../../support/policy_room.ts';

describe('whoever commits', () => {
  test('R9: is a participant at its own leaf, and not banned', () => {
    expect(judge(ben, {})).toEqual(allowed);
    expect(judge({ ...ben, leafIndex: 9 }, {})).toEqual(refusedBy('R9-sender-participates'));
    expect(judge({ ...ben, leafIndex: 3 }, {})).toEqual(refusedBy('R9-sender-participates'));
    const stray = policyRoom(people, [...leaves, leafAt(5, 'eve'), leafAt(6, 'fay')]);
    for (const outside of [leafAt(5, 'eve'), leafAt(6, 'fay')]) {
      expect(judge(outside, {}, stray)).toEqual(refusedBy('R9-sender-participates'));
    }
  });

  test('R6: covers all queued proposals', () => {
    expect(judge(ann, { other: { omitted: 1 } })).toEqual(refusedBy('R6-queued-proposals'));
  });

  test('R8: keeps the identity of every leaf that it updates', () => {
    const updated = (to: { user: string; client: string }) => ({
      other: { updated: [{ leafIndex: ben.leafIndex, to }] },
    });
    expect(judge(ben, updated(ben))).toEqual(allowed);
    expect(judge(ben, updated(bensLaptop))).toEqual(refusedBy('R8-identity-kept'));
    expect(judge(ben, updated({ ...ben, user: cat.user }))).toEqual(refusedBy('R8-identity-kept'));
    const nowhere = { other: { updated: [{ leafIndex: 9, to: ben }] } };
    expect(judge(ben, nowhere)).toEqual(refusedBy('R8-identity-kept'));
  });

  test.each([
    'groupContextExtensions',
    'reinit',
    'psk',
    'appEphemeral',
    'externalInit',
    'unknown:9',
  ])('R5: brings no proposal of type %s', (type) => {
    const proposals = [{ type, by: ann }];
    expect(judge(ann, { other: { proposals } })).toEqual(refusedBy('R5-proposal-type'));
  });

  test.each(['add', 'appDataUpdate'])('R5: makes its proposals of type %s itself', (type) => {
    const by = (proposer: typeof ann) => ({ other: { proposals: [{ type, by: proposer }] } });
    expect(judge(ann, by(ann))).toEqual(allowed);
    expect(judge(ann, by(ben))).toEqual(refusedBy('R5-proposal-type'));
  });

  test('R5: brings a pre-shared key into the first commit of a successor only', () => {
    const proposals = [{ type: 'psk', by: ann }];
    expect(judge(ann, { other: { proposals, successor: true } })).toEqual(allowed);
  });
});

describe('adding', () => {
  const newcomer = { added: [dan], changes: [move(dan, MEMBER_ROLE)] };

  test('R15: a user comes with its entry, by a role that may add to that role', () => {
    expect(judge(meg, newcomer)).toEqual(allowed);
    expect(judge(ben, newcomer)).toEqual(refusedBy('R15-add'));
    const asOwner = { added: [dan], changes: [move(dan, OWNER_ROLE)] };
    expect(judge(meg, asOwner)).toEqual(refusedBy('R15-add'));
    expect(judge(ann, asOwner)).toEqual(allowed);
  });

  test('R15: a user may be listed before its clients come', () => {
    expect(judge(meg, { changes: newcomer.changes })).toEqual(allowed);
  });

  test('R13: a client without an entry of its user, or of a banned one, is not added', () => {
    expect(judge(ann, { added: [dan] })).toEqual(refusedBy('R13-leaves-follow-list'));
    expect(judge(ann, { added: [eve] })).toEqual(refusedBy('R13-leaves-follow-list'));
    const listedBanned = { added: [dan], changes: [move(dan, BANNED_ROLE)] };
    expect(judge(ann, listedBanned)).toEqual(refusedBy('R13-leaves-follow-list'));
  });

  test('R24: a further client is added by its own user, not by others', () => {
    const tablet = { added: [identity('ben', 'tablet')] };
    expect(judge(ben, tablet)).toEqual(allowed);
    expect(judge(ann, tablet)).toEqual(refusedBy('R24-own-client'));
  });

  test('R15: a participant without a client is let in by who could add it', () => {
    expect(judge(meg, { added: [ian, identity('ian', 'laptop')] })).toEqual(allowed);
    expect(judge(ben, { added: [ian] })).toEqual(refusedBy('R15-add'));
  });

  test('the first commit of a successor lets all listed participants in', () => {
    expect(judge(ben, { added: [ian], other: { successor: true } })).toEqual(allowed);
    expect(judge(ben, { added: [dan], other: { successor: true } })).toEqual(
      refusedBy('R13-leaves-follow-list'),
    );
  });

  test('R1: a client is added only beside a user of its own domain', () => {
    const stray = { user: dan.user, client: clientUri('c.example', 'dan-phone') };
    const nameless = { user: dan.user, client: 'dan' };
    expect(judge(ann, { ...newcomer, added: [stray] })).toEqual(refusedBy('R1-domains'));
    expect(judge(ann, { ...newcomer, added: [nameless] })).toEqual(refusedBy('R1-domains'));
  });

  test('R2: a client is in the group once', () => {
    expect(judge(ben, { added: [bensLaptop] })).toEqual(refusedBy('R2-one-leaf-per-client'));
    expect(judge(meg, { ...newcomer, added: [dan, dan] })).toEqual(
      refusedBy('R2-one-leaf-per-client'),
    );
  });

  test('R2: a client that the same commit removes may be added anew', () => {
    expect(judge(ben, { removed: [bensLaptop], added: [bensLaptop] })).toEqual(allowed);
  });
});

describe('removing', () => {
  test('R3: a participant goes with its entry, by a role that may remove from that role', () => {
    const removal = { removed: [cat], changes: [move(cat, NO_ROLE)] };
    expect(judge(meg, removal)).toEqual(allowed);
    expect(judge(ben, removal)).toEqual(refusedBy('R3-remover'));
    const ofOwner = { removed: [ann], changes: [move(ann, NO_ROLE)] };
    expect(judge(meg, ofOwner)).toEqual(refusedBy('R3-remover'));
  });

  test('R13: all its clients go in the same commit', () => {
    const half = { removed: [ben], changes: [move(ben, NO_ROLE)] };
    expect(judge(ann, half)).toEqual(refusedBy('R13-leaves-follow-list'));
    expect(judge(ann, { ...half, removed: [ben, bensLaptop] })).toEqual(allowed);
    expect(judge(ann, { changes: [move(ann, NO_ROLE)] })).not.toEqual(allowed);
  });

  test('R3: a kick takes clients out and leaves the entry', () => {
    expect(judge(meg, { removed: [cat] })).toEqual(allowed);
    expect(judge(meg, { removed: [ben] })).toEqual(allowed);
    expect(judge(ben, { removed: [cat] })).toEqual(refusedBy('R3-remover'));
  });

  test('R3: a removal names a leaf', () => {
    expect(judge(meg, { removed: [leafAt(9, 'cat')] })).toEqual(refusedBy('R3-remover'));
    const proposals = [{ type: 'remove', by: meg }];
    expect(judge(meg, { other: { proposals } })).toEqual(refusedBy('R3-remover'));
  });

  test('R7: a removal of another user is not committed for who proposed it', () => {
    const proposals = [{ type: 'remove', by: meg, removed: cat.leafIndex }];
    expect(judge(ann, { other: { proposals } })).toEqual(refusedBy('R7-own-leave-only'));
  });

  test('R7: nobody commits its own removal, nor the self-removal of another client', () => {
    expect(judge(ben, { removed: [ben] })).toEqual(refusedBy('R7-own-leave-only'));
    const proposals = [{ type: 'selfRemove', by: ben, removed: cat.leafIndex }];
    expect(judge(ann, { other: { proposals } })).toEqual(refusedBy('R7-own-leave-only'));
  });

  test('R24: a user takes out its other clients, and its entry stays', () => {
    expect(judge(ben, { removed: [bensLaptop] })).toEqual(allowed);
  });

  test('anybody takes out a client without a place, and who has none may always ask', () => {
    const stray = policyRoom(people, [...leaves, leafAt(5, 'eve')]);
    expect(judge(ben, { removed: [leafAt(5, 'eve')] }, stray)).toEqual(allowed);
    expect(judge(ben, { left: [leafAt(5, 'eve')] }, stray)).toEqual(allowed);
  });
});

describe('leaving', () => {
  test('R14: who commits that the last client leaves, takes out the entry', () => {
    expect(judge(ben, { left: [cat] })).toEqual(refusedBy('R14-leaver'));
    expect(judge(ben, { left: [cat], changes: [move(cat, NO_ROLE)] })).toEqual(allowed);
  });

  test('R14: the entry stays while another client does', () => {
    expect(judge(cat, { left: [bensLaptop] })).toEqual(allowed);
    expect(judge(cat, { left: [bensLaptop], changes: [move(ben, NO_ROLE)] })).toEqual(
      refusedBy('R3-remover'),
    );
  });

  test('R14: an own Remove of each client counts as leaving, too', () => {
    const proposals = [ben, bensLaptop].map(({ leafIndex }) => ({
      type: 'remove',
      by: ben,
      removed: leafIndex,
    }));
    const changes = [move(ben, NO_ROLE)];
    const other = { proposals: [...proposals, { type: 'appDataUpdate', by: cat }] };
    expect(judge(cat, { changes, other })).toEqual(allowed);
  });

  test('R14: a ban of who leaves does as well', () => {
    expect(judge(meg, { left: [cat], changes: [move(cat, BANNED_ROLE)] })).toEqual(allowed);
  });

  test('a role that cannot leave keeps its entry when its last client goes', () => {
    const roles = defaultRoles().map((role) =>
      role.index === MEMBER_ROLE ? { ...role, capabilities: [0x0003] } : role,
    );
    expect(judge(ann, { left: [cat] }, policyRoom(people, leaves, roles))).toEqual(allowed);
  });
});

describe('banning', () => {
  test('R17: takes all clients out, by a role that may ban from that role', () => {
    const ban = { removed: [cat], changes: [move(cat, BANNED_ROLE)] };
    expect(judge(meg, ban)).toEqual(allowed);
    expect(judge(ben, ban)).toEqual(refusedBy('R17-ban'));
    const ofOwner = { removed: [ann], changes: [move(ann, BANNED_ROLE)] };
    expect(judge(meg, ofOwner)).toEqual(refusedBy('R17-ban'));
    expect(judge(meg, { changes: ban.changes })).toEqual(refusedBy('R13-leaves-follow-list'));
  });

  test('R17: ends by a role that may unban, to a role that it may give', () => {
    expect(judge(meg, { changes: [move(eve, MEMBER_ROLE)] })).toEqual(allowed);
    expect(judge(meg, { changes: [move(eve, OWNER_ROLE)] })).toEqual(refusedBy('R17-ban'));
    expect(judge(ben, { changes: [move(eve, MEMBER_ROLE)] })).toEqual(refusedBy('R17-ban'));
  });

  test('R17: a user outside the room may be banned in advance', () => {
    expect(judge(ann, { changes: [move(dan, BANNED_ROLE)] })).toEqual(allowed);
    expect(judge(meg, { changes: [move(dan, BANNED_ROLE)] })).toEqual(refusedBy('R17-ban'));
  });
});

describe('changing roles', () => {
  test('R16: takes the capability and the change authorized from and to', () => {
    expect(judge(ann, { changes: [move(cat, MODERATOR_ROLE)] })).toEqual(allowed);
    expect(judge(meg, { changes: [move(cat, MODERATOR_ROLE)] })).toEqual(
      refusedBy('R16-role-change'),
    );
  });

  test('R16: nobody raises itself', () => {
    expect(judge(ben, { changes: [move(ben, OWNER_ROLE)] })).toEqual(refusedBy('R16-role-change'));
    expect(judge(meg, { changes: [move(meg, OWNER_ROLE)] })).toEqual(refusedBy('R16-role-change'));
    expect(judge(ann, { changes: [move(ann, MEMBER_ROLE)] })).toEqual(allowed);
  });

  test('R16: a role exists', () => {
    expect(judge(ann, { changes: [move(cat, 7)] })).toEqual(refusedBy('R16-role-change'));
  });

  test('R12: an update that does not apply is refused with the code of its fault', () => {
    const update = encodeParticipantListUpdate({
      changedRole: [{ index: 99, role: 2 }],
      removedIndices: [],
      added: [],
    });
    expect(judge(ann, { changes: [{ id: PARTICIPANT_LIST, update }] })).toEqual({
      allowed: false,
      rule: 'R12-room-state',
      why: 'indexOutOfRange',
    });
    const mode = { id: MODE, update: encodeRoomMode({ mode: 'open' }) };
    for (const change of [
      mode,
      { id: 0x0023, update },
      { id: PARTICIPANT_LIST, update: undefined },
    ]) {
      expect(judge(ann, { changes: [change] })).toEqual(refusedBy('R12-room-state'));
    }
  });
});

test('every rule says in a line what it asks', () => {
  for (const meaning of Object.values(policyRules)) expect(meaning).toMatch(/^[A-Z].*\.$/);
});
