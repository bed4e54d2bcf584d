// Asks an issuer for Privacy Pass tokens that it cannot recognise when they are spent: RFC 9578, sections 6.1 and 6.3, with
// RSABSSA-SHA384-PSS-Deterministic of RFC 9474.

import { encodeToken, encodeTokenInput, TOKEN_SIGNATURE_BYTES } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { randomSecret } from './seal.ts';
import { modulusOf, tokenInput } from './token.ts';

/** Blinded messages for the issuer, and how its answer becomes tokens. */
export interface TokenRequests {
  readonly blinded: readonly Uint8Array[];
  /**
   * The encoded tokens from the blind signatures, in the order of `blinded`. Throws PrivacyError `badSignature` when one
   * does not verify under the issuer's key.
   */
  finish(signatures: readonly Uint8Array[]): Promise<Uint8Array[]>;
}

/** Begins `count` tokens of the provider `domain` with this public key. Throws PrivacyError `malformed`. */
export async function requestTokens(
  domain: string,
  tokenKey: Uint8Array,
  count: number,
): Promise<TokenRequests> {
  // Its big numbers weigh 120 KB: only who asks for tokens loads them.
  const { RSABSSA } = await import('@cloudflare/blindrsa-ts');
  const suite = RSABSSA.SHA384.PSS.Deterministic();
  const key = await importKey(modulusOf(tokenKey));
  const begin = async () => {
    const input = tokenInput(domain, tokenKey, randomSecret());
    const message = encodeTokenInput(input);
    return { input, message, ...(await suite.blind(key, message)) };
  };
  const begun: Awaited<ReturnType<typeof begin>>[] = [];
  while (begun.length < count) begun.push(await begin());
  return {
    blinded: begun.map(({ blindedMsg }) => blindedMsg),
    finish: async (signatures) => {
      if (signatures.length !== begun.length) throw refused('badSignature', 'count');
      const tokens: Uint8Array[] = [];
      for (const [index, { input, message, inv }] of begun.entries()) {
        const signature = signatures[index];
        if (signature?.length !== TOKEN_SIGNATURE_BYTES) throw refused('badSignature', 'length');
        const authenticator = await suite
          .finalize(key, message, signature, inv)
          .catch((cause: unknown) => Promise.reject(refused('badSignature', 'token', cause)));
        tokens.push(encodeToken({ ...input, authenticator }));
      }
      return tokens;
    },
  };
}

/** Web Crypto takes no key with the identifier of RSASSA-PSS everywhere, but its numbers it does. */
function importKey(modulus: Uint8Array): Promise<CryptoKey> {
  const n = btoa(String.fromCharCode(...modulus));
  const key = { kty: 'RSA', n: toUrl(n), e: 'AQAB', alg: 'PS384', ext: true };
  return crypto.subtle.importKey('jwk', key, { name: 'RSA-PSS', hash: 'SHA-384' }, true, [
    'verify',
  ]);
}

const toUrl = (base64: string) =>
  base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
