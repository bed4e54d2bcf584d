// What bad input gets: a typed refusal, and a group that is exactly what it was.

import { describe, expect, test } from 'vitest';
import { type CipherSuite, Group, HubGroup, Identity } from '../../../ts/mls/index.ts';
import {
  bytes,
  codeOf,
  commitOf,
  creator,
  deliver,
  device,
  errorOf,
  keyPackageOf,
  type MemberDevice,
  members,
  plaintextOf,
  stateOf,
} from './devices.ts';

interface Pair {
  readonly alice: MemberDevice;
  readonly bob: MemberDevice;
}

function pair(): Pair {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  return { alice, bob };
}

/** The message with one byte changed. */
function flipped(message: Uint8Array, at: number): Uint8Array {
  const copy = message.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x01;
  return copy;
}

const messages: [name: string, make: (pair: Pair) => Uint8Array][] = [
  ['a commit', ({ alice }) => alice.group.commit({ update: true }).commit],
  ['a private message', ({ alice }) => alice.group.encrypt(bytes('hello'), { aad: bytes('aad') })],
  ['a proposal', ({ alice }) => alice.group.propose({ remove: 1 })],
];

describe.each(messages)('%s', (_name, make) => {
  test('truncated at any byte is refused and changes nothing', () => {
    const all = pair();
    const message = make(all);
    const before = stateOf(all.bob);
    for (let end = 0; end < message.length; end++) {
      expect(codeOf(() => all.bob.group.process(message.subarray(0, end)))).toBe('malformed');
    }
    expect(stateOf(all.bob)).toBe(before);
    expect(codeOf(() => all.bob.group.process(message))).toBe('nothing thrown');
  });

  test('changed at any byte is refused and changes nothing', () => {
    const all = pair();
    const message = make(all);
    const before = stateOf(all.bob);
    for (let at = 0; at < message.length; at++) {
      expect(codeOf(() => all.bob.group.process(flipped(message, at)))).not.toBe('nothing thrown');
    }
    expect(stateOf(all.bob)).toBe(before);
    expect(codeOf(() => all.bob.group.process(message))).toBe('nothing thrown');
  });

  test('with a byte more is refused', () => {
    const all = pair();
    const longer = new Uint8Array([...make(all), 0]);
    expect(codeOf(() => all.bob.group.process(longer))).toBe('malformed');
  });
});

test('a message of a later or past epoch is refused with both epochs', () => {
  const { alice, bob } = pair();
  const early = alice.group.encrypt(bytes('early'));
  const { commit } = alice.group.commit({ update: true });
  alice.group.acceptPending();
  const late = alice.group.encrypt(bytes('late'));
  const before = stateOf(bob);
  const error = errorOf(() => bob.group.process(late));
  expect([error?.code, error?.details.current, error?.details.got]).toEqual(['wrongEpoch', 1n, 2n]);
  expect(stateOf(bob)).toBe(before);
  deliver(commit, [bob]);
  expect(plaintextOf(bob.group.process(late))).toBe('late');
  expect(codeOf(() => bob.group.process(early))).toBe('wrongEpoch');
});

test('a message of another group is refused', () => {
  const { bob } = pair();
  const other = creator(1, 'eve', 'elsewhere');
  const before = stateOf(bob);
  expect(codeOf(() => bob.group.process(other.group.encrypt(bytes('x'))))).toBe('wrongGroup');
  expect(codeOf(() => bob.group.process(other.group.commit().commit))).toBe('wrongGroup');
  expect(stateOf(bob)).toBe(before);
});

test('bytes that are no MLS message, of another version or of another kind are told apart', () => {
  const { alice, bob } = pair();
  const keyPackage = keyPackageOf(device(1, 'carol'));
  const { welcome } = alice.group.commit({ add: [keyPackage] });
  const before = stateOf(bob);
  expect(codeOf(() => bob.group.process(new Uint8Array()))).toBe('malformed');
  expect(codeOf(() => bob.group.process(bytes('{"hello":"world"}')))).toBe('wrongVersion');
  expect(codeOf(() => bob.group.process(new Uint8Array([0, 1, 0, 99])))).toBe('malformed');
  expect(codeOf(() => bob.group.process(welcome ?? bytes('')))).toBe('wrongType');
  expect(stateOf(bob)).toBe(before);
});

test('an oversized message is refused with limit and size', () => {
  const { alice, bob } = pair();
  const limit = 2 ** 20;
  const error = errorOf(() => bob.group.process(new Uint8Array(limit + 1)));
  expect([error?.code, error?.details.limit, error?.details.size]).toEqual([
    'tooLarge',
    BigInt(limit),
    BigInt(limit + 1),
  ]);
  expect(codeOf(() => alice.group.encrypt(new Uint8Array(limit + 1)))).toBe('tooLarge');
  expect(codeOf(() => HubGroup.track(bytes(''), new Uint8Array(2 ** 24 + 1)))).toBe('malformed');
  const groupInfo = alice.group.groupInfo();
  expect(codeOf(() => HubGroup.track(groupInfo, new Uint8Array(2 ** 24 + 1)))).toBe('tooLarge');
});

test('a failed join keeps the key package for the next attempt', () => {
  const alice = creator(1, 'alice');
  const bob = device(1, 'bob');
  const { welcome } = alice.group.commit({ add: [keyPackageOf(bob)] });
  alice.group.acceptPending();
  if (welcome === undefined) throw new Error();
  const tree = alice.group.ratchetTree();
  const before = bob.store.rows();
  expect(codeOf(() => Group.join(bob.store, welcome))).toBe('invalidTree');
  expect(codeOf(() => Group.join(bob.store, welcome, bytes('no tree')))).toBe('malformed');
  const other = creator(1, 'eve').group.ratchetTree();
  expect(codeOf(() => Group.join(bob.store, welcome, other))).toBe('invalidGroupInfo');
  expect(codeOf(() => Group.join(bob.store, flipped(welcome, welcome.length - 1), tree))).toBe(
    'undecryptable',
  );
  for (let end = 0; end < welcome.length; end += 7) {
    expect(codeOf(() => Group.join(bob.store, welcome.subarray(0, end), tree))).toBe('malformed');
  }
  expect(bob.store.rows()).toEqual(before);
  expect(codeOf(() => Group.join(device(1, 'carol').store, welcome, tree))).toBe('noKeyPackage');
  expect(Group.join(bob.store, welcome, tree).epoch).toBe(1n);
});

test('a failed external join leaves the store as it was', () => {
  const { alice, bob } = pair();
  const groupInfo = alice.group.groupInfo();
  const tree = alice.group.ratchetTree();
  const before = bob.store.rows();
  const joining = (info: Uint8Array, by?: Uint8Array): unknown =>
    Group.joinExternally(bob.store, bob.identity, info, by);
  expect(codeOf(() => joining(groupInfo))).toBe('invalidTree');
  expect(codeOf(() => joining(groupInfo, creator(1, 'eve').group.ratchetTree()))).not.toBe(
    'nothing thrown',
  );
  expect(codeOf(() => joining(flipped(groupInfo, groupInfo.length - 1), tree))).toBe(
    'invalidGroupInfo',
  );
  expect(codeOf(() => joining(groupInfo.subarray(0, 40), tree))).toBe('malformed');
  const other = creator(2, 'eve').group;
  expect(codeOf(() => joining(other.groupInfo(), other.ratchetTree()))).toBe('wrongSuite');
  expect(bob.store.rows()).toEqual(before);
});

test('what cannot be committed is refused before anything changes', () => {
  const { alice, bob } = pair();
  const before = stateOf(alice);
  expect(codeOf(() => alice.group.commit({ remove: [7] }))).toBe('notAMember');
  expect(codeOf(() => alice.group.commit({ remove: [0] }))).toBe('invalidProposal');
  expect(codeOf(() => alice.group.commit({ add: [bytes('nobody')] }))).toBe('wrongVersion');
  expect(codeOf(() => alice.group.commit({ add: [keyPackageOf(device(2, 'carol'))] }))).toBe(
    'wrongSuite',
  );
  expect(codeOf(() => alice.group.commit({ add: [keyPackageOf(bob)] }))).toBe('invalidProposal');
  expect(codeOf(() => alice.group.propose({ remove: 7 }))).toBe('notAMember');
  expect(codeOf(() => alice.group.encrypt(bytes('x'), { paddingTo: 2 ** 20 }))).toBe(
    'invalidArgument',
  );
  expect(codeOf(() => alice.group.exportSecret('label', bytes(''), 2 ** 16))).toBe(
    'invalidArgument',
  );
  expect(stateOf(alice)).toBe(before);
});

test('a commit over a proposal that never arrived is refused, and goes through once it has', () => {
  const [alice, bob, carol] = members(1, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const proposal = bob.group.propose({ update: true });
  alice.group.process(proposal);
  const { commit } = alice.group.commit();
  const before = stateOf(carol);
  expect(codeOf(() => carol.group.process(commit))).toBe('invalidCommit');
  expect(stateOf(carol)).toBe(before);
  carol.group.process(proposal);
  expect(commitOf(carol.group.process(commit)).summary.updated).toHaveLength(2);
});

test('a proposal to remove nobody is refused before it can block commits', () => {
  const [alice, bob, carol] = members(1, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const hub = HubGroup.track(alice.group.groupInfo(), alice.group.ratchetTree());
  const proposal = bob.group.propose({ remove: 2 });
  // The same proposal where the target is gone: it is of a past epoch then, so it is refused for that.
  const { commit } = alice.group.commit({ remove: [2] });
  hub.apply(hub.process(commit));
  expect(codeOf(() => hub.process(proposal))).toBe('wrongEpoch');
});

test('a disposed handle, a missing argument and a wrong handle are typed errors', () => {
  const { alice, bob } = pair();
  const nothing = undefined as unknown as Uint8Array;
  expect(codeOf(() => alice.group.process(nothing))).toBe('invalidArgument');
  expect(codeOf(() => alice.group.commit({ add: [nothing] }))).toBe('invalidArgument');
  expect(codeOf(() => HubGroup.restore(nothing))).toBe('invalidArgument');
  for (const index of [-1, 1.5, Number.NaN, 2 ** 32]) {
    expect(codeOf(() => alice.group.commit({ remove: [index] }))).toBe('invalidArgument');
    expect(codeOf(() => alice.group.propose({ remove: index }))).toBe('invalidArgument');
    expect(codeOf(() => alice.group.encrypt(bytes(''), { paddingTo: index }))).toBe(
      'invalidArgument',
    );
  }
  expect(codeOf(() => Identity.create(alice.store, 1, { type: 2 ** 16 + 1, bytes: nothing }))).toBe(
    'invalidArgument',
  );
  expect(codeOf(() => device(7 as CipherSuite, 'eve'))).toBe('wrongSuite');
  alice.group[Symbol.dispose]();
  alice.group[Symbol.dispose]();
  expect(codeOf(() => alice.group.epoch)).toBe('disposed');
  alice.store[Symbol.dispose]();
  expect(codeOf(() => alice.store.pending())).toBe('disposed');
  expect(codeOf(() => bob.group.epoch)).toBe('nothing thrown');
});
