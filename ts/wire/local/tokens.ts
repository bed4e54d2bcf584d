// Privacy Pass tokens of type 0x0002 (RFC 9577, section 2.2; RFC 9578, section 6), and the bodies by which a device asks its
// own provider for a batch of them and spends one on a queue. The batch and the queue are ours:
//   struct { opaque item[256]; } Blinded;  struct { Blinded items<V>; } BlindedBatch;   `issueTokens`, both ways
//   struct { Token token; opaque secret_hash[32]; } OpenQueue;                          `openQueue`
//   struct { IdentifierUri client; } QueueOpened;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

/** Blind RSA with 2,048 bits. */
export const TOKEN_TYPE = 2;
/** Bytes of a blinded message, a blind signature and an authenticator. */
export const TOKEN_SIGNATURE_BYTES = 256;
const HASH_BYTES = 32;

/** A token without its authenticator: what the issuer signs, blindly. */
export interface TokenInput {
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  /** SHA-256 of the challenge: whose token it is, and for what. */
  readonly challengeDigest: Uint8Array;
  /** SHA-256 of the issuer's key. */
  readonly keyId: Uint8Array;
}

export interface Token extends TokenInput {
  /** The issuer's signature of the input. */
  readonly authenticator: Uint8Array;
}

function writeInput(writer: Writer, value: TokenInput): void {
  writer.u16(TOKEN_TYPE, 'token_type');
  writer.fixed(value.nonce, HASH_BYTES, 'nonce');
  writer.fixed(value.challengeDigest, HASH_BYTES, 'challenge_digest');
  writer.fixed(value.keyId, HASH_BYTES, 'token_key_id');
}

export const encodeTokenInput = encoder(writeInput);

export function writeToken(writer: Writer, value: Token): void {
  writeInput(writer, value);
  writer.fixed(value.authenticator, TOKEN_SIGNATURE_BYTES, 'authenticator');
}

export function readToken(reader: Reader): Token {
  const type = reader.u16('token_type');
  if (type !== TOKEN_TYPE) {
    throw reader.error('unknownValue', `Tokens of type ${type} are not known.`, 'token_type');
  }
  return {
    nonce: reader.fixed(HASH_BYTES, 'nonce'),
    challengeDigest: reader.fixed(HASH_BYTES, 'challenge_digest'),
    keyId: reader.fixed(HASH_BYTES, 'token_key_id'),
    authenticator: reader.fixed(TOKEN_SIGNATURE_BYTES, 'authenticator'),
  };
}

export const encodeToken = encoder(writeToken);
export const decodeToken = decoder(readToken);

/** A request for tokens, blinded messages, or its answer, blind signatures in the same order; each of 256 bytes. */
export const encodeBlindedBatch = encoder((writer: Writer, items: readonly Uint8Array[]) => {
  writer.list(items, 'items', (to, item) => to.fixed(item, TOKEN_SIGNATURE_BYTES, 'item'));
});

export const decodeBlindedBatch = decoder((reader: Reader): Uint8Array[] =>
  reader.list('items', (item) => item.fixed(TOKEN_SIGNATURE_BYTES, 'item')),
);

export interface OpenQueue {
  readonly token: Token;
  /** SHA-256 of the text that the queue's owner will show: the provider never sees it before. */
  readonly secretHash: Uint8Array;
}

export const encodeOpenQueue = encoder((writer: Writer, value: OpenQueue) => {
  writeToken(writer, value.token);
  writer.fixed(value.secretHash, HASH_BYTES, 'secret_hash');
});

export const decodeOpenQueue = decoder(
  (reader: Reader): OpenQueue => ({
    token: reader.struct('token', readToken),
    secretHash: reader.fixed(HASH_BYTES, 'secret_hash'),
  }),
);

/** The client URI under which the provider serves a queue. */
export const encodeQueueOpened = encoder(writeIdentifierUri);
export const decodeQueueOpened = decoder(readIdentifierUri);
