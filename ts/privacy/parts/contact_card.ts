// The contact card: what somebody needs to ask a user for a connection, given from hand to hand or by the user's
// provider. docs/modes, "Connections".
//   struct { uint16 cipher_suite; opaque user<V>; opaque public_key<V>; Credential credential;
//     opaque signature_key<V>; opaque signature<V>; } ContactCard;

import type { CipherSuite, Credential } from '../../mls/index.ts';
import {
  asUserUri,
  decoder,
  encoder,
  type Reader,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { checkSignature, fullLabel } from './hpke.ts';
import type { RealSigner } from './identity_link.ts';
import { type RealIdentity, realIdentity } from './real_identity.ts';
import {
  decoding,
  labelled,
  readCredential,
  readSuite,
  readUri,
  writeCredential,
} from './structs.ts';

const LABEL = 'contact card';

interface UnsignedCard {
  readonly suite: CipherSuite;
  readonly user: UserUri;
  /** HPKE: requests are sealed to it. */
  readonly publicKey: Uint8Array;
  /** Of the device that signed the card. */
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

export interface ContactCard extends UnsignedCard {
  /** Who signed it; that the key is the user's, the card cannot prove by itself. */
  readonly signer: RealIdentity;
}

function writeCard(writer: Writer, value: UnsignedCard): void {
  writer.u16(value.suite, 'suite');
  writer.text(value.user, 'user');
  writer.opaque(value.publicKey, 'publicKey');
  writeCredential(writer, value.credential);
  writer.opaque(value.signatureKey, 'signatureKey');
}

const contentOf = (card: UnsignedCard): Uint8Array =>
  labelled(LABEL, (writer) => writeCard(writer, card));

const encode = encoder((writer: Writer, value: UnsignedCard & { signature: Uint8Array }) => {
  writeCard(writer, value);
  writer.opaque(value.signature, 'signature');
});

const decode = decoder((reader: Reader) => ({
  suite: readSuite(reader),
  user: readUri(reader, 'user', asUserUri),
  publicKey: reader.opaque('publicKey'),
  credential: reader.struct('credential', readCredential),
  signatureKey: reader.opaque('signatureKey'),
  signature: reader.opaque('signature'),
}));

/** The card of the signer's user, with the public part of `contactKey`. Throws PrivacyError `badRealCredential`. */
export function makeContactCard(
  suite: CipherSuite,
  publicKey: Uint8Array,
  signer: RealSigner,
): Uint8Array {
  const { credential, signatureKey } = signer;
  const { user } = realIdentity(credential, signatureKey);
  const card = { suite, user, publicKey, credential, signatureKey };
  return encode({ ...card, signature: signer.sign(fullLabel(LABEL), contentOf(card)) });
}

/** Throws PrivacyError `malformed`, `badRealCredential` (rule `user`: of another user than the card), `badSignature`. */
export function readContactCard(bytes: Uint8Array): ContactCard {
  const { signature, ...card } = decoding('ContactCard', () => decode(bytes));
  const signer = realIdentity(card.credential, card.signatureKey);
  if (signer.user !== card.user) throw refused('badRealCredential', 'user');
  checkSignature(card.suite, card.signatureKey, LABEL, contentOf(card), signature);
  return { ...card, signer };
}
