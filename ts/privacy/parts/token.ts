// Privacy Pass tokens of one provider, which is issuer and origin in one: its key, its challenge, and what it signs.
// RFC 9578, section 6 (type 0x0002, blind RSA); RFC 9577, section 2.

import { hash } from '../../mls/index.ts';
import { TOKEN_TYPE, type TokenInput, Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { HASH_SUITE } from './structs.ts';

/** Bytes of the modulus: RSA with 2,048 bits. */
export const MODULUS_BYTES = 256;

/**
 * A SubjectPublicKeyInfo up to the modulus: id-RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, as
 * RFC 9578, section 6.5, asks for, and a modulus of 2,048 bits. With one exponent no other part of it varies.
 */
const KEY_START = fromHex(
  '30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202' +
    'a11a301806092a864886f70d010108300b0609608648016503040202a2030201300382010f003082010a0282010100',
);
/** The exponent 65537. */
const KEY_END = fromHex('0203010001');

/** The public key of an issuer with this modulus of 256 bytes, as it is published and hashed. */
export function tokenKeyOf(modulus: Uint8Array): Uint8Array {
  const key = new Uint8Array(KEY_START.length + MODULUS_BYTES + KEY_END.length);
  key.set(KEY_START);
  key.set(modulus, KEY_START.length);
  key.set(KEY_END, KEY_START.length + MODULUS_BYTES);
  return key;
}

/** The modulus of an issuer's public key. Throws PrivacyError `malformed` for any other form. */
export function modulusOf(tokenKey: Uint8Array): Uint8Array {
  const modulus = tokenKey.subarray(KEY_START.length, KEY_START.length + MODULUS_BYTES);
  const expected = modulus.length === MODULUS_BYTES ? tokenKeyOf(modulus) : KEY_START;
  const same =
    expected.length === tokenKey.length && expected.every((octet, at) => tokenKey[at] === octet);
  // The highest bit is set in a modulus of full length.
  if (!same || (modulus[0] ?? 0) < 128) throw refused('malformed', 'tokenKey');
  return modulus;
}

/** The id of an issuer's public key: its SHA-256. */
export function tokenKeyId(tokenKey: Uint8Array): Uint8Array {
  return hash(HASH_SUITE, tokenKey);
}

/**
 * What the tokens of a provider answer: the same challenge for everybody at any time, without a redemption context, so
 * that it tells no holder from another. struct TokenChallenge: RFC 9577, section 2.1.
 */
export function challengeDigest(domain: string): Uint8Array {
  const name = new TextEncoder().encode(domain);
  const writer = new Writer();
  writer.u16(TOKEN_TYPE, 'token_type');
  writer.u16(name.length, 'issuer_name');
  writer.raw(name);
  writer.u8(0, 'redemption_context');
  writer.u16(name.length, 'origin_info');
  writer.raw(name);
  return hash(HASH_SUITE, writer.finish());
}

/** A fresh token of a provider, before it is signed; `nonce` has 32 random bytes. */
export function tokenInput(domain: string, tokenKey: Uint8Array, nonce: Uint8Array): TokenInput {
  return { nonce, challengeDigest: challengeDigest(domain), keyId: tokenKeyId(tokenKey) };
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
