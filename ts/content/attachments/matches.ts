// Whether a file is the one that a message refers to, for who has no key, such as an operator with a report: the hash is
// over the ciphertext. draft-ietf-mimi-content-08, "External content".

import type { ExternalPart } from '../model.ts';
import { SHA_256 } from '../named_hash.ts';
import { ContentError } from '../rules.ts';
import { sha256 } from '../sha256.ts';

/**
 * Whether what lies at a part's URL, its ciphertext where it is encrypted, has the hash that the part names. Throws
 * ContentError `unknownHash` for another hash than SHA-256, or none.
 */
export function attachmentMatches(
  { hashAlg, contentHash }: Pick<ExternalPart, 'hashAlg' | 'contentHash'>,
  file: Uint8Array,
): boolean {
  if (hashAlg !== SHA_256) {
    throw new ContentError('unknownHash', 'The file can be compared by SHA-256 only.', {
      details: { hashAlg },
    });
  }
  const found = sha256(file);
  return (
    found.length === contentHash.length && found.every((octet, at) => octet === contentHash[at])
  );
}
