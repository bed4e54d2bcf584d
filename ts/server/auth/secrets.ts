// Comparing and reading bearer secrets without telling anything by time or by message (RFC 6750 section 2.1).
import { createHash, timingSafeEqual } from 'node:crypto';

/** Longest bearer token that is looked at, in characters; a JWT of our claims stays far below. */
const MAX_TOKEN_LENGTH = 4096;

/**
 * Whether two secrets are equal, in time that depends on neither. Both are hashed first, so that the
 * comparison runs over equal lengths and a length difference does not show.
 */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** The token of an `Authorization: Bearer` header, or undefined when there is none that could be one. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > MAX_TOKEN_LENGTH + 7) return undefined;
  const match = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization);
  return match?.[1];
}
