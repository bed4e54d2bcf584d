// The forward-secure exporter (draft-ietf-mls-extensions, section 4.4): one secret a component and epoch, once; equal
// for all members, and there for the committer before its commit is accepted.

import { describe, expect, test } from 'vitest';
import { Group, MemberStore } from '../../../ts/mls/index.ts';
import { bytes, codeOf, device, hex, keyPackageOf, plaintextOf, stateOf } from './devices.ts';
import { change, commitAll, follow, joinRoom, NAME, pair, required, room } from './rooms.ts';

const ROOT = 0x8010;
const OTHER = 0x8011;

describe.each(['public', 'private'] as const)('%s handshakes', (handshakes) => {
  const options = { handshakes, required };

  test('all members export the same 32 bytes, once; other components and epochs give others', () => {
    const [alice, bob] = pair(options);
    const secret = alice.group.exportSafely(ROOT);
    expect(secret).toHaveLength(32);
    expect(bob.group.exportSafely(ROOT)).toEqual(secret);
    for (const { group } of [alice, bob]) {
      expect(codeOf(() => group.exportSafely(ROOT))).toBe('exportedBefore');
    }
    const others = [alice.group.exportSafely(OTHER), alice.group.exportSafely(0xfffe)];
    commitAll(alice, [bob], { update: true });
    others.push(alice.group.exportSafely(ROOT));
    expect(bob.group.exportSafely(ROOT)).toEqual(others[2]);
    expect(new Set([secret, ...others].map(hex)).size).toBe(4);
  });

  test('what was exported stays exported after a reload from the rows', () => {
    const [alice] = pair(options);
    alice.group.exportSafely(ROOT);
    alice.group.commit({ update: true });
    alice.group.exportPending(ROOT);
    const store = MemberStore.restore(alice.store.rows());
    const group = Group.load(store, bytes('room'));
    if (group === undefined) throw new Error();
    expect(codeOf(() => group.exportSafely(ROOT))).toBe('exportedBefore');
    expect(codeOf(() => group.exportPending(ROOT))).toBe('exportedBefore');
    group.acceptPending();
    expect(codeOf(() => group.exportSafely(ROOT))).toBe('exportedBefore');
    expect(group.exportSafely(OTHER)).toHaveLength(32);
  });

  test('the pending commit’s secret is what its receivers and the Welcome joiner export after it', () => {
    const [alice, bob] = pair(options);
    const carol = device(1, 'carol');
    const bundle = alice.group.commit({
      add: [keyPackageOf(carol)],
      components: [change(NAME, 'after')],
    });
    const secret = alice.group.exportPending(ROOT);
    expect(codeOf(() => alice.group.exportPending(ROOT))).toBe('exportedBefore');
    alice.group.acceptPending();
    follow(bundle.commit, bob);
    const joined = joinRoom(carol, bundle, alice, handshakes);
    expect(bob.group.exportSafely(ROOT)).toEqual(secret);
    expect(joined.group.exportSafely(ROOT)).toEqual(secret);
    expect(codeOf(() => alice.group.exportSafely(ROOT))).toBe('exportedBefore');
  });

  test('after exportPending and discardPending the epoch goes on: messages, its own secret, a new commit with its secret', () => {
    const [alice, bob] = pair(options);
    alice.group.commit({ update: true });
    const dropped = alice.group.exportPending(ROOT);
    alice.group.discardPending();
    expect(codeOf(() => alice.group.exportPending(ROOT))).toBe('noPendingCommit');
    expect(plaintextOf(bob.group.process(alice.group.encrypt(bytes('still here'))))).toBe(
      'still here',
    );
    expect(alice.group.exportSafely(ROOT)).toEqual(bob.group.exportSafely(ROOT));
    const { commit } = alice.group.commit({ update: true });
    const secret = alice.group.exportPending(ROOT);
    expect(secret).not.toEqual(dropped);
    alice.group.acceptPending();
    follow(commit, bob);
    expect(bob.group.exportSafely(ROOT)).toEqual(secret);
  });

  test('after exportPending a competitor’s commit merges and exports', () => {
    const [alice, bob] = pair(options);
    alice.group.commit({ update: true });
    const lost = alice.group.exportPending(ROOT);
    const { commit } = bob.group.commit({ update: true });
    const secret = bob.group.exportPending(ROOT);
    follow(commit, alice);
    bob.group.acceptPending();
    expect(alice.group.exportSafely(ROOT)).toEqual(secret);
    expect(secret).not.toEqual(lost);
    expect(codeOf(() => alice.group.exportPending(ROOT))).toBe('noPendingCommit');
  });

  test('who joins from outside exports the new epoch’s secret before it is accepted', () => {
    const [alice, bob] = pair(options);
    const carol = device(1, 'carol');
    const { group, commit } = Group.joinExternally(
      carol.store,
      carol.identity,
      alice.group.groupInfo(),
      alice.group.ratchetTree(),
      { handshakes },
    );
    expect(codeOf(() => group.exportSafely(ROOT))).toBe('pendingCommit');
    const secret = group.exportPending(ROOT);
    expect(codeOf(() => group.exportPending(ROOT))).toBe('exportedBefore');
    group.acceptPending();
    follow(commit, alice, bob);
    expect(alice.group.exportSafely(ROOT)).toEqual(secret);
    expect(codeOf(() => group.exportSafely(ROOT))).toBe('exportedBefore');
  });
});

test('who was removed exports nothing, and a component is a number of two bytes', () => {
  const [alice, bob] = pair({});
  commitAll(alice, [bob], { remove: [1] });
  expect(codeOf(() => bob.group.exportSafely(ROOT))).toBe('inactive');
  expect(codeOf(() => bob.group.exportPending(ROOT))).toBe('noPendingCommit');
  const before = stateOf(alice);
  for (const component of [-1, 0x1_0000, 1.5]) {
    expect(codeOf(() => alice.group.exportSafely(component))).toBe('invalidArgument');
    expect(codeOf(() => alice.group.exportPending(component))).toBe('invalidArgument');
  }
  expect(stateOf(alice)).toBe(before);
  const [alone] = room({}, 'alone');
  expect(alone?.group.exportSafely(0)).toHaveLength(32);
});
