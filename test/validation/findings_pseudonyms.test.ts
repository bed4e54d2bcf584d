// Pseudonyms as draft-kohbrok-mimi-metadata-minimalization and "Minimal metadata rooms" of draft-ietf-mimi-protocol-06
// have them, put to the test: docs/findings.md, 8 to 11.

import { expect, test } from 'vitest';
import {
  aeadOpen,
  aeadSeal,
  type CipherSuite,
  createKeyPackage,
  Group,
  generateSignatureKeyPair,
  HubGroup,
  hkdfExpand,
  Identity,
  inspectKeyPackage,
  MemberStore,
  PSEUDONYM_CREDENTIAL,
} from '../../ts/mls/index.ts';
import {
  type Credentials,
  type LeafIdentity,
  proposedCommit,
  RosterReader,
  resolveChanges,
} from '../../ts/privacy/index.ts';
import { encodePseudonymCredential } from '../../ts/privacy/parts/credential_struct.ts';
import { linkKeyHash } from '../../ts/privacy/parts/identity_link.ts';
import { readPseudonymCredential } from '../../ts/privacy/parts/pseudonym_credential.ts';
import { newWrapper, openLinkKey, sealLinkKey } from '../../ts/privacy/parts/wrapper.ts';
import {
  decideCommit,
  initialComponents,
  OWNER_ROLE,
  roleOf,
  stateOf,
} from '../../ts/room/index.ts';
import {
  type ClientUri,
  clientUri,
  decodeKeyMaterialResponse,
  decoder,
  encodeKeyMaterialResponse,
  Reader,
  type UserUri,
  userUri,
  Writer,
} from '../../ts/wire/index.ts';
import { bytes } from '../unit/mls/devices.ts';
import { required } from '../unit/mls/rooms.ts';
import { groupId, pseudonymous } from '../unit/privacy/support/people.ts';
import { codeOf, ruleOf } from '../unit/privacy/support/refusal.ts';

const DOMAIN = 'a.example';
const SUITE: CipherSuite = 1;

/** The draft's PseudonymousCredential; `link` is the identity_link_ciphertext. */
function draftCredential(
  client: ClientUri,
  user: UserUri,
  key: Uint8Array,
  link = bytes('sealed'),
) {
  const writer = new Writer();
  writer.text(client, 'client_pseudonym');
  writer.text(user, 'user_pseudonym');
  writer.opaque(key, 'signature_public_key');
  writer.opaque(link, 'identity_link_ciphertext');
  return { type: PSEUDONYM_CREDENTIAL, bytes: writer.finish() };
}

const readDraft = decoder((reader: Reader) => {
  const client = reader.text('client_pseudonym') as ClientUri;
  const user = reader.text('user_pseudonym') as UserUri;
  const key = reader.opaque('signature_public_key');
  return { client, user, key, link: reader.opaque('identity_link_ciphertext') };
});

/** What a hub can read of the draft's credential: both pseudonyms, and that the key is that of the leaf. */
const draftCredentials: Credentials = {
  type: PSEUDONYM_CREDENTIAL,
  hidesIdentities: true,
  keyPackageSets: undefined,
  participant: ({ credential, signatureKey }: LeafIdentity) => {
    const { client, user, key } = readDraft(credential.bytes);
    expect(key).toEqual(signatureKey);
    return { client, user };
  },
};

/** A device with the draft's credential. */
function draftDevice(user: UserUri) {
  const store = MemberStore.create();
  const keys = generateSignatureKeyPair(SUITE);
  const client = clientUri(DOMAIN, crypto.randomUUID());
  const credential = draftCredential(client, user, keys.publicKey);
  return { store, client, identity: Identity.import(store, SUITE, credential, keys) };
}

test('with pseudonyms that are random, whoever joins under that of an owner is an owner for the hub', () => {
  const owner = userUri(DOMAIN, crypto.randomUUID());
  const alice = draftDevice(owner);
  const group = Group.create(alice.store, alice.identity, bytes('room'), {
    components: initialComponents({ mode: 'pseudonymous', creator: owner }),
    required: { ...required, credentials: [PSEUDONYM_CREDENTIAL] },
  });
  const hub = HubGroup.track(group.groupInfo(), group.ratchetTree());

  const mallory = draftDevice(owner);
  const info = group.groupInfo();
  const tree = group.ratchetTree();
  const { commit } = Group.joinExternally(mallory.store, mallory.identity, info, tree);
  const processed = hub.process(commit, resolveChanges);
  if (processed.kind !== 'commit') throw new Error('not a commit');
  const rosters = new RosterReader(draftCredentials);
  const state = stateOf(hub.components());
  const roster = rosters.read(hub.members(), SUITE);
  const proposed = proposedCommit(draftCredentials, SUITE, roster, processed.summary);
  if (proposed === undefined) throw new Error('no sender');
  expect(decideCommit({ state, roster }, proposed)).toEqual({ allowed: true });
  hub.apply(processed);
  const joined = [...rosters.read(hub.members(), SUITE).values()].find(
    ({ client }) => client === mallory.client,
  );
  expect(roleOf(state, joined?.user ?? '')).toBe(OWNER_ROLE);
});

test('with pseudonyms that name a key, a leaf under that of another is refused by everybody', () => {
  const [alice, mallory] = [pseudonymous('alice'), pseudonymous('mallory')];
  const claim = (pseudonymKey: Uint8Array) =>
    encodePseudonymCredential({
      client: mallory.participant.client,
      user: alice.participant.user,
      pseudonymKey,
      linkKeyHash: mallory.participant.linkKeyHash,
      pseudonymSignature: new Uint8Array(64),
      identityLink: new Uint8Array(512 + 30),
    });
  const read = (key: Uint8Array) =>
    ruleOf(() => readPseudonymCredential(claim(key), mallory.leafSignatureKey, SUITE));
  expect(read(mallory.pseudonymKey.publicKey)).toBe('badCredential pseudonym');
  expect(read(alice.pseudonymKey.publicKey)).toBe('badSignature pseudonym');
});

/** identity_link_key: ExpandWithLabel(connection_key, "IdentityLinkKey", PseudonymousCredentialTBS, KDF.Nh). */
function draftLinkKey(connectionKey: Uint8Array, credential: Uint8Array): Uint8Array {
  const { client, user, key } = readDraft(credential);
  const tbs = new Writer();
  tbs.text(client, 'client_pseudonym');
  tbs.text(user, 'user_pseudonym');
  tbs.opaque(key, 'signature_public_key');
  const label = new Writer();
  label.u16(32, 'length');
  label.text('MLS 1.0 IdentityLinkKey', 'label');
  label.opaque(tbs.finish(), 'context');
  return hkdfExpand(SUITE, connectionKey, label.finish(), 32);
}

test('a link key that follows from the connection key opens the credentials of rooms in which its holder is not', () => {
  const connectionKey = crypto.getRandomValues(new Uint8Array(32));
  const nonce = new Uint8Array(12);
  const seen = ['one room', 'another room'].map(() => {
    const { publicKey } = generateSignatureKeyPair(SUITE);
    const names = [clientUri(DOMAIN, crypto.randomUUID()), userUri(DOMAIN, crypto.randomUUID())];
    const [client, user] = names as [ClientUri, UserUri];
    const key = draftLinkKey(connectionKey, draftCredential(client, user, publicKey).bytes);
    const link = aeadSeal(3, { key, nonce }, bytes('mimi://a.example/u/alice'));
    return draftCredential(client, user, publicKey, link).bytes;
  });
  // Somebody who is connected with alice and sees the leaves of both rooms, as a hub does.
  for (const credential of seen) {
    const key = draftLinkKey(connectionKey, credential);
    const opened = aeadOpen(3, { key, nonce }, readDraft(credential).link);
    expect(opened).toEqual(bytes('mimi://a.example/u/alice'));
  }
});

test('a wrapper key that stays gives a removed member the link keys of those who come later; one that changes does not', () => {
  const linkKey = crypto.getRandomValues(new Uint8Array(32));
  const client = clientUri(DOMAIN, crypto.randomUUID());
  const known = newWrapper();
  const slot = (wrapper: Uint8Array) => ({ groupId, client, wrapper });
  const kept = sealLinkKey(slot(known), linkKey);
  expect(openLinkKey(slot(known), linkKeyHash(linkKey), kept)).toEqual(linkKey);
  const changed = sealLinkKey(slot(newWrapper()), linkKey);
  expect(codeOf(() => openLinkKey(slot(known), linkKeyHash(linkKey), changed))).toBe(
    'undecryptable',
  );
});

test('key material of real users, claimed through the hub, tells the hub who stands behind a pseudonym', () => {
  const store = MemberStore.create();
  const { credential, participant, real } = pseudonymous('bob');
  const keys = generateSignatureKeyPair(SUITE);
  const identity = Identity.import(store, SUITE, credential, keys);
  const { keyPackage } = createKeyPackage(store, identity);
  const answer = encodeKeyMaterialResponse({
    protocol: 'mls10',
    userStatus: 'success',
    userUri: real.user,
    clients: [{ clientStatus: 'success', clientUri: clientUri(DOMAIN, 'bob-phone'), keyPackage }],
  });

  // All that follows is read from the bytes that the hub passes on.
  const { userUri: target, clients } = decodeKeyMaterialResponse(answer);
  const [client] = clients;
  if (client?.clientStatus !== 'success') throw new Error('no key package');
  const shown = inspectKeyPackage(client.keyPackage).credential;
  const leaf = new Reader(shown.bytes);
  const [clientName, userName] = [leaf.text('client'), leaf.text('user')];
  expect({ clientName, userName }).toEqual({
    clientName: participant.client,
    userName: participant.user,
  });
  expect(target).toBe(real.user);
});
