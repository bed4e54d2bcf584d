// The MLS primitives (RFC 9420, section 5) that other layers need, the same in every runtime.

import { maxU32, wholeNumber } from './arguments.ts';
import { core } from './instance.ts';
import { Reply } from './reply.ts';
import type { CipherSuite } from './types.ts';

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** HPKECiphertext of RFC 9420, section 7.6. */
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const readKeyPair = (bytes: Uint8Array): KeyPair => {
  const reply = new Reply(bytes);
  return { publicKey: reply.bytes(), privateKey: reply.bytes() };
};

/** A signature key pair of the suite. Throws MlsError `wrongSuite`. */
export function generateSignatureKeyPair(suite: CipherSuite): KeyPair {
  return readKeyPair(core((glue) => glue.generateSignatureKeyPair(suite)));
}

/**
 * The signature key pair of the suite that belongs to this key material, at least 32 secret bytes: always the same.
 * Throws MlsError `wrongSuite`, `invalidArgument`.
 */
export function deriveSignatureKeyPair(suite: CipherSuite, ikm: Uint8Array): KeyPair {
  return readKeyPair(core((glue) => glue.deriveSignatureKeyPair(suite, ikm)));
}

/** SignWithLabel (section 5.1.2); `label` without the prefix "MLS 1.0 ". Throws MlsError `invalidArgument`. */
export function signWithLabel(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: string,
  content: Uint8Array,
): Uint8Array {
  return core((glue) => glue.signWithLabel(suite, privateKey, label, content));
}

/** VerifyWithLabel (section 5.1.2); false for a wrong signature and for a malformed key or signature. */
export function verifyWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  return core((glue) => glue.verifyWithLabel(suite, publicKey, label, content, signature));
}

/** An HPKE key pair of the suite. Throws MlsError `wrongSuite`. */
export function generateHpkeKeyPair(suite: CipherSuite): KeyPair {
  return readKeyPair(core((glue) => glue.generateHpkeKeyPair(suite)));
}

/**
 * DeriveKeyPair (RFC 9180, section 7.1.3) from at least 32 secret bytes: always the same pair. Suites 1 and 3 have the
 * same KEM, so that one key material gives one pair for both. Throws MlsError `wrongSuite`, `invalidArgument`.
 */
export function deriveHpkeKeyPair(suite: CipherSuite, ikm: Uint8Array): KeyPair {
  return readKeyPair(core((glue) => glue.deriveHpkeKeyPair(suite, ikm)));
}

/** EncryptWithLabel (section 5.1.3). Throws MlsError `invalidArgument` for a malformed key. */
export function encryptWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): HpkeCiphertext {
  const reply = new Reply(
    core((glue) => glue.encryptWithLabel(suite, publicKey, label, context, plaintext)),
  );
  return { kemOutput: reply.bytes(), ciphertext: reply.bytes() };
}

/**
 * EncryptWithLabel with the ephemeral key derived from at least 32 secret bytes: always the same ciphertext. Whoever has
 * those bytes learns the plaintext. Throws MlsError `invalidArgument`.
 */
export function encryptDerived(
  suite: CipherSuite,
  ikm: Uint8Array,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): HpkeCiphertext {
  const reply = new Reply(
    core((glue) => glue.encryptDerived(suite, ikm, publicKey, label, context, plaintext)),
  );
  return { kemOutput: reply.bytes(), ciphertext: reply.bytes() };
}

/** DecryptWithLabel (section 5.1.3). Throws MlsError `undecryptable`. */
export function decryptWithLabel(
  suite: CipherSuite,
  privateKey: Uint8Array,
  label: string,
  context: Uint8Array,
  { kemOutput, ciphertext }: HpkeCiphertext,
): Uint8Array {
  return core((glue) =>
    glue.decryptWithLabel(suite, privateKey, label, context, kemOutput, ciphertext),
  );
}

/** HKDF-Extract (RFC 5869, section 2.2) with the suite's hash. Throws MlsError `wrongSuite`. */
export function hkdfExtract(suite: CipherSuite, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return core((glue) => glue.hkdfExtract(suite, salt, ikm));
}

/**
 * HKDF-Expand (RFC 5869, section 2.3) with the suite's hash; `length` in bytes.
 * Throws MlsError `invalidArgument` for a `prk` that is too short or a `length` above 255 hashes.
 */
export function hkdfExpand(
  suite: CipherSuite,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return core((glue) => glue.hkdfExpand(suite, prk, info, wholeNumber(length, maxU32, 'length')));
}

/** HMAC (RFC 2104) with the suite's hash. To check one, compare in constant time. */
export function hmac(suite: CipherSuite, key: Uint8Array, message: Uint8Array): Uint8Array {
  return core((glue) => glue.hmac(suite, key, message));
}

/** What the suite's AEAD needs: a key of 16 bytes (suites 1 and 2) or 32 (suite 3), and a nonce of 12. */
export interface AeadInput {
  readonly key: Uint8Array;
  /** Never twice with the same key. */
  readonly nonce: Uint8Array;
  readonly aad?: Uint8Array | undefined;
}

const nothing = new Uint8Array();

/** Seals with the suite's AEAD; the tag of 16 bytes stands behind the ciphertext. Throws MlsError `invalidArgument`. */
export function aeadSeal(
  suite: CipherSuite,
  { key, nonce, aad = nothing }: AeadInput,
  plaintext: Uint8Array,
): Uint8Array {
  return core((glue) => glue.aeadSeal(suite, key, nonce, aad, plaintext));
}

/** Opens what `aeadSeal` sealed. Throws MlsError `undecryptable`, `invalidArgument`. */
export function aeadOpen(
  suite: CipherSuite,
  { key, nonce, aad = nothing }: AeadInput,
  ciphertext: Uint8Array,
): Uint8Array {
  return core((glue) => glue.aeadOpen(suite, key, nonce, aad, ciphertext));
}

/** The suite's hash of `bytes`. Throws MlsError `wrongSuite`. */
export function hash(suite: CipherSuite, bytes: Uint8Array): Uint8Array {
  return core((glue) => glue.hash(suite, bytes));
}

/**
 * KeyPackageRef (section 5.2) of a KeyPackage struct or an MLSMessage that carries one, with its own suite's hash.
 * The key package is read, but not validated. Throws MlsError `malformed`, `wrongSuite`.
 */
export function keyPackageRef(bytes: Uint8Array): Uint8Array {
  return core((glue) => glue.keyPackageRef(bytes));
}
