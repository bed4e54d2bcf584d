// Keys from keys, and symmetric seals and MACs under them: HKDF-Expand (RFC 5869, section 2.3) with SHA-256 and
// ChaCha20-Poly1305 (RFC 8439), the AEAD of suite 3, since it takes the 32 bytes that every key of ours has.
//   struct { uint16 length; opaque label<V>; opaque context<V>; } ChildInfo;
//   struct { opaque nonce[12]; opaque ciphertext<V>; } Sealed;  struct { opaque label<V>; opaque context<V>; } SealAad;

import {
  aeadOpen,
  aeadSeal,
  type CipherSuite,
  hkdfExpand,
  hmac,
  MlsError,
} from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import {
  decoding,
  HASH_SUITE,
  KEY_BYTES,
  LABEL_PREFIX,
  labelled,
  STRUCT_LIMITS,
} from './structs.ts';

const AEAD_SUITE: CipherSuite = 3;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const nothing = new Uint8Array();

const encodeChildInfo = encoder(
  (writer: Writer, info: { length: number; label: string; context: Uint8Array }) => {
    writer.u16(info.length, 'length');
    writer.text(LABEL_PREFIX + info.label, 'label');
    writer.opaque(info.context, 'context');
  },
);

interface Sealed {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const encodeSealed = encoder((writer: Writer, value: Sealed) => {
  writer.fixed(value.nonce, NONCE_BYTES, 'nonce');
  writer.opaque(value.ciphertext, 'ciphertext');
});
const decodeSealed = decoder(
  (reader: Reader): Sealed => ({
    nonce: reader.fixed(NONCE_BYTES, 'nonce'),
    ciphertext: reader.opaque('ciphertext'),
  }),
);

/** Random bytes of the runtime. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A fresh secret of 32 bytes. */
export const randomSecret = (): Uint8Array => randomBytes(KEY_BYTES);

/** Refuses a key of another length: HMAC pads short keys, so that two of them would be one. */
export function checkSecret(secret: Uint8Array, rule: string): void {
  if (secret.length !== KEY_BYTES) throw refused('invalidArgument', rule);
}

/**
 * A secret of `length` bytes that follows from `secret` (32 bytes), its label and context, and from which `secret`
 * does not follow. Throws PrivacyError `invalidArgument`.
 */
export function child(
  secret: Uint8Array,
  label: string,
  context: Uint8Array = nothing,
  length: number = KEY_BYTES,
): Uint8Array {
  checkSecret(secret, label);
  return hkdfExpand(HASH_SUITE, secret, encodeChildInfo({ length, label, context }), length);
}

/** HMAC-SHA-256 of a labelled struct under a key of 32 bytes. */
export function labelledMac(
  key: Uint8Array,
  label: string,
  write: (writer: Writer) => void,
): Uint8Array {
  checkSecret(key, label);
  return hmac(HASH_SUITE, key, labelled(label, write));
}

/** Compares MACs and secrets; the time it takes says nothing about where they differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) {
    difference |= (a[index] as number) ^ (b[index] as number);
  }
  return difference === 0;
}

const aadOf = (label: string, context: Uint8Array): Uint8Array =>
  labelled(label, (writer) => writer.opaque(context, 'context'));

/**
 * AEAD(key, plaintext) as docs/modes writes it. The nonce is random: a key may seal 2^32 times.
 * `context` is an encoded struct that says where the ciphertext belongs; it opens with the same one only.
 */
export function sealUnder(
  key: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  checkSecret(key, label);
  const nonce = randomBytes(NONCE_BYTES);
  const aad = aadOf(label, context);
  return encodeSealed({ nonce, ciphertext: aeadSeal(AEAD_SUITE, { key, nonce, aad }, plaintext) });
}

/** Opens what `sealUnder` sealed. Throws PrivacyError `malformed`, `undecryptable` (rule: the label). */
export function openUnder(
  key: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  checkSecret(key, label);
  const { nonce, ciphertext } = decoding(label, () => decodeSealed(sealed, STRUCT_LIMITS));
  return openAead({ key, nonce, aad: aadOf(label, context) }, label, ciphertext);
}

/** As `openUnder`, for a plaintext that is a secret of 32 bytes; another length is `malformed`. */
export function openSecret(
  key: Uint8Array,
  label: string,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const secret = openUnder(key, label, context, sealed);
  if (secret.length !== KEY_BYTES) throw refused('malformed', label);
  return secret;
}

interface OneTimeKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

/** Seals under a key that is used once, so that its nonce may follow from it. */
export function sealOnce(input: OneTimeKey, plaintext: Uint8Array): Uint8Array {
  return aeadSeal(AEAD_SUITE, input, plaintext);
}

/** Opens what `sealOnce` sealed. Throws PrivacyError `undecryptable`. */
export function openAead(input: OneTimeKey, rule: string, ciphertext: Uint8Array): Uint8Array {
  if (ciphertext.length < TAG_BYTES) throw refused('undecryptable', rule);
  try {
    return aeadOpen(AEAD_SUITE, input, ciphertext);
  } catch (error) {
    if (error instanceof MlsError && error.code === 'undecryptable') {
      throw refused('undecryptable', rule, error);
    }
    throw error;
  }
}

/** What `sealUnder` makes of so many bytes of plaintext (from 48 to 16,367): nonce, length, ciphertext and tag. */
export const sealedLength = (plaintext: number): number => NONCE_BYTES + 2 + plaintext + TAG_BYTES;
