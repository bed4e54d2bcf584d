// The credential of a leaf in pseudonymous and hub-visible rooms: docs/modes, "Credential". What anybody can
// verify of it: that its user pseudonym is that of a key U, and that U vouches for this client and this leaf.

import {
  type CipherSuite,
  type Credential,
  type KeyPair,
  PSEUDONYM_CREDENTIAL,
} from '../../mls/index.ts';
import { type ClientUri, domainOf, parseMimiUri, type UserUri } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import {
  type CredentialBinding,
  decodePseudonymCredential,
  encodePseudonymCredential,
  writeBinding,
} from './credential_struct.ts';
import { checkSignature, fullLabel, signerOf } from './hpke.ts';
import { IDENTITY_LINK_BYTES, linkKeyHash, type RealSigner, sealLink } from './identity_link.ts';
import { isClientPseudonymId, newClientPseudonym, userPseudonym } from './pseudonym.ts';
import { randomSecret } from './seal.ts';
import { labelled } from './structs.ts';

const LABEL = 'pseudonym';

/** Who a pseudonymous leaf stands for, as far as everybody can see. */
export interface PseudonymParticipant {
  /** The user pseudonym. */
  readonly user: UserUri;
  /** The client pseudonym. */
  readonly client: ClientUri;
  /** U; `user` names it. */
  readonly pseudonymKey: Uint8Array;
  /** H(k), 32 bytes. */
  readonly linkKeyHash: Uint8Array;
}

export interface NewCredential {
  readonly suite: CipherSuite;
  /** Of the user's provider. */
  readonly domain: string;
  /** U, as `pseudonymKey` derives it. */
  readonly pseudonymKey: KeyPair;
  /** The public key of a signature key pair that is made for this credential. */
  readonly leafSignatureKey: Uint8Array;
  readonly real: RealSigner;
}

export interface MadeCredential {
  readonly credential: Credential;
  readonly participant: PseudonymParticipant;
  /** k, 32 bytes: for those who may know who this is. */
  readonly linkKey: Uint8Array;
}

const contentOf = (binding: CredentialBinding): Uint8Array =>
  labelled(LABEL, (writer) => writeBinding(writer, binding));

/**
 * A credential with a fresh client pseudonym and a fresh link key.
 * Throws PrivacyError `tooLarge`, `badRealCredential`, WireError `unencodable`, MlsError `invalidArgument`.
 */
export function makeCredential(input: NewCredential): MadeCredential {
  const { suite, domain, leafSignatureKey, real } = input;
  const linkKey = randomSecret();
  const participant = {
    user: userPseudonym(domain, input.pseudonymKey.publicKey),
    client: newClientPseudonym(domain),
    pseudonymKey: input.pseudonymKey.publicKey,
    linkKeyHash: linkKeyHash(linkKey),
  };
  const binding = { ...participant, leafSignatureKey };
  const sign = signerOf(suite, input.pseudonymKey.privateKey);
  const bytes = encodePseudonymCredential({
    ...participant,
    pseudonymSignature: sign(fullLabel(LABEL), contentOf(binding)),
    identityLink: sealLink(binding, linkKey, real),
  });
  return { credential: { type: PSEUDONYM_CREDENTIAL, bytes }, participant, linkKey };
}

/**
 * Who the leaf stands for; `bytes` is the content of its credential of type PSEUDONYM_CREDENTIAL.
 * Throws PrivacyError `malformed`, `badSignature`, and `badCredential` (rule: `domain` when the pseudonyms are of two
 * providers, `pseudonym` when it is not that of U, `client` when the client pseudonym is no random one, `linkLength`).
 */
export function readPseudonymCredential(
  bytes: Uint8Array,
  leafSignatureKey: Uint8Array,
  suite: CipherSuite,
): PseudonymParticipant {
  const { pseudonymSignature, identityLink, ...participant } = decodePseudonymCredential(bytes);
  const { user, client, pseudonymKey } = participant;
  const domain = domainOf(user);
  if (domainOf(client) !== domain) throw refused('badCredential', 'domain');
  if (user !== userPseudonym(domain, pseudonymKey)) throw refused('badCredential', 'pseudonym');
  if (!isClientPseudonymId(parseMimiUri(client).id)) throw refused('badCredential', 'client');
  if (identityLink.length !== IDENTITY_LINK_BYTES) throw refused('badCredential', 'linkLength');
  const content = contentOf({ ...participant, leafSignatureKey });
  checkSignature(suite, pseudonymKey, LABEL, content, pseudonymSignature);
  return participant;
}
