// The life of a group through the real core, for each cipher suite (RFC 9420, sections 11, 12 and 15).

import { describe, expect, test } from 'vitest';
import { createKeyPackage, Group } from '../../../ts/mls/index.ts';
import {
  agree,
  bytes,
  codeOf,
  commitOf,
  commitTo,
  creator,
  deliver,
  device,
  hex,
  join,
  keyPackageOf,
  members,
  plaintextOf,
  stateOf,
  suites,
} from './devices.ts';

describe.each(suites)('cipher suite %i', (suite) => {
  test('a member added by a Welcome reads and writes like the others', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const toBob = alice.group.encrypt(bytes('hello'), { aad: bytes('franking') });
    const received = bob.group.process(toBob);
    expect(plaintextOf(received)).toBe('hello');
    expect(received).toMatchObject({
      sender: { type: 'member', leafIndex: 0, credential: { type: 1, bytes: bytes('alice') } },
      epoch: 1n,
      authenticatedData: bytes('franking'),
    });
    expect(plaintextOf(alice.group.process(bob.group.encrypt(bytes('hi'))))).toBe('hi');
    expect(bob.group.members().map((member) => member.leafIndex)).toEqual([0, 1]);
    expect(bob.group.suite).toBe(suite);
    expect(bob.group.ownLeafIndex).toBe(1);
  });

  test('a commit changes nothing until it is accepted, and can be discarded', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const { commit, newEpoch } = alice.group.commit({ update: true });
    expect(newEpoch).toBe(2n);
    expect([alice.group.epoch, alice.group.hasPendingCommit]).toEqual([1n, true]);
    expect(codeOf(() => alice.group.commit())).toBe('pendingCommit');
    alice.group.discardPending();
    expect(alice.group.hasPendingCommit).toBe(false);
    const { staged, summary } = commitOf(bob.group.process(commit));
    expect(summary).toMatchObject({ newEpoch: 2n, selfRemoved: false, external: false });
    expect(summary.updated.map((member) => member.leafIndex)).toEqual([0]);
    bob.group.discard(staged);
    expect(bob.group.epoch).toBe(1n);
    expect(codeOf(() => bob.group.accept(staged))).toBe('staleStage');
    commitTo(alice, [bob], { update: true });
    expect(agree([alice, bob])).toBe(true);
  });

  test('after a refused commit a competing one of the same epoch is merged', () => {
    const [alice, bob, carol] = members(suite, 'alice', 'bob', 'carol');
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
    const refused = alice.group.commit({ update: true });
    const wins = bob.group.commit({ update: true });
    carol.group.discard(commitOf(carol.group.process(refused.commit)).staged);
    deliver(wins.commit, [carol]);
    bob.group.acceptPending();
    expect(agree([bob, carol])).toBe(true);
  });

  test('of two concurrent commits the loser drops its own and goes on with the winner’s', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    alice.group.commit({ update: true });
    const wins = bob.group.commit({ update: true });
    bob.group.acceptPending();
    deliver(wins.commit, [alice]);
    expect(alice.group.hasPendingCommit).toBe(false);
    expect(codeOf(() => alice.group.acceptPending())).toBe('noPendingCommit');
    expect(agree([alice, bob])).toBe(true);
    commitTo(alice, [bob], { update: true });
    expect(plaintextOf(bob.group.process(alice.group.encrypt(bytes('on'))))).toBe('on');
  });

  test('an external join is pending until accepted and becomes an ordinary member', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const carol = device(suite, 'carol');
    const joined = Group.joinExternally(
      carol.store,
      carol.identity,
      alice.group.groupInfo(),
      alice.group.ratchetTree(),
      { aad: bytes('aad') },
    );
    expect(joined.group.hasPendingCommit).toBe(true);
    expect(codeOf(() => joined.group.encrypt(bytes('early')))).toBe('pendingCommit');
    const { summary, staged, authenticatedData, sender } = commitOf(
      alice.group.process(joined.commit),
    );
    expect(authenticatedData).toEqual(bytes('aad'));
    expect(sender).toEqual({ type: 'newMember', credential: carol.identity.credential });
    expect(summary.external).toBe(true);
    expect(summary.added).toEqual([
      {
        credential: carol.identity.credential,
        signatureKey: carol.identity.signatureKey,
        keyPackageRef: undefined,
      },
    ]);
    expect(summary.removed).toEqual([]);
    alice.group.accept(staged);
    deliver(joined.commit, [bob]);
    joined.group.acceptPending();
    const all = [alice, bob, { ...carol, group: joined.group }];
    expect(agree(all)).toBe(true);
    expect(joined.group.members()).toHaveLength(3);
    commitTo({ ...carol, group: joined.group }, [alice, bob], { update: true });
    expect(plaintextOf(bob.group.process(joined.group.encrypt(bytes('hi'))))).toBe('hi');
  });

  test('a discarded external join leaves no trace, and an accepted one replaces the own old leaf', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const before = stateOf(bob);
    const again = (): ReturnType<typeof Group.joinExternally> =>
      Group.joinExternally(
        bob.store,
        bob.identity,
        alice.group.groupInfo(),
        alice.group.ratchetTree(),
      );
    again().group.discardPending();
    const restored = Group.load(bob.store, bytes('room'));
    if (restored === undefined) throw new Error();
    expect(stateOf({ ...bob, group: restored })).toBe(before);
    expect(plaintextOf(alice.group.process(restored.encrypt(bytes('still here'))))).toBe(
      'still here',
    );

    const joined = again();
    expect(codeOf(() => restored.epoch)).toBe('noSuchGroup');
    const { summary, staged } = commitOf(alice.group.process(joined.commit));
    expect(summary.removed).toEqual([{ leafIndex: 1, credential: bob.identity.credential }]);
    alice.group.accept(staged);
    joined.group.acceptPending();
    expect(agree([alice, { ...bob, group: joined.group }])).toBe(true);
    expect(alice.group.members()).toHaveLength(2);
  });

  test('who is removed learns it, can no longer act, and can be invited again', () => {
    const [alice, bob, carol] = members(suite, 'alice', 'bob', 'carol');
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
    const { commit } = alice.group.commit({ remove: [1] });
    const { summary, staged } = commitOf(bob.group.process(commit));
    expect(summary.selfRemoved).toBe(true);
    expect(summary.removed).toEqual([{ leafIndex: 1, credential: bob.identity.credential }]);
    bob.group.accept(staged);
    alice.group.acceptPending();
    deliver(commit, [carol]);
    expect(bob.group.isActive).toBe(false);
    expect(codeOf(() => bob.group.encrypt(bytes('x')))).toBe('inactive');
    expect(codeOf(() => bob.group.process(carol.group.encrypt(bytes('x'))))).toBe('inactive');
    expect(codeOf(() => bob.group.groupInfo())).toBe('inactive');

    const bundle = commitTo(alice, [carol], { add: [keyPackageOf(bob)] });
    const back = join(bob, bundle.welcome, alice.group.ratchetTree());
    expect(agree([alice, carol, back])).toBe(true);
  });

  test('who leaves by a self-remove is taken out by another’s commit, also by an external one', () => {
    const [alice, bob, carol] = members(suite, 'alice', 'bob', 'carol');
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
    const leaving = bob.group.propose({ selfRemove: true }, bytes('bye'));
    const proposal = alice.group.process(leaving);
    expect(proposal).toMatchObject({
      kind: 'proposal',
      type: 'selfRemove',
      authenticatedData: bytes('bye'),
    });
    carol.group.process(leaving);
    expect(codeOf(() => alice.group.encrypt(bytes('x')))).toBe('pendingProposals');

    const dave = device(suite, 'dave');
    const joined = Group.joinExternally(
      dave.store,
      dave.identity,
      alice.group.groupInfo(),
      alice.group.ratchetTree(),
      { proposals: [leaving] },
    );
    const { summary } = commitOf(alice.group.process(joined.commit));
    expect(summary.removed.map((member) => member.leafIndex)).toEqual([1]);

    const bundle = carol.group.commit();
    deliver(bundle.commit, [alice, bob]);
    carol.group.acceptPending();
    expect(bob.group.isActive).toBe(false);
    expect(agree([alice, carol])).toBe(true);
    expect(alice.group.members().map((member) => member.leafIndex)).toEqual([0, 2]);
  });

  test('proposals of others are covered by reference, and an own one can be taken back', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const carol = device(suite, 'carol');
    const add = bob.group.propose({ add: keyPackageOf(carol) });
    const update = bob.group.propose({ update: true });
    for (const proposal of [add, update]) alice.group.process(proposal);
    expect(alice.group.pendingProposals()).toHaveLength(2);
    expect(codeOf(() => alice.group.process(add))).toBe('duplicate');

    const [refused] = bob.group.pendingProposals();
    if (refused === undefined) throw new Error();
    bob.group.discardProposal(refused);
    expect(codeOf(() => bob.group.discardProposal(refused))).toBe('noSuchProposal');
    // Bob meets his own proposal again, as the hub sends it to everyone.
    expect(bob.group.process(add)).toMatchObject({ kind: 'own', contentType: 'proposal' });
    expect(bob.group.pendingProposals()).toHaveLength(2);

    const bundle = alice.group.commit();
    const { summary, staged } = commitOf(bob.group.process(bundle.commit));
    expect(summary.proposals.map(({ type, byReference }) => [type, byReference])).toEqual([
      ['add', true],
      ['update', true],
    ]);
    expect(summary.added.map((added) => hex(added.signatureKey))).toEqual([
      hex(carol.identity.signatureKey),
    ]);
    bob.group.accept(staged);
    alice.group.acceptPending();
    const third = join(carol, bundle.welcome, alice.group.ratchetTree());
    expect(agree([alice, bob, third])).toBe(true);
  });

  test('own messages are recognised, and an own commit is the one that is pending', () => {
    const [alice] = members(suite, 'alice', 'bob');
    if (alice === undefined) throw new Error();
    const message = alice.group.encrypt(bytes('echo'), { aad: bytes('tag') });
    expect(alice.group.process(message)).toMatchObject({
      kind: 'own',
      contentType: 'application',
      authenticatedData: bytes('tag'),
      sender: { type: 'member', leafIndex: 0 },
    });
    const { commit } = alice.group.commit({ update: true });
    expect(alice.group.process(commit)).toMatchObject({ kind: 'own', contentType: 'commit' });
    alice.group.acceptPending();
    expect(alice.group.epoch).toBe(2n);
  });

  test('an own commit that was discarded is refused when it comes back', () => {
    const [alice] = members(suite, 'alice', 'bob');
    if (alice === undefined) throw new Error();
    const { commit } = alice.group.commit({ update: true });
    alice.group.discardPending();
    expect(codeOf(() => alice.group.process(commit))).toBe('ownMessage');
  });

  test('exported secrets are equal for all members and differ by label, context and epoch', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const secret = alice.group.exportSecret('label', bytes('context'), 32);
    expect(secret).toHaveLength(32);
    expect(bob.group.exportSecret('label', bytes('context'), 32)).toEqual(secret);
    const others = [
      alice.group.exportSecret('other', bytes('context'), 32),
      alice.group.exportSecret('label', bytes('other'), 32),
    ];
    commitTo(alice, [bob], { update: true });
    others.push(alice.group.exportSecret('label', bytes('context'), 32));
    expect(new Set([secret, ...others].map(hex)).size).toBe(4);
  });

  test('padding hides the length of short messages, message by message', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const padded = ['', 'a', 'a longer one'].map((message) =>
      alice.group.encrypt(bytes(message), { paddingTo: 256 }),
    );
    expect(new Set(padded.map((message) => message.length)).size).toBe(1);
    expect(padded.map((message) => plaintextOf(bob.group.process(message)))).toEqual([
      '',
      'a',
      'a longer one',
    ]);
    const plain = alice.group.encrypt(bytes('a'));
    expect(plain.length).toBeLessThan(padded[0]?.length ?? 0);
  });

  test('messages of one sender are read in any order, each once', () => {
    const [alice, bob] = members(suite, 'alice', 'bob');
    if (alice === undefined || bob === undefined) throw new Error();
    const [first, second, third] = ['1', '2', '3'].map((m) => alice.group.encrypt(bytes(m)));
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    expect(plaintextOf(bob.group.process(third))).toBe('3');
    expect(plaintextOf(bob.group.process(first))).toBe('1');
    expect(plaintextOf(bob.group.process(second))).toBe('2');
    expect(codeOf(() => bob.group.process(second))).toBe('secretReuse');
  });
});

test('handles on the same group share its state', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const second = Group.load(alice.store, bytes('room'));
  if (second === undefined) throw new Error();
  commitTo(alice, [bob], { update: true });
  expect(second.epoch).toBe(2n);
  expect(plaintextOf(bob.group.process(second.encrypt(bytes('one state'))))).toBe('one state');
});

test('a deleted group is gone from the store and from its handles', () => {
  const alice = creator(1, 'alice');
  const second = Group.load(alice.store, bytes('room'));
  alice.group.delete();
  expect(Group.load(alice.store, bytes('room'))).toBeUndefined();
  expect(codeOf(() => second?.epoch)).toBe('noSuchGroup');
  expect(codeOf(() => alice.group.epoch)).toBe('disposed');
  expect(codeOf(() => Group.create(alice.store, alice.identity, bytes('room')))).toBe(
    'nothing thrown',
  );
});

test('an invitation to a group that the device is in already is refused', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const eve = creator(1, 'eve');
  const { welcome } = eve.group.commit({ add: [keyPackageOf(bob)] });
  eve.group.acceptPending();
  const before = stateOf(bob);
  expect(codeOf(() => join(bob, welcome, eve.group.ratchetTree()))).toBe('groupExists');
  expect(stateOf(bob)).toBe(before);
  commitTo(alice, [bob], { update: true });
});

test('who wants to leave cannot commit it, and a leaf removed twice over is removed once', () => {
  const [alice, bob, carol] = members(1, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const leaving = carol.group.propose({ selfRemove: true });
  expect(codeOf(() => carol.group.commit())).toBe('invalidProposal');
  const removing = bob.group.propose({ remove: 2 });
  for (const { group } of [alice, bob, carol]) {
    for (const proposal of [leaving, removing]) group.process(proposal);
  }
  commitTo(alice, [bob, carol]);
  expect(carol.group.isActive).toBe(false);
  expect(alice.group.members()).toHaveLength(2);
  expect(agree([alice, bob])).toBe(true);
});

test('an identity serves only in its own store', () => {
  const [alice, bob] = [device(1, 'alice'), device(1, 'bob')];
  expect(codeOf(() => Group.create(alice.store, bob.identity, bytes('room')))).toBe(
    'invalidArgument',
  );
  expect(codeOf(() => createKeyPackage(alice.store, bob.identity))).toBe('invalidArgument');
});

test('a second group of the same id is refused', () => {
  const alice = creator(1, 'alice');
  expect(codeOf(() => Group.create(alice.store, alice.identity, bytes('room')))).toBe(
    'groupExists',
  );
});
