// Devices that come with a JWT (RFC 7519) of the operator's own login, verified against a configured JWKS (RFC 7517).
// Claims: `sub` the user URI, `client` the client URI, `aud` our provider URI, `exp` required.
import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { ServerError } from '../errors.ts';
import { type DeviceIdentity, deviceIdentity } from './identity.ts';

/** Signature algorithms taken; `none` and the HMAC family can never be. */
const ALGORITHMS = ['EdDSA', 'ES256'];

/** Clock difference between the issuer and us that is forgiven, in seconds. */
const CLOCK_TOLERANCE_S = 5;

/** How long fetching the key set from its URL may take, in milliseconds. */
const FETCH_TIMEOUT_MS = 3000;

/** Failures of the key set itself, not of the token: the caller may come again. */
const KEY_SET_FAILURES: ReadonlySet<string> = new Set([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
]);

/** Answers who the token speaks for; throws `unauthorized`, or `dependencyUnavailable` when the key set cannot be had. */
export type JwtCheck = (token: string) => Promise<DeviceIdentity>;

/**
 * Builds the check for provider `domain`; `source` is a file path or a URL of a JSON Web Key Set.
 * A file is read once; a URL is fetched when first needed and again for unknown keys.
 * Throws `badConfig` when the file is not a key set.
 */
export async function jwtCheck(
  domain: string,
  source: string,
  clock: () => number,
): Promise<JwtCheck> {
  const keys = await keySet(source);
  return async (token) => {
    const claims = await verifiedClaims(token, keys, `mimi://${domain}`, clock);
    const { sub, client } = claims;
    const identity =
      typeof sub === 'string' && typeof client === 'string'
        ? deviceIdentity(domain, sub, client)
        : undefined;
    if (identity === undefined) throw new ServerError('unauthorized');
    return identity;
  };
}

async function verifiedClaims(
  token: string,
  keys: JWTVerifyGetKey,
  audience: string,
  clock: () => number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      audience,
      requiredClaims: ['exp', 'sub', 'client'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock()),
    });
    return payload;
  } catch (cause) {
    // Anything that jose did not raise by name comes from fetching the key set.
    const ofToken = cause instanceof errors.JOSEError && !KEY_SET_FAILURES.has(cause.code);
    throw new ServerError(ofToken ? 'unauthorized' : 'dependencyUnavailable', undefined, { cause });
  }
}

async function keySet(source: string): Promise<JWTVerifyGetKey> {
  if (/^https?:/.test(source)) {
    return createRemoteJWKSet(new URL(source), { timeoutDuration: FETCH_TIMEOUT_MS });
  }
  try {
    return createLocalJWKSet(JSON.parse(await readFile(source, 'utf8')) as JSONWebKeySet);
  } catch (cause) {
    throw new ServerError(
      'badConfig',
      `The setting jwks is not usable: ${source} cannot be read as a JSON Web Key Set. Give the path of one, or its URL.`,
      { cause, details: { path: 'jwks' } },
    );
  }
}
