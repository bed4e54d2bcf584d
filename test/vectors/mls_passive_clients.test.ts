// The MLS working group's passive clients and Welcomes through the boundary of the WASM core: a client that others made
// joins by their Welcome, follows their commits, and has their epoch authenticator after each.
// EXEDRA_MLS_VECTORS names a folder with the whole files (`npm run test:vectors`); else the committed slice is read.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  aeadOpen,
  type CipherSuite,
  decryptWithLabel,
  Group,
  hkdfExpand,
  hkdfExtract,
  hmac,
  importKeyPackage,
  keyPackageRef,
  MemberStore,
  storePsk,
  verifyWithLabel,
} from '../../ts/mls/index.ts';
import { Reader, Writer } from '../../ts/wire/index.ts';
import { mlsVectors } from './support/mls_vectors.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The published key packages are valid from March 2023 on, for a year. */
const whenTheyWereMade = Date.UTC(2023, 6, 1);

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: whenTheyWereMade });
});
afterAll(() => {
  vi.useRealTimers();
});

interface PassiveClient {
  readonly cipher_suite: CipherSuite;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

/** The client of the vector, before it has joined anything. */
function storeOf(vector: PassiveClient): MemberStore {
  const store = MemberStore.create();
  importKeyPackage(store, {
    keyPackage: hex(vector.key_package),
    initKey: hex(vector.init_priv),
    encryptionKey: hex(vector.encryption_priv),
    signatureKey: hex(vector.signature_priv),
  });
  for (const { psk_id, psk } of vector.external_psks) storePsk(store, hex(psk_id), hex(psk));
  return store;
}

function follow(vector: PassiveClient): void {
  const store = storeOf(vector);
  const tree = vector.ratchet_tree === null ? undefined : hex(vector.ratchet_tree);
  let group = Group.join(store, hex(vector.welcome), tree);
  expect(hexOf(group.epochAuthenticator())).toBe(vector.initial_epoch_authenticator);
  for (const { proposals, commit, epoch_authenticator } of vector.epochs) {
    for (const proposal of proposals) expect(group.process(hex(proposal)).kind).toBe('proposal');
    const processed = group.process(hex(commit));
    if (processed.kind !== 'commit') throw new Error('A commit was expected.');
    group.accept(processed.staged);
    expect(hexOf(group.epochAuthenticator())).toBe(epoch_authenticator);
    // And goes on from its rows.
    const { groupId } = group;
    group = Group.load(MemberStore.restore(store.rows()), groupId) as Group;
    expect(hexOf(group.epochAuthenticator())).toBe(epoch_authenticator);
    group = Group.load(store, groupId) as Group;
  }
}

describe.each([
  'passive-client-welcome',
  'passive-client-handling-commit',
  'passive-client-random',
])('%s', (name) => {
  const vectors = mlsVectors<PassiveClient>(`${name}.json`);

  test.each(
    vectors.map((vector, at) => [at, vector.cipher_suite, vector.epochs.length, vector] as const),
  )(
    'entry %i: a client of suite %i that joins and follows %i epochs has the others’ authenticator',
    { timeout: 120_000 },
    (_at, _suite, _epochs, vector) => follow(vector),
  );
});

interface WelcomeVector {
  readonly cipher_suite: CipherSuite;
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

const hashBytes = 32;
const nonceBytes = 12;
const nothing = new Uint8Array();

/** ExpandWithLabel, RFC 9420, section 8. */
function expandWithLabel(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const info = new Writer();
  info.u16(length, 'length');
  info.text(`MLS 1.0 ${label}`, 'label');
  info.opaque(context, 'context');
  return hkdfExpand(suite, secret, info.finish(), length);
}

/** Opens and checks a Welcome without joining, as RFC 9420, section 12.4.3.1 says, with nothing but the boundary. */
function openWelcome(vector: WelcomeVector): void {
  const suite = vector.cipher_suite;
  const derive = (secret: Uint8Array, label: string) =>
    expandWithLabel(suite, secret, label, nothing, hashBytes);
  const reader = new Reader(hex(vector.welcome));
  expect([reader.u16('version'), reader.u16('wireFormat'), reader.u16('suite')]).toEqual([
    1,
    3,
    suite,
  ]);
  const secrets = reader.list('secrets', (each) => ({
    newMember: each.opaque('newMember'),
    sealed: { kemOutput: each.opaque('kemOutput'), ciphertext: each.opaque('ciphertext') },
  }));
  const encryptedGroupInfo = reader.opaque('encryptedGroupInfo');
  reader.finish();
  const ref = keyPackageRef(hex(vector.key_package));
  const own = secrets.find(({ newMember }) => hexOf(newMember) === hexOf(ref));
  if (own === undefined) throw new Error('The Welcome is not for this key package.');

  const groupSecrets = new Reader(
    decryptWithLabel(suite, hex(vector.init_priv), 'Welcome', encryptedGroupInfo, own.sealed),
  );
  const joinerSecret = groupSecrets.opaque('joinerSecret');
  const memberSecret = hkdfExtract(suite, joinerSecret, new Uint8Array(hashBytes));
  const welcomeSecret = derive(memberSecret, 'welcome');
  const keyBytes = suite === 3 ? 32 : 16;
  const groupInfo = aeadOpen(
    suite,
    {
      key: expandWithLabel(suite, welcomeSecret, 'key', nothing, keyBytes),
      nonce: expandWithLabel(suite, welcomeSecret, 'nonce', nothing, nonceBytes),
    },
    encryptedGroupInfo,
  );

  const info = new Reader(groupInfo);
  info.u16('version');
  info.u16('suite');
  info.skipOpaque('groupId');
  info.u64('epoch');
  info.skipOpaque('treeHash');
  const confirmedTranscriptHash = info.opaque('confirmedTranscriptHash');
  info.skipOpaque('contextExtensions');
  const context = groupInfo.subarray(0, info.offset);
  info.skipOpaque('extensions');
  const confirmationTag = info.opaque('confirmationTag');
  info.u32('signer');
  const signed = groupInfo.subarray(0, info.offset);
  const signature = info.opaque('signature');
  info.finish();
  expect(verifyWithLabel(suite, hex(vector.signer_pub), 'GroupInfoTBS', signed, signature)).toBe(
    true,
  );
  const epochSecret = expandWithLabel(suite, memberSecret, 'epoch', context, hashBytes);
  const confirmationKey = derive(epochSecret, 'confirm');
  expect(hexOf(hmac(suite, confirmationKey, confirmedTranscriptHash))).toBe(hexOf(confirmationTag));
}

describe('welcome', () => {
  const vectors = mlsVectors<WelcomeVector>('welcome.json');

  test.each(vectors.map((vector) => [vector.cipher_suite, vector] as const))(
    'suite %i: secrets, GroupInfo, its signature and confirmation tag are as published',
    (_suite, vector) => openWelcome(vector),
  );
});
