// Pseudonymous credentials that are not what they seem: each part of one may be somebody else's.

import {
  createKeyPackage,
  generateSignatureKeyPair,
  Identity,
  type KeyPair,
  MemberStore,
  PSEUDONYM_CREDENTIAL,
} from '../../ts/mls/index.ts';
import { sealClaimedLinkKey } from '../../ts/privacy/parts/claim.ts';
import {
  type CredentialBinding,
  encodePseudonymCredential,
  writeBinding,
} from '../../ts/privacy/parts/credential_struct.ts';
import { fullLabel, signerOf } from '../../ts/privacy/parts/hpke.ts';
import { linkKeyHash, type RealSigner, sealLink } from '../../ts/privacy/parts/identity_link.ts';
import {
  connectionKey,
  newClientPseudonym,
  pseudonymKey,
  userPseudonym,
} from '../../ts/privacy/parts/pseudonym.ts';
import { randomSecret } from '../../ts/privacy/parts/seal.ts';
import { labelled } from '../../ts/privacy/parts/structs.ts';
import {
  BASIC_CREDENTIAL,
  type ClientUri,
  clientUri,
  encodeClientIdentity,
  type SetEntry,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';

const SUITE = 1;

/** A device that signs for a user, with a key of its own. */
export function signerFor(
  domain: string,
  name: string,
  key = generateSignatureKeyPair(SUITE),
): RealSigner {
  const user = userUri(domain, name);
  const bytes = encodeClientIdentity({
    userUri: user,
    clientUri: clientUri(domain, `${name}-1`),
  });
  return {
    credential: { type: BASIC_CREDENTIAL, bytes },
    signatureKey: key.publicKey,
    sign: signerOf(SUITE, key.privateKey),
  };
}

/** What is wrong with a credential. */
export interface Lie {
  /** Who is named behind the pseudonym, and signs. */
  readonly real: RealSigner;
  /** U. */
  readonly pseudonymKey: KeyPair;
  /** The user pseudonym, where it is not that of U. */
  readonly user?: UserUri;
  /** The client pseudonym, where it is not a fresh one. */
  readonly client?: ClientUri;
  /** Changes the identity link that is sealed under k for this credential. */
  readonly link?: (link: Uint8Array, binding: CredentialBinding, linkKey: Uint8Array) => Uint8Array;
}

/** A leaf with such a credential, and its k. */
export function hostileLeaf(domain: string, lie: Lie) {
  const store = MemberStore.create();
  const leaf = generateSignatureKeyPair(SUITE);
  const linkKey = randomSecret();
  const binding: CredentialBinding = {
    client: lie.client ?? newClientPseudonym(domain),
    user: lie.user ?? userPseudonym(domain, lie.pseudonymKey.publicKey),
    pseudonymKey: lie.pseudonymKey.publicKey,
    leafSignatureKey: leaf.publicKey,
    linkKeyHash: linkKeyHash(linkKey),
  };
  const content = labelled('pseudonym', (writer) => writeBinding(writer, binding));
  const link = sealLink(binding, linkKey, lie.real);
  const bytes = encodePseudonymCredential({
    ...binding,
    pseudonymSignature: signerOf(SUITE, lie.pseudonymKey.privateKey)(
      fullLabel('pseudonym'),
      content,
    ),
    identityLink: lie.link?.(link, binding, linkKey) ?? link,
  });
  const identity = Identity.import(store, SUITE, { type: PSEUDONYM_CREDENTIAL, bytes }, leaf);
  return { store, identity, linkKey };
}

/** The entry of a set with such a key package in the place of an honest one. */
export function hostileEntry(
  entry: SetEntry,
  accountSecret: Uint8Array,
  domain: string,
  lie: Omit<Lie, 'pseudonymKey'>,
): SetEntry {
  const own = pseudonymKey(SUITE, accountSecret, entry.id);
  const { store, identity, linkKey } = hostileLeaf(domain, { ...lie, pseudonymKey: own });
  const { keyPackage } = createKeyPackage(store, identity, { lastResort: entry.lastResort });
  const sealedKey = sealClaimedLinkKey(connectionKey(accountSecret, 0), keyPackage, linkKey);
  return { ...entry, keyPackage, sealedKey };
}
