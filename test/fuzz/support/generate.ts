// Writes fuzz/corpus anew: the prepared groups, and for every target valid inputs made for those very groups.
// `npm run fuzz -- --generate`; needed when the format of rows or snapshots changes.

import { createHmac } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  type CipherSuite,
  createKeyPackage,
  Group,
  HubGroup,
  MemberStore,
  verifyWithLabel,
} from '../../../ts/mls/index.ts';
import {
  bytes,
  commitTo,
  creator,
  type Device,
  device,
  join,
  keyPackageOf,
  type MemberDevice,
} from '../../unit/mls/devices.ts';
import { change } from '../../unit/mls/rooms.ts';
import { concat, importInputs, primitiveInputs, put } from './generate_keys.ts';
import { Fields, groupContextOf } from './insider.ts';
import { joinParts, splitParts } from './parts.ts';
import {
  bytesOf,
  bytesOfRows,
  clockFile,
  corpusFolder,
  type Prepared,
  stateFile,
  suites,
} from './prepared.ts';

const empty = new Uint8Array();
/** What stands in a PublicMessage between the authenticated data and the signature. */
interface Handshake {
  readonly content: Uint8Array;
  readonly toSign: Uint8Array;
  readonly auth: Uint8Array;
  readonly membershipTag: Uint8Array;
}

/** Takes a PublicMessage of alice apart; the end of its content is where her signature holds. */
function takeApart(suite: CipherSuite, message: Uint8Array, context: Uint8Array, key: Uint8Array) {
  const sender = new Fields(message, 4).skipVector().skip(8).at;
  const isMember = message[sender] === 1;
  const start = new Fields(message, sender).skip(isMember ? 5 : 1).skipVector().at;
  for (let at = start + 1; at < message.length - 60; at++) {
    const end = new Fields(message, at).skipVector().at;
    if (end - at < 62 || end - at > 80 || end > message.length) continue;
    const toSign = concat(message.subarray(0, at), context);
    if (!verifyWithLabel(suite, key, 'FramedContentTBS', toSign, message.subarray(at + 2, end))) {
      continue;
    }
    const tagLength = isMember ? 33 : 0;
    const found: Handshake = {
      content: message.slice(start, at),
      toSign,
      auth: message.slice(at, message.length - tagLength),
      membershipTag: message.slice(message.length - 32),
    };
    return found;
  }
  throw new Error('no signature found');
}

/** The membership key lies somewhere in the member's rows; it is the one that makes the tag. */
function findMembershipKey(of: MemberDevice, { toSign, auth, membershipTag }: Handshake) {
  for (const { value } of of.store.rows()) {
    for (let at = 0; value !== undefined && at + 32 <= value.length; at++) {
      const key = value.slice(at, at + 32);
      const tag = createHmac('sha256', key).update(concat(toSign, auth)).digest();
      if (tag.equals(membershipTag)) return key;
    }
  }
  throw new Error('no membership key found');
}

/** Makes a commit that never happens. */
function branch(of: MemberDevice, options: Parameters<Group['commit']>[0] = {}) {
  const bundle = of.group.commit(options);
  of.group.discardPending();
  return bundle;
}

function prepare(suite: CipherSuite): void {
  const select = Uint8Array.of(suites.indexOf(suite));
  const name = (text: string): string => `${text}-${suite}`;
  const alice = creator(suite, 'alice', `room ${suite}`);
  const hub = HubGroup.track(alice.group.groupInfo(), alice.group.ratchetTree());
  const tell = (commit: Uint8Array): void => hub.apply(hub.process(commit));
  const guests = ['bob', 'dave', 'erin', 'frank'].map((guest) => device(suite, guest));
  const { commit, welcome } = alice.group.commit({ add: guests.map(keyPackageOf) });
  alice.group.acceptPending();
  tell(commit);
  const tree = alice.group.ratchetTree();
  const [bob, dave, erin, frank] = guests.map((guest) => join(guest, welcome, tree));
  if (!bob || !dave || !erin || !frank) throw new Error('four guests');
  const everyone = [alice, bob, dave, erin, frank];
  const others = (by: Device) => everyone.filter((one) => one !== by);
  // Leaves that were renewed by a commit have no lifetime; blank nodes and unmerged leaves belong in a tree, too.
  for (const one of [bob, dave, frank]) tell(commitTo(one, others(one), { update: true }).commit);
  everyone.splice(3, 1);
  tell(commitTo(alice, [bob, dave, frank], { remove: [3] }).commit);

  const carol = device(suite, 'carol');
  const added = createKeyPackage(carol.store, carol.identity);
  const lastResort = createKeyPackage(carol.store, carol.identity, { lastResort: true });
  const carolRows = carol.store.rows();
  const groupInfo = alice.group.groupInfo();
  const fullTree = alice.group.ratchetTree();

  const changes = [change(0x8001, 'one component'), change(0x8002, 'another')];
  const commits = {
    empty: branch(alice),
    update: branch(alice, { update: true, aad: bytes('authenticated') }),
    add: branch(alice, { add: [added.keyPackage] }),
    'add-two': branch(alice, { add: [added.keyPackage, keyPackageOf(device(suite, 'gina'))] }),
    remove: branch(alice, { remove: [2] }),
    'remove-bob': branch(alice, { remove: [1] }),
    'of-frank': branch(frank, { remove: [2] }),
    components: branch(alice, { components: changes }),
  };
  const waiting = dave.group.propose({ update: true });
  for (const { group } of [alice, bob]) group.process(waiting);
  tell(waiting);
  const carolJoins = externalJoin(carol, groupInfo, fullTree);
  const daveReturns = externalJoin(dave, groupInfo, fullTree);
  const proposals = {
    add: frank.group.propose({ add: added.keyPackage }),
    remove: frank.group.propose({ remove: 2 }, bytes('aad')),
    'self-remove': frank.group.propose({ selfRemove: true }),
    update: frank.group.propose({ update: true }),
  };
  frank.group.clearProposals();
  const handshakes: Record<string, Uint8Array> = {
    'commit-by-reference': branch(alice).commit,
    'commit-external': carolJoins.commit,
    'commit-external-return': daveReturns.commit,
  };
  for (const [kind, made] of Object.entries(commits)) handshakes[`commit-${kind}`] = made.commit;
  for (const [kind, made] of Object.entries(proposals)) handshakes[`proposal-${kind}`] = made;
  const messages: Record<string, Uint8Array> = {
    ...handshakes,
    'message-empty': frank.group.encrypt(empty),
    'message-padded': frank.group.encrypt(bytes('hello'), { aad: bytes('aad'), paddingTo: 64 }),
  };
  const goodMessage = frank.group.encrypt(bytes('good'));
  for (const [kind, message] of Object.entries(messages)) {
    put('group-process', name(kind), concat(select, message));
  }
  for (const [kind, message] of Object.entries(handshakes)) {
    put('hub-process', name(kind), concat(select, message));
  }

  const context = groupContextOf(groupInfo);
  const aliceKey = alice.identity.signatureKey;
  const apart = (message: Uint8Array, key = aliceKey) => takeApart(suite, message, context, key);
  const state: Prepared = {
    suite,
    groupId: alice.group.groupId,
    alice: alice.store.rows(),
    bob: bob.store.rows(),
    carol: carolRows,
    hub: hub.snapshot(),
    aliceKey,
    carolKey: carol.identity.signatureKey,
    groupContext: context,
    membershipKey: findMembershipKey(alice, apart(commits.empty.commit)),
    groupInfo,
    tree: fullTree,
    goodMessage,
    goodCommit: commits['of-frank'].commit,
  };
  mkdirSync(`${corpusFolder}state`, { recursive: true });
  writeFileSync(stateFile(suite), bytesOf(state));

  // What a malicious member or outsider says: who, then the content.
  const say = (kind: string, who: number, content: Uint8Array): void =>
    put('insider', name(kind), concat(select, Uint8Array.of(who), content));
  for (const kind of ['empty', 'update', 'add', 'remove', 'components'] as const) {
    say(`commit-${kind}`, 0, apart(commits[kind].commit).content);
  }
  say('commit-by-reference', 0, apart(handshakes['commit-by-reference'] ?? empty).content);
  say('commit-external', 1, apart(carolJoins.commit, carol.identity.signatureKey).content);
  const frankKey = frank.identity.signatureKey;
  for (const [kind, message] of Object.entries(proposals)) {
    say(`proposal-${kind}`, 0, apart(message, frankKey).content);
  }
  say('proposal-add-by-newcomer', 2, apart(proposals.add, frankKey).content);
  if (suite === 1) {
    const proposal = (kind: string, ...content: number[]) =>
      say(`proposal-${kind}`, 0, Uint8Array.of(2, ...content));
    proposal('psk', 0, 4, 1, 2, 7, 7, 32, ...new Uint8Array(32));
    proposal('reinit', 0, 5, 2, 7, 7, 0, 1, 0, 1, 0);
    proposal('external-init', 0, 6, 32, ...new Uint8Array(32));
    proposal('extensions', 0, 7, 0);
    proposal('required', 0, 7, 10, 0, 3, 7, 2, 0, 6, 2, 0, 10, 0);
    proposal('app-data-update', 0, 8, 0, 1, 1, 2, 7, 7);
    proposal('app-ephemeral', 0, 9, 0, 1, 2, 7, 7);
    proposal('unknown', 0xf0, 0, 2, 7, 7);
  }

  const infoEnd = fieldsBeforeSignature(groupInfo);
  const nextTree = commitTree(alice, added.keyPackage);
  put('welcome', name('add'), concat(select, joinParts([nextTree.welcome, nextTree.tree])));
  put('welcome', name('without-tree'), concat(select, joinParts([nextTree.welcome])));
  put(
    'external-join',
    name('full'),
    concat(select, joinParts([groupInfo, fullTree, bytes('aad')])),
  );
  put(
    'external-join',
    name('with-proposal'),
    concat(select, joinParts([groupInfo, fullTree, empty, proposals['self-remove']])),
  );
  put('hub-track', name('full'), concat(select, joinParts([groupInfo, fullTree])));
  // Flag 1: the harness signs what stands before the signature.
  put('group-info', name('as-sent'), concat(select, Uint8Array.of(0), groupInfo));
  put('group-info', name('to-be-signed'), concat(select, Uint8Array.of(1), infoEnd));
  // external_pub is the last of the extensions: its key ends where the confirmation tag begins.
  const badKey = infoEnd.slice();
  const keyEnd = infoEnd.length - 4 - 33;
  badKey[keyEnd - 1] = (badKey[keyEnd - 1] ?? 0) ^ 1;
  put('group-info', name('bad-external-pub'), concat(select, Uint8Array.of(1), badKey));
  put('hub-restore', name('waiting'), concat(select, state.hub));
  put('store-restore', name('member'), concat(select, bytesOfRows(state.bob)));
  put('store-restore', name('outside'), concat(select, bytesOfRows(carolRows)));
  put('store-restore', name('joining'), concat(select, bytesOfRows(carolJoins.store.rows())));
  alice.group.commit({ update: true });
  put('store-restore', name('committing'), concat(select, bytesOfRows(alice.store.rows())));
  put('key-package', name('plain'), concat(select, added.keyPackage));
  put('key-package', name('last-resort'), concat(select, lastResort.keyPackage));
  put(
    'signed-key-package',
    name('plain'),
    concat(select, joinParts(partsOfKeyPackage(added.keyPackage))),
  );
  put(
    'signed-key-package',
    name('last-resort'),
    concat(select, joinParts(partsOfKeyPackage(lastResort.keyPackage))),
  );
  // Findings of the first runs: keys that nobody can seal to, and a key encapsulation that opens for nobody.
  const [head = empty, leaf = empty, extensions = empty] = partsOfKeyPackage(added.keyPackage);
  const unsound = (key: number, parts: Uint8Array[]): void =>
    put('signed-key-package', name(`regression-key-${key}`), concat(select, joinParts(parts)));
  const keyOf = (fields: Uint8Array, at: number): Uint8Array =>
    concat(
      fields.slice(0, at),
      Uint8Array.of(3, 1, 2, 3),
      fields.slice(new Fields(fields, at).skipVector().at),
    );
  unsound(1, [keyOf(head, 4), leaf, extensions]);
  unsound(2, [head, keyOf(leaf, 0), extensions]);
  const opensForNobody = apart(carolJoins.commit, carol.identity.signatureKey).content;
  const externalInit = Buffer.from(opensForNobody).indexOf(Uint8Array.of(1, 0, 6));
  opensForNobody[externalInit + 10] = (opensForNobody[externalInit + 10] ?? 0) ^ 1;
  say('regression-external-init', 1, opensForNobody);
  if (suite === 1) storedValues(state);
  put('lists', name('key-package'), concat(select, joinParts([added.keyPackage])));
  put(
    'lists',
    name('proposals'),
    concat(select, joinParts([proposals.remove, proposals['self-remove']])),
  );
  primitiveInputs(suite);
  importInputs(suite, carolRows, added.keyPackage);
  hashBatches(suite);
}

/** Head, leaf without signature, and extensions. */
function partsOfKeyPackage(keyPackage: Uint8Array): Uint8Array[] {
  const leafAt = new Fields(keyPackage).skip(4).skipVector().at;
  const leaf = new Fields(keyPackage, leafAt).skipVector().skipVector().skip(2).skipVector();
  for (let list = 0; list < 5; list++) leaf.skipVector();
  const leafEnd = leaf.skip(1 + 16).skipVector().at;
  const extensionsAt = leaf.skipVector().at;
  return [
    keyPackage.slice(0, leafAt),
    keyPackage.slice(leafAt, leafEnd),
    keyPackage.slice(extensionsAt, leaf.skipVector().at),
  ];
}

/** Values in the row codec; the first byte names the type, see rust-core/fuzz/src/stored.rs. */
function storedValues(state: Prepared): void {
  const put1 = (kind: number, name: string, value: Uint8Array): void =>
    put('codec', name, concat(Uint8Array.of(kind), value));
  const [, context, tag, , , proposal] = splitParts(state.hub.subarray(1));
  put1(1, 'context', context ?? empty);
  put1(2, 'confirmation-tag', tag ?? empty);
  put1(4, 'proposal', proposal ?? empty);
  // Labels of rows are in rust-core/src/storage.rs.
  const row = (rows: Prepared['bob'], label: number): Uint8Array =>
    rows.find(({ key }) => key[0] === label)?.value?.subarray(1) ?? empty;
  put1(3, 'key-package', row(state.carol, 66));
  put1(5, 'join-config', row(state.bob, 1));
  const every = [
    [11, 7],
    [9, 3, 1, 2, 3],
    [9, 3, 4, 5, 6],
    [11, 2, 13, 0, 14, 1, 6, 7],
    [11, 2, 6, 11, 11, 1, 10, 1, 65],
    [12, 1, 11, 2, 5, 14, 6, 15, 3],
    [10, 1, 65],
    [0],
  ];
  put1(0, 'every-kind', Uint8Array.from(every.flat()));
}

function externalJoin(outsider: Device, groupInfo: Uint8Array, tree: Uint8Array) {
  const { commit, group } = Group.joinExternally(
    outsider.store,
    outsider.identity,
    groupInfo,
    tree,
  );
  const store = MemberStore.restore(outsider.store.rows());
  group.discardPending();
  return { commit, store };
}

/** The Welcome and tree of an add, for which the group goes on in a copy. */
function commitTree(of: MemberDevice, keyPackage: Uint8Array) {
  const group = Group.load(MemberStore.restore(of.store.rows()), of.group.groupId);
  if (group === undefined) throw new Error('the group');
  const { welcome } = group.commit({ add: [keyPackage] });
  group.acceptPending();
  return { welcome: welcome ?? empty, tree: group.ratchetTree() };
}

function fieldsBeforeSignature(groupInfo: Uint8Array): Uint8Array {
  const { at } = new Fields(groupInfo).skip(4).skipVector().skip(8);
  const rest = new Fields(groupInfo, at).skipVector().skipVector().skipVector();
  return groupInfo.slice(0, rest.skipVector().skipVector().skip(4).at);
}

function hashBatches(suite: CipherSuite): void {
  const select = Uint8Array.of(suites.indexOf(suite));
  const offsets = Uint8Array.from(new Uint8Array(Uint32Array.of(0, 5, 5, 70, 140, 300).buffer));
  const parts = joinParts([offsets, new Uint8Array(300).fill(7)]);
  put('hash-batch', `six-${suite}`, concat(select, parts));
}

rmSync(corpusFolder, { recursive: true, force: true });
mkdirSync(`${corpusFolder}state`, { recursive: true });
writeFileSync(clockFile, `${Math.floor(Date.now() / 1000) + 60}\n`);
for (const suite of suites) prepare(suite);
