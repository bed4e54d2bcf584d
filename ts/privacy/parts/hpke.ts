// Seals to a public key, and signatures, with this layer's errors: EncryptWithLabel and SignWithLabel of RFC 9420,
// sections 5.1.3 and 5.1.2. Labels of ours are told apart from those of MLS by their prefix.

import {
  type CipherSuite,
  decryptWithLabel,
  encryptDerived,
  encryptWithLabel,
  type HpkeCiphertext,
  MlsError,
  signWithLabel,
  verifyWithLabel,
} from '../../mls/index.ts';
import { refused } from '../errors.ts';
import { LABEL_PREFIX } from './structs.ts';

/** SignWithLabel by a key that the caller keeps, such as `Identity.sign`. */
export type Signer = (label: string, content: Uint8Array) => Uint8Array;

/** Signs with a key that is at hand. */
export const signerOf =
  (suite: CipherSuite, privateKey: Uint8Array): Signer =>
  (label, content) =>
    signWithLabel(suite, privateKey, label, content);

/** The label as EncryptWithLabel and SignWithLabel get it. */
export const fullLabel = (label: string): string => LABEL_PREFIX + label;

/** Throws PrivacyError `badSignature` (rule: the label) unless the signature holds. */
export function checkSignature(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): void {
  if (!verifyWithLabel(suite, publicKey, fullLabel(label), content, signature)) {
    throw refused('badSignature', label);
  }
}

/** Seals to a public key that may have come from outside. Throws PrivacyError `badKey`. */
export function sealTo(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): HpkeCiphertext {
  return sealing(label, () =>
    encryptWithLabel(suite, publicKey, fullLabel(label), context, plaintext),
  );
}

/** As `sealTo`, by an ephemeral key that follows from a secret of 32 bytes: the same bytes each time. */
export function sealDerived(
  suite: CipherSuite,
  secret: Uint8Array,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): HpkeCiphertext {
  return sealing(label, () =>
    encryptDerived(suite, secret, publicKey, fullLabel(label), context, plaintext),
  );
}

function sealing(label: string, seal: () => HpkeCiphertext): HpkeCiphertext {
  try {
    return seal();
  } catch (error) {
    if (error instanceof MlsError && error.code === 'invalidArgument') {
      throw refused('badKey', label, error);
    }
    throw error;
  }
}

/** Opens what `sealTo` sealed. Throws PrivacyError `undecryptable` (rule: the label). */
export function openWith(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: HpkeCiphertext,
): Uint8Array {
  return openingHpke(label, () =>
    decryptWithLabel(suite, privateKey, fullLabel(label), context, sealed),
  );
}

/** Runs a decryption of the core; what it cannot open is PrivacyError `undecryptable`. */
export function openingHpke(label: string, open: () => Uint8Array): Uint8Array {
  try {
    return open();
  } catch (error) {
    if (error instanceof MlsError && error.code === 'undecryptable') {
      throw refused('undecryptable', label, error);
    }
    throw error;
  }
}
