// What a group is created with, how its handshakes travel, and what an outsider named in it may propose.

import { expect, test } from 'vitest';
import {
  type CommitOptions,
  createKeyPackage,
  externalRemove,
  Group,
  type GroupOptions,
  generateSignatureKeyPair,
  Identity,
  inspectKeyPackage,
  MemberStore,
  PSEUDONYM_CREDENTIAL,
} from '../../../ts/mls/index.ts';
import {
  agree,
  bytes,
  codeOf,
  commitOf,
  creator,
  type Device,
  device,
  errorOf,
  keyPackageOf,
  plaintextOf,
} from './devices.ts';
import {
  change,
  commitAll,
  follow,
  hubCommit,
  hubOf,
  NAME,
  pair,
  ROLES,
  required,
  room,
} from './rooms.ts';

const privately = { handshakes: 'private' } as const;

function pseudonymous(name: string): Device {
  const store = MemberStore.create();
  const credential = { type: PSEUDONYM_CREDENTIAL, bytes: bytes(name) };
  return { name, store, identity: Identity.create(store, 1, credential) };
}

test('a group begins with its components, for members, joiners and the hub', () => {
  const components = [
    { id: NAME, data: bytes('clubhouse') },
    { id: ROLES, data: new Uint8Array() },
  ];
  const [alice, bob] = pair({ components, required });
  const hub = hubOf(alice);
  for (const view of [alice.group, bob.group, hub]) {
    expect(view.components()).toEqual(components);
    expect(view.component(NAME)).toEqual(bytes('clubhouse'));
    expect(view.component(ROLES)).toEqual(new Uint8Array());
    expect(view.component(ROLES + 1)).toBeUndefined();
    expect(view.groupContext()).toEqual(alice.group.groupContext());
  }
  const plain = creator(1, 'alice', 'plain').group;
  expect(plain.components()).toEqual([]);
  expect(plain.component(NAME)).toBeUndefined();
});

test('a component named twice, and numbers out of range, are refused', () => {
  const { store, identity } = device(1, 'alice');
  const create = (options: Parameters<typeof Group.create>[3]): string =>
    codeOf(() => Group.create(store, identity, bytes('room'), options));
  const twice = { id: NAME, data: bytes('x') };
  expect(create({ components: [twice, twice] })).toBe('invalidArgument');
  expect(create({ components: [{ id: 0x1_0000, data: bytes('x') }] })).toBe('invalidArgument');
  expect(create({ handshakes: 'secret' as 'private' })).toBe('invalidArgument');
  expect(create({ lifetime: { notBefore: 2, notAfter: 1 } })).toBe('invalidArgument');
  expect(create({})).toBe('nothing thrown');
  expect(create({})).toBe('groupExists');
});

test('who lacks a required capability can neither create the group nor be added', () => {
  const create = (type: number, options: GroupOptions): Group => {
    const store = MemberStore.create();
    const identity = Identity.create(store, 1, { type, bytes: bytes('alice') });
    return Group.create(store, identity, bytes('room'), options);
  };
  const unusual = { required: { ...required, credentials: [0xf00d] } };
  expect(codeOf(() => create(1, unusual))).toBe('invalidArgument');
  const group = create(0xf00d, unusual);
  const bob = keyPackageOf(device(1, 'bob'));
  expect(codeOf(() => group.commit({ add: [bob] }))).toBe('invalidProposal');
  const ours = create(1, { required: { ...required, credentials: [PSEUDONYM_CREDENTIAL] } });
  expect(codeOf(() => ours.commit({ add: [bob] }))).toBe('nothing thrown');
});

test('the lifetime of the creator’s leaf can be rounded', () => {
  const week = 7 * 24 * 3600;
  const notBefore = Math.floor(Date.now() / 1000 / week) * week;
  const [alice] = room({ lifetime: { notBefore, notAfter: notBefore + 12 * week } }, 'alice');
  const encoded = Buffer.alloc(16);
  encoded.writeBigUInt64BE(BigInt(notBefore));
  encoded.writeBigUInt64BE(BigInt(notBefore + 12 * week), 8);
  expect(Buffer.from(alice?.group.ratchetTree() ?? []).indexOf(encoded)).toBeGreaterThan(0);
});

test('in a private group commits and proposals are PrivateMessages, and public ones are refused', () => {
  const [alice, bob] = pair(privately);
  const { commit } = commitAll(alice, [bob], { update: true, aad: bytes('aad') });
  // WireFormat of MLSMessage: 2 is mls_private_message, 1 mls_public_message.
  expect([...commit.subarray(0, 4)]).toEqual([0, 1, 0, 2]);
  const proposal = bob.group.propose({ update: true });
  expect([...proposal.subarray(0, 4)]).toEqual([0, 1, 0, 2]);
  expect(alice.group.process(proposal)).toMatchObject({ kind: 'proposal', type: 'update' });
  commitAll(alice, [bob]);
  expect(agree([alice, bob])).toBe(true);

  const group = Group.load(bob.store, bytes('room'));
  group?.setHandshakes('public');
  const open = bob.group.commit({ update: true }).commit;
  expect([...open.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
  expect(codeOf(() => alice.group.process(open))).toBe('wrongWireFormat');
  expect(codeOf(() => bob.group.propose({ selfRemove: true }))).toBe('pendingCommit');
  alice.group.setHandshakes('public');
  follow(open, alice);
  bob.group.acceptPending();
  expect(agree([alice, bob])).toBe(true);
});

test('a self-remove is refused where handshakes are private, a proposed Remove of oneself is not', () => {
  const [alice, bob] = pair(privately);
  expect(codeOf(() => bob.group.propose({ selfRemove: true }))).toBe('invalidProposal');
  const leaving = bob.group.propose({ remove: bob.group.ownLeafIndex });
  alice.group.process(leaving);
  const { commit } = commitAll(alice, []);
  expect(commitOf(bob.group.process(commit)).summary).toMatchObject({ selfRemoved: true });
});

test('encrypting with another padding keeps handshakes private, also after a reload', () => {
  const [alice, bob] = pair(privately);
  expect(plaintextOf(bob.group.process(alice.group.encrypt(bytes('a'), { paddingTo: 512 })))).toBe(
    'a',
  );
  const { commit } = alice.group.commit({ update: true });
  expect([...commit.subarray(0, 4)]).toEqual([0, 1, 0, 2]);
  const rows = MemberStore.restore(alice.store.rows());
  const again = Group.load(rows, bytes('room'));
  again?.discardPending();
  expect([...(again?.commit({ update: true }).commit.subarray(0, 4) ?? [])]).toEqual([0, 1, 0, 2]);
});

test('private commits and proposals are padded to the size that is asked for', () => {
  const [alice, bob] = pair(privately);
  const size = (paddingTo: number, options: CommitOptions): number => {
    const { length } = alice.group.commit({ ...options, paddingTo }).commit;
    alice.group.discardPending();
    return length;
  };
  const long = { components: [change(NAME, 'after')], update: true };
  const short = { ...long, update: false };
  expect(size(0, long)).not.toBe(size(0, short));
  expect(size(2048, long)).toBe(size(2048, short));
  expect(size(2048, short)).toBeGreaterThan(2048);
  const proposals = [0, 1024].map((paddingTo) => {
    return bob.group.propose({ update: true }, undefined, paddingTo).length;
  });
  expect(proposals[1]).toBeGreaterThan(1024);
  expect(proposals[0]).toBeLessThan(1024);
  expect(codeOf(() => size(65_537, short))).toBe('invalidArgument');
  expect(codeOf(() => size(0.5, short))).toBe('invalidArgument');
  const [open] = pair();
  expect(codeOf(() => open.group.commit({ paddingTo: 65_537 }))).toBe('invalidArgument');
  const { length } = open.group.commit({ paddingTo: 2048 }).commit;
  expect(length).toBeLessThan(1024);
});

test('a private commit that is discarded stays refused; a competitor’s merges', () => {
  const [alice, bob, carol] = room(privately, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const [first, second] = [alice, bob].map(({ group }) => group.commit({ update: true }).commit);
  if (first === undefined || second === undefined) throw new Error();
  carol.group.discard(commitOf(carol.group.process(first)).staged);
  expect(codeOf(() => carol.group.process(first))).toBe('secretReuse');
  follow(second, carol, alice);
  bob.group.acceptPending();
  expect(agree([alice, bob, carol])).toBe(true);
});

test('an own private commit comes back as own', () => {
  const [alice] = pair(privately);
  const { commit } = alice.group.commit({ update: true });
  expect(alice.group.process(commit)).toMatchObject({ kind: 'own', contentType: 'commit' });
  alice.group.acceptPending();
});

test('who joins a private group from outside commits in public and privately from then on', () => {
  const [alice, bob] = pair(privately);
  const carol = device(1, 'carol');
  const tree = alice.group.ratchetTree();
  const info = alice.group.groupInfo();
  const joined = Group.joinExternally(carol.store, carol.identity, info, tree, privately);
  expect([...joined.commit.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
  follow(joined.commit, alice, bob);
  joined.group.acceptPending();
  expect(joined.groupContext).toEqual(alice.group.groupContext());
  const { commit } = commitAll({ ...carol, group: joined.group }, [alice, bob], { update: true });
  expect([...commit.subarray(0, 4)]).toEqual([0, 1, 0, 2]);
});

test('an external commit replaces the joiner’s leaf when the signature key is the same, not when it is another', () => {
  for (const same of [true, false]) {
    const [alice, bob] = pair();
    const carol = device(1, 'bob');
    const by = same ? bob : carol;
    const tree = alice.group.ratchetTree();
    const { commit, group } = Group.joinExternally(
      by.store,
      by.identity,
      alice.group.groupInfo(),
      tree,
    );
    const processed = commitOf(alice.group.process(commit));
    expect(processed.summary.removed.map(({ leafIndex }) => leafIndex)).toEqual(same ? [1] : []);
    alice.group.accept(processed.staged);
    group.acceptPending();
    expect(alice.group.members()).toHaveLength(same ? 2 : 3);
    expect(group.epochAuthenticator()).toEqual(alice.group.epochAuthenticator());
  }
});

test('the hub as an external sender proposes a Remove that everybody takes and a commit covers', () => {
  for (const handshakes of ['public', 'private'] as const) {
    const { publicKey, privateKey } = generateSignatureKeyPair(1);
    const sender = { signatureKey: publicKey, credential: { type: 1, bytes: bytes('hub') } };
    const [alice, bob, carol] = room(
      { externalSenders: [sender], handshakes },
      'alice',
      'bob',
      'carol',
    );
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
    const hub = hubOf(alice);
    const about = { groupId: hub.groupId, epoch: hub.epoch, senderIndex: 0, leafIndex: 2 };
    const remove = externalRemove(1, privateKey, about);
    const found = hub.process(remove);
    expect(found).toMatchObject({ kind: 'proposal', type: 'remove', removed: 2 });
    expect(found).toMatchObject({ sender: { type: 'external', index: 0 } });
    hub.apply(found);
    for (const { group } of [alice, bob, carol]) {
      expect(group.process(remove)).toMatchObject({ kind: 'proposal', type: 'remove' });
    }
    const { commit } = alice.group.commit();
    if (handshakes === 'public') {
      const { summary } = hubCommit(hub, commit);
      expect(summary).toMatchObject({ omittedProposals: [], removed: [{ leafIndex: 2 }] });
    }
    follow(commit, bob, carol);
    alice.group.acceptPending();
    expect(carol.group.isActive).toBe(false);

    const wrongKey = generateSignatureKeyPair(1).privateKey;
    const epoch = alice.group.epoch;
    const refusals = [
      [externalRemove(1, wrongKey, { ...about, epoch, leafIndex: 1 }), 'invalidSignature'],
      [externalRemove(1, privateKey, { ...about, epoch, leafIndex: 7 }), 'notAMember'],
      [
        externalRemove(1, privateKey, { ...about, epoch, senderIndex: 1, leafIndex: 1 }),
        'notAMember',
      ],
      [remove, 'wrongEpoch'],
    ] as const;
    for (const [message, code] of refusals) {
      expect(codeOf(() => alice.group.process(message))).toBe(code);
    }
  }
  expect(
    errorOf(() =>
      externalRemove(1, bytes('no key'), {
        groupId: bytes('room'),
        epoch: 0n,
        senderIndex: 0,
        leafIndex: 0,
      }),
    )?.code,
  ).toBe('invalidArgument');
});

test('a key package of a pseudonymous credential joins like any other', () => {
  const alice = pseudonymous('a1');
  const bob = pseudonymous('b1');
  const group = Group.create(alice.store, alice.identity, bytes('room'), { required });
  const { keyPackage } = createKeyPackage(bob.store, bob.identity);
  expect(inspectKeyPackage(keyPackage).credential.type).toBe(PSEUDONYM_CREDENTIAL);
  const { welcome } = group.commit({ add: [keyPackage] });
  group.acceptPending();
  if (welcome === undefined) throw new Error();
  const joined = Group.join(bob.store, welcome, group.ratchetTree());
  expect(joined.members()[1]?.credential).toEqual(bob.identity.credential);
});
