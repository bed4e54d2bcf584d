// Saving and restoring a device: the journal of rows, and groups that go on from the saved ones.

import { describe, expect, test } from 'vitest';
import { Group, Identity, MemberStore, type Row } from '../../../ts/mls/index.ts';
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
  type MemberDevice,
  members,
  plaintextOf,
  suites,
} from './devices.ts';

/** A disk: applies what is pending, as a host would. */
class Disk {
  readonly #rows = new Map<string, Row>();

  save(store: MemberStore): void {
    const { upTo, rows } = store.pending();
    for (const row of rows) {
      if (row.value === undefined) this.#rows.delete(hex(row.key));
      else this.#rows.set(hex(row.key), row);
    }
    store.confirm(upTo);
  }

  /** The device as a restart finds it. */
  restart(of: MemberDevice): MemberDevice {
    const store = MemberStore.restore(this.#rows.values());
    const identity = Identity.load(store, of.identity.signatureKey);
    const group = Group.load(store, bytes('room'));
    if (group === undefined) throw new Error('the group was not saved');
    return { name: of.name, store, identity, group };
  }
}

describe.each(suites)('cipher suite %i', (suite) => {
  test('a device restored from its saved rows goes on at every step', () => {
    const disks = { alice: new Disk(), bob: new Disk() };
    const restart = (of: MemberDevice, disk: Disk): MemberDevice => {
      disk.save(of.store);
      return disk.restart(of);
    };
    let alice = restart(creator(suite, 'alice'), disks.alice);
    const bobAlone = device(suite, 'bob');
    const { welcome } = alice.group.commit({ add: [keyPackageOf(bobAlone)] });
    alice = restart(alice, disks.alice);
    expect(alice.group.hasPendingCommit).toBe(true);
    alice.group.acceptPending();
    alice = restart(alice, disks.alice);
    let bob = restart(join(bobAlone, welcome, alice.group.ratchetTree()), disks.bob);
    expect(agree([alice, bob])).toBe(true);

    const [first, second] = ['1', '2'].map((message) => alice.group.encrypt(bytes(message)));
    if (first === undefined || second === undefined) throw new Error();
    alice = restart(alice, disks.alice);
    expect(plaintextOf(bob.group.process(second))).toBe('2');
    bob = restart(bob, disks.bob);
    expect(codeOf(() => bob.group.process(second))).toBe('secretReuse');
    expect(plaintextOf(bob.group.process(first))).toBe('1');
    expect(plaintextOf(bob.group.process(alice.group.encrypt(bytes('3'))))).toBe('3');

    const proposal = bob.group.propose({ update: true });
    bob = restart(bob, disks.bob);
    alice.group.process(proposal);
    alice = restart(alice, disks.alice);
    const { commit } = alice.group.commit();
    alice = restart(alice, disks.alice);
    alice.group.acceptPending();
    deliver(commit, [bob]);
    bob = restart(bob, disks.bob);
    expect(agree([alice, bob])).toBe(true);
    commitTo(bob, [alice], { update: true });
    expect(plaintextOf(alice.group.process(bob.group.encrypt(bytes('on'))))).toBe('on');
  });
});

test('a pending external join survives a restart, and can then be accepted or discarded', () => {
  const [alice] = members(1, 'alice', 'bob');
  if (alice === undefined) throw new Error();
  for (const accept of [true, false]) {
    const carol = device(1, `carol ${accept}`);
    const joined = Group.joinExternally(
      carol.store,
      carol.identity,
      alice.group.groupInfo(),
      alice.group.ratchetTree(),
    );
    const disk = new Disk();
    disk.save(carol.store);
    const restored = disk.restart({ ...carol, group: joined.group });
    expect(restored.group.hasPendingCommit).toBe(true);
    if (accept) {
      alice.group.accept(commitOf(alice.group.process(joined.commit)).staged);
      restored.group.acceptPending();
      expect(agree([alice, restored])).toBe(true);
    } else {
      restored.group.discardPending();
      disk.save(restored.store);
      expect(Group.load(restored.store, bytes('room'))).toBeUndefined();
    }
  }
});

test('rows stay pending until confirmed, so that a failed write loses nothing', () => {
  const alice = creator(1, 'alice');
  const failed = alice.store.pending();
  expect(alice.store.pending()).toEqual(failed);
  alice.group.encrypt(bytes('more'));
  const later = alice.store.pending();
  expect(later.rows.length).toBeGreaterThanOrEqual(failed.rows.length);
  alice.store.confirm(failed.upTo);
  const changed = alice.store.pending();
  expect(changed.rows.length).toBeGreaterThan(0);
  expect(changed.rows.length).toBeLessThan(later.rows.length);
  alice.store.confirm(changed.upTo);
  expect(alice.store.pending().rows).toEqual([]);
});

test('a deleted row is pending as such', () => {
  const alice = creator(1, 'alice');
  alice.store.confirm(alice.store.pending().upTo);
  alice.group.delete();
  const { rows } = alice.store.pending();
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every((row) => row.value === undefined)).toBe(true);
});

test('what was restored is not pending', () => {
  const alice = creator(1, 'alice');
  expect(MemberStore.restore(alice.store.rows()).pending().rows).toEqual([]);
});

test('damaged rows are a typed error', () => {
  const alice = creator(1, 'alice');
  const rows = alice.store.rows();
  for (const damaged of rows.keys()) {
    const store = MemberStore.restore(
      rows.map((row, index) =>
        index === damaged ? { key: row.key, value: row.value?.subarray(0, 1) } : row,
      ),
    );
    expect(['damagedStore', 'nothing thrown']).toContain(
      codeOf(() => Group.load(store, bytes('room'))),
    );
  }
  const another = rows.map(({ key, value }) => ({ key, value: value?.map(() => 9) }));
  expect(codeOf(() => Group.load(MemberStore.restore(another), bytes('room')))).toBe(
    'damagedStore',
  );
});

test('a group that the store does not have is undefined, an identity an error', () => {
  const store = MemberStore.create();
  expect(Group.load(store, bytes('room'))).toBeUndefined();
  expect(codeOf(() => Identity.load(store, new Uint8Array(32)))).toBe('noSuchIdentity');
});
