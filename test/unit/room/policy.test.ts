// The decision on what may happen in a room of mode `open`: each rule, allowed and refused.

import { describe, expect, test } from 'vitest';
import {
  decideCommit,
  decideProposal,
  decideSend,
  type ProposedCommit,
  type RosterEntry,
  type Verdict,
} from '../../../ts/room/index.ts';
import { clientUri, userUri } from '../../../ts/wire/index.ts';

const entry = (leafIndex: number, name: string, device: string, domain = 'a.example') => ({
  leafIndex,
  user: userUri(domain, name),
  client: clientUri(domain, `${name}-${device}`),
});

const alice = entry(0, 'alice', 'phone');
const bob = entry(1, 'bob', 'phone');
const bobsLaptop = entry(2, 'bob', 'laptop');
const carol = entry(3, 'carol', 'phone', 'b.example');
const room = {
  creator: alice.user,
  roster: new Map<number, RosterEntry>(
    [alice, bob, bobsLaptop, carol].map((one) => [one.leafIndex, one]),
  ),
};
const dave = { user: userUri('b.example', 'dave'), client: clientUri('b.example', 'dave-phone') };

function commit(by: ProposedCommit['sender'], parts: Partial<ProposedCommit> = {}): Verdict {
  return decideCommit(room, {
    sender: by,
    proposalTypes: [],
    added: [],
    removed: [],
    updated: [],
    omitted: 0,
    ...parts,
  });
}

const removal = (target: RosterEntry, by: RosterEntry) => ({
  proposalTypes: ['remove'],
  removed: [{ leafIndex: target.leafIndex, by }],
});

const allowed = { allowed: true };
const refusedBy = (rule: string) => expect.objectContaining({ allowed: false, rule });

describe('a commit of a member', () => {
  test('R1: a client is added only beside a user of its own domain', () => {
    const stray = { user: dave.user, client: clientUri('c.example', 'dave-phone') };
    expect(commit(bob, { proposalTypes: ['add'], added: [dave] })).toEqual(allowed);
    expect(commit(bob, { proposalTypes: ['add'], added: [stray] })).toEqual(
      refusedBy('R1-domains'),
    );
  });

  test('R2: a client is in the group once', () => {
    expect(commit(bob, { added: [carol] })).toEqual(refusedBy('R2-one-leaf-per-client'));
    expect(commit(bob, { added: [dave, dave] })).toEqual(refusedBy('R2-one-leaf-per-client'));
  });

  test('R2: a client that the same commit removes may be added anew', () => {
    expect(commit(alice, { ...removal(carol, alice), added: [carol] })).toEqual(allowed);
  });

  test('R3: the creator removes anybody, everybody else clients of the own user', () => {
    expect(commit(alice, removal(carol, alice))).toEqual(allowed);
    expect(commit(bob, removal(bobsLaptop, bob))).toEqual(allowed);
    expect(commit(bob, removal(carol, bob))).toEqual(refusedBy('R3-remover'));
    expect(commit(bob, removal(alice, bob))).toEqual(refusedBy('R3-remover'));
  });

  test('R3: a removal is judged by who proposed it, not by who commits it', () => {
    expect(commit(bob, removal(carol, carol))).toEqual(allowed);
    expect(commit(alice, removal(carol, bob))).toEqual(refusedBy('R3-remover'));
  });

  test('R5: proposals of other types are refused', () => {
    for (const type of ['psk', 'reinit', 'externalInit', 'groupContextExtensions', 'unknown:77']) {
      expect(commit(alice, { proposalTypes: [type] })).toEqual(refusedBy('R5-proposal-type'));
    }
  });

  test('R6: a commit covers all queued proposals', () => {
    expect(commit(alice, { omitted: 1 })).toEqual(refusedBy('R6-queued-proposals'));
  });

  test('R8: an update keeps user and client', () => {
    const to = (target: RosterEntry) => ({ updated: [{ leafIndex: bob.leafIndex, to: target }] });
    expect(commit(bob, to(bob))).toEqual(allowed);
    expect(commit(bob, to(alice))).toEqual(refusedBy('R8-identity-kept'));
    expect(commit(bob, to(bobsLaptop))).toEqual(refusedBy('R8-identity-kept'));
  });
});

describe('an external commit', () => {
  const newcomer = (one: { user: RosterEntry['user']; client: RosterEntry['client'] }) => ({
    user: one.user,
    client: one.client,
  });
  const joins = { proposalTypes: ['externalInit'] };

  test('R4: a further client of a participant joins by itself, nobody else', () => {
    const tablet = { user: carol.user, client: clientUri('b.example', 'carol-tablet') };
    expect(commit(tablet, joins)).toEqual(allowed);
    expect(commit(newcomer(dave), joins)).toEqual(refusedBy('R4-external-join'));
  });

  test('R4: it removes its own former leaf at most', () => {
    const removes = (target: RosterEntry) => ({
      proposalTypes: ['externalInit', 'remove'],
      removed: [{ leafIndex: target.leafIndex, by: newcomer(bob) }],
    });
    expect(commit(newcomer(bob), removes(bob))).toEqual(allowed);
    expect(commit(newcomer(bob), removes(bobsLaptop))).toEqual(refusedBy('R4-external-join'));
    expect(commit(newcomer(bob), removes(carol))).toEqual(refusedBy('R4-external-join'));
  });

  test('R2: a client joins beside a few former leaves of its own, not beside many', () => {
    const standing = (count: number) => {
      const leaves = Array.from({ length: count }, (_, at) => ({ ...carol, leafIndex: 10 + at }));
      const crowded = { ...room, roster: new Map(leaves.map((leaf) => [leaf.leafIndex, leaf])) };
      const joining = { ...joins, added: [], removed: [], updated: [], omitted: 0 };
      return decideCommit(crowded, { sender: newcomer(carol), ...joining });
    };
    expect(standing(3)).toEqual(allowed);
    expect(standing(4)).toEqual(refusedBy('R2-one-leaf-per-client'));
  });

  test('R5: it carries nothing else', () => {
    expect(commit(newcomer(bob), { proposalTypes: ['externalInit', 'add'] })).toEqual(
      refusedBy('R5-proposal-type'),
    );
  });
});

describe('a proposal sent alone', () => {
  test('R7: asks for the removal of clients of the own user', () => {
    expect(decideProposal(room, bob, { type: 'selfRemove' })).toEqual(allowed);
    expect(decideProposal(room, bob, { type: 'remove', removed: bobsLaptop.leafIndex })).toEqual(
      allowed,
    );
    expect(decideProposal(room, bob, { type: 'remove', removed: carol.leafIndex })).toEqual(
      refusedBy('R7-own-leave-only'),
    );
    expect(decideProposal(room, bob, { type: 'remove', removed: 99 })).toEqual(
      refusedBy('R7-own-leave-only'),
    );
  });

  test('R5: is of no other type', () => {
    for (const type of ['add', 'update', 'groupContextExtensions']) {
      expect(decideProposal(room, alice, { type })).toEqual(refusedBy('R5-proposal-type'));
    }
  });

  test('R9: comes from a participant', () => {
    expect(decideProposal(room, undefined, { type: 'selfRemove' })).toEqual(
      refusedBy('R9-sender-participates'),
    );
  });
});

test('R9: application messages come from participants', () => {
  expect(decideSend(room, carol.user)).toEqual(allowed);
  expect(decideSend(room, dave.user)).toEqual(refusedBy('R9-sender-participates'));
});
