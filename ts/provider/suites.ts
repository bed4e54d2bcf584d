// Cipher suites that this provider can use.

import type { CipherSuite } from '../mls/index.ts';
import { ProviderError } from './errors.ts';

/** RFC 9420, section 17.1: X25519 with AES-128-GCM, P-256, X25519 with ChaCha20-Poly1305. */
export const SUITES: readonly CipherSuite[] = [1, 2, 3];

/** Narrows a number of the wire. @throws ProviderError `badRequest`. */
export function suiteOf(value: number, path: string): CipherSuite {
  const suite = SUITES.find((known) => known === value);
  if (suite === undefined) {
    throw new ProviderError('badRequest', `Cipher suite ${value} is not one of 1, 2 and 3.`, {
      details: { path },
    });
  }
  return suite;
}
