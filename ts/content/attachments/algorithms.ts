// What attachments are encrypted and hashed with: draft-ietf-mimi-content, "External content", which takes the numbers
// from IANA's registries of AEAD algorithms (RFC 5116) and of Named Information hash algorithms (RFC 6920).

import { MlsError } from '../../mls/index.ts';
import type { ExternalPart } from '../model.ts';
import { SHA_256 } from '../named_hash.ts';
import { ContentError } from '../rules.ts';

/** The AEADs that attachments are encrypted with here; every client has the first. */
export const AttachmentAlgorithm = {
  aes128Gcm: 1,
  aes256Gcm: 2,
  chacha20Poly1305: 29,
} as const;

/** What an external part says about the bytes at its URL. */
export type AttachmentFields = Pick<
  ExternalPart,
  'encAlg' | 'key' | 'nonce' | 'aad' | 'hashAlg' | 'contentHash' | 'size'
>;

/** Not encrypted: the part has no key. */
export const NOT_ENCRYPTED = 0;
export const SHA_256_BYTES = 32;
export const NONCE_BYTES = 12;
/** The tag stands behind the ciphertext and belongs to it. */
export const TAG_BYTES = 16;

const keyBytesOf = new Map<number, number>([
  [AttachmentAlgorithm.aes128Gcm, 16],
  [AttachmentAlgorithm.aes256Gcm, 32],
  [AttachmentAlgorithm.chacha20Poly1305, 32],
]);

/** Bytes of a key; undefined for an algorithm that is not known. */
export const attachmentKeyBytes = (encAlg: number): number | undefined => keyBytesOf.get(encAlg);

/**
 * Checks that the part can be opened here, without using any of its bytes. Throws ContentError `unsupportedAlgorithm`,
 * and `invalidAttachment` for a key, nonce or hash that is not as long as its algorithm has it.
 */
export function checkAttachment(part: AttachmentFields): void {
  const encrypted = part.encAlg !== NOT_ENCRYPTED;
  const keyBytes = encrypted ? attachmentKeyBytes(part.encAlg) : 0;
  if (keyBytes === undefined) throw unsupported('encAlg', part.encAlg, 'a known AEAD: 1, 2 or 29');
  // Without a hash nothing could be checked before the key is used.
  if (part.hashAlg !== SHA_256) throw unsupported('hashAlg', part.hashAlg, 'SHA-256: 1');
  checkLength('key', part.key, keyBytes);
  checkLength('nonce', part.nonce, encrypted ? NONCE_BYTES : 0);
  checkLength('contentHash', part.contentHash, SHA_256_BYTES);
}

const unsupported = (name: string, found: number, expected: string): ContentError =>
  new ContentError(
    'unsupportedAlgorithm',
    `The attachment cannot be opened here: its ${name} is ${found}, not ${expected}.`,
    { details: { path: `/${name}`, expected, found } },
  );

function checkLength(name: string, bytes: Uint8Array, expected: number): void {
  const found = bytes.length;
  if (found === expected) return;
  throw new ContentError(
    'invalidAttachment',
    `The attachment cannot be opened: its ${name} has ${found} bytes instead of ${expected}. Ask for it again.`,
    { details: { path: `/${name}`, expected, found } },
  );
}

/** What `call` gives; the limit of the algorithm in this layer's words. */
export function withinLimit<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (!(cause instanceof MlsError) || cause.code !== 'tooLarge') throw cause;
    throw new ContentError(
      'attachmentTooLarge',
      'The attachment is larger than its algorithm allows; split it.',
      { cause, details: { limit: Number(cause.details.limit) } },
    );
  }
}
