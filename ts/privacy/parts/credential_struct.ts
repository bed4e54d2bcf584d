// struct PseudonymCredential: ours, the content of a credential of type PSEUDONYM_CREDENTIAL, and what its two
// signatures bind: docs/modes, "Credential". Syntax only; pseudonym_credential.ts verifies.
//   struct { opaque client_pseudonym<V>; opaque user_pseudonym<V>; opaque pseudonym_key<V>; opaque link_key_hash[32];
//     opaque pseudonym_signature<V>; opaque identity_link<V>; } PseudonymCredential;
//   struct { opaque client_pseudonym<V>; opaque user_pseudonym<V>; opaque pseudonym_key<V>;
//     opaque leaf_signature_key<V>; opaque link_key_hash[32]; } CredentialBinding;

import {
  asClientUri,
  asUserUri,
  type ClientUri,
  decoder,
  encoder,
  type Reader,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { decoding, KEY_BYTES, readUri } from './structs.ts';

export interface PseudonymCredential {
  readonly client: ClientUri;
  readonly user: UserUri;
  /** U: the public key of the user pseudonym. */
  readonly pseudonymKey: Uint8Array;
  /** H(k), 32 bytes. */
  readonly linkKeyHash: Uint8Array;
  /** By U. */
  readonly pseudonymSignature: Uint8Array;
  /** The sealed identity link. */
  readonly identityLink: Uint8Array;
}

/** What makes a credential this one and no other: signed by U, and by the real key inside the identity link. */
export interface CredentialBinding {
  readonly client: ClientUri;
  readonly user: UserUri;
  readonly pseudonymKey: Uint8Array;
  readonly leafSignatureKey: Uint8Array;
  readonly linkKeyHash: Uint8Array;
}

export function writeBinding(writer: Writer, value: CredentialBinding): void {
  writer.text(value.client, 'client');
  writer.text(value.user, 'user');
  writer.opaque(value.pseudonymKey, 'pseudonymKey');
  writer.opaque(value.leafSignatureKey, 'leafSignatureKey');
  writer.fixed(value.linkKeyHash, KEY_BYTES, 'linkKeyHash');
}

/** Throws WireError `unencodable`. */
export const encodePseudonymCredential = encoder((writer: Writer, value: PseudonymCredential) => {
  writer.text(value.client, 'client');
  writer.text(value.user, 'user');
  writer.opaque(value.pseudonymKey, 'pseudonymKey');
  writer.fixed(value.linkKeyHash, KEY_BYTES, 'linkKeyHash');
  writer.opaque(value.pseudonymSignature, 'pseudonymSignature');
  writer.opaque(value.identityLink, 'identityLink');
});

const decode = decoder(
  (reader: Reader): PseudonymCredential => ({
    client: readUri(reader, 'client', asClientUri),
    user: readUri(reader, 'user', asUserUri),
    pseudonymKey: reader.opaque('pseudonymKey'),
    linkKeyHash: reader.fixed(KEY_BYTES, 'linkKeyHash'),
    pseudonymSignature: reader.opaque('pseudonymSignature'),
    identityLink: reader.opaque('identityLink'),
  }),
);

/** Nothing is verified. Throws PrivacyError `malformed`. */
export function decodePseudonymCredential(bytes: Uint8Array): PseudonymCredential {
  return decoding('PseudonymCredential', () => decode(bytes));
}
