// The identity link: who stands behind a pseudonymous credential, readable for those who have its key k.
// docs/modes, "Identity link". H(k) in the credential makes the ciphertext committing; the signature by the
// real key is over this very credential, so that a link cannot be moved to another.
//   struct { opaque binding_hash[32]; Credential credential; opaque signature_key<V>; opaque signature<V>; } IdentityLink;
//   struct { CredentialBinding binding; Credential credential; opaque signature_key<V>; } IdentityLinkTBS;

import type { CipherSuite, Credential } from '../../mls/index.ts';
import { decoder, domainOf, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import {
  type CredentialBinding,
  decodePseudonymCredential,
  writeBinding,
} from './credential_struct.ts';
import { checkSignature, fullLabel, type Signer } from './hpke.ts';
import { padTo, unpadFrom } from './padding.ts';
import { type RealIdentity, realIdentity } from './real_identity.ts';
import {
  checkSecret,
  child,
  equalInConstantTime,
  openUnder,
  sealedLength,
  sealUnder,
} from './seal.ts';
import {
  decoding,
  KEY_BYTES,
  labelled,
  labelledHash,
  readCredential,
  sameBytes,
  writeCredential,
} from './structs.ts';

const LABEL = 'identity link';

/**
 * One length for all links, since a credential's length must not tell its user's name. What remains of 512 bytes,
 * beside key and signature, is about 300 for the two URIs of the real credential; each doubling would add its size to
 * every leaf of every tree.
 */
const LINK_PLAINTEXT_BYTES = 512;

/** Bytes of every sealed identity link. */
export const IDENTITY_LINK_BYTES = sealedLength(LINK_PLAINTEXT_BYTES);

/** H(k), 32 bytes. */
export function linkKeyHash(linkKey: Uint8Array): Uint8Array {
  checkSecret(linkKey, 'linkKey');
  return labelledHash('link key', (writer) => writer.fixed(linkKey, KEY_BYTES, 'linkKey'));
}

/** The account's own device, by whose key a link is signed. */
export interface RealSigner {
  /** A `basic` credential. */
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly sign: Signer;
}

interface IdentityLink {
  readonly bindingHash: Uint8Array;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly signature: Uint8Array;
}

const encodeLink = encoder((writer: Writer, value: IdentityLink) => {
  writer.fixed(value.bindingHash, KEY_BYTES, 'bindingHash');
  writeCredential(writer, value.credential);
  writer.opaque(value.signatureKey, 'signatureKey');
  writer.opaque(value.signature, 'signature');
});

const decodeLink = decoder(
  (reader: Reader): IdentityLink => ({
    bindingHash: reader.fixed(KEY_BYTES, 'bindingHash'),
    credential: reader.struct('credential', readCredential),
    signatureKey: reader.opaque('signatureKey'),
    signature: reader.opaque('signature'),
  }),
);

/** Tells a link of another credential from one with a bad signature; the signature alone carries the proof. */
const hashOf = (binding: CredentialBinding): Uint8Array =>
  labelledHash('credential binding', (writer) => writeBinding(writer, binding));

function signedContent(
  binding: CredentialBinding,
  { credential, signatureKey }: Pick<IdentityLink, 'credential' | 'signatureKey'>,
): Uint8Array {
  return labelled(LABEL, (writer) => {
    writeBinding(writer, binding);
    writeCredential(writer, credential);
    writer.opaque(signatureKey, 'signatureKey');
  });
}

// The hash of k is all that the AAD holds: a link that was copied as it is opens, and is recognised as a copy.
const contextOf = encoder((writer: Writer, keyHash: Uint8Array) => {
  writer.fixed(keyHash, KEY_BYTES, 'linkKeyHash');
});

/**
 * Seals who is behind the credential that `binding` describes; `binding.linkKeyHash` is that of `linkKey`, which is
 * used for this link only. Gives IDENTITY_LINK_BYTES bytes.
 * Throws PrivacyError `tooLarge` for a real credential beyond some 300 bytes, `badRealCredential`.
 */
export function sealLink(
  binding: CredentialBinding,
  linkKey: Uint8Array,
  real: RealSigner,
): Uint8Array {
  const { credential, signatureKey } = real;
  checkDomain(realIdentity(credential, signatureKey), binding);
  const signature = real.sign(fullLabel(LABEL), signedContent(binding, real));
  const link = encodeLink({ bindingHash: hashOf(binding), credential, signatureKey, signature });
  const plaintext = padTo(link, LINK_PLAINTEXT_BYTES);
  const sealed = sealUnder(child(linkKey, LABEL), LABEL, contextOf(binding.linkKeyHash), plaintext);
  plaintext.fill(0);
  return sealed;
}

export interface OpenLinkInput {
  readonly suite: CipherSuite;
  /** The content of the pseudonymous credential, which `readPseudonymCredential` has accepted. */
  readonly credential: Uint8Array;
  /** Of the leaf that carries the credential. */
  readonly leafSignatureKey: Uint8Array;
  /** k, 32 bytes. */
  readonly linkKey: Uint8Array;
}

/**
 * Who is behind a pseudonymous leaf. Throws PrivacyError `wrongLinkKey` (not the k of this credential),
 * `undecryptable`, `badPadding`, `malformed`, `foreignLink` (copied from another credential), `badSignature` (not by
 * the key that the link names), `badRealCredential` (rule: type, content, domain).
 */
export function openLink({
  suite,
  credential,
  leafSignatureKey,
  linkKey,
}: OpenLinkInput): RealIdentity {
  const { identityLink, ...rest } = decodePseudonymCredential(credential);
  if (!equalInConstantTime(linkKeyHash(linkKey), rest.linkKeyHash)) {
    throw refused('wrongLinkKey', 'linkKeyHash');
  }
  const key = child(linkKey, LABEL);
  const padded = openUnder(key, LABEL, contextOf(rest.linkKeyHash), identityLink);
  const link = decoding('IdentityLink', () => decodeLink(unpadFrom(padded, LINK_PLAINTEXT_BYTES)));
  const binding = { ...rest, leafSignatureKey };
  if (!sameBytes(link.bindingHash, hashOf(binding))) throw refused('foreignLink', 'bindingHash');
  const content = signedContent(binding, link);
  checkSignature(suite, link.signatureKey, LABEL, content, link.signature);
  const identity = realIdentity(link.credential, link.signatureKey);
  checkDomain(identity, binding);
  return identity;
}

/** A pseudonym is of its user's provider; otherwise one provider's users would count as another's. */
function checkDomain(identity: RealIdentity, binding: CredentialBinding): void {
  if (domainOf(identity.user) !== domainOf(binding.user)) {
    throw refused('badRealCredential', 'domain');
  }
}
