// Pseudonyms and what an account derives for them: docs/modes, "pseudonymous". Where the design says a
// random UUID, the user pseudonym here is the hash of its key U: then nobody without U can claim the pseudonym, and
// the participant list binds to U by naming the pseudonym.

import {
  type CipherSuite,
  deriveHpkeKeyPair,
  deriveSignatureKeyPair,
  type KeyPair,
} from '../../mls/index.ts';
import {
  type ClientUri,
  clientUri,
  encoder,
  type UserUri,
  userUri,
  type Writer,
} from '../../wire/index.ts';
import { child, randomBytes } from './seal.ts';
import { hex, labelledHash } from './structs.ts';

/**
 * 128 bits: to take over a pseudonym one must find another key with its hash, 2^128 steps. Two keys of one's own
 * with the same hash take 2^64, and give nothing that two devices do not.
 */
const PSEUDONYM_BYTES = 16;

const clientIdPattern = /^[0-9a-f]{32}$/;

/** The user pseudonym of the key U (its public part) at the user's provider. Throws WireError `unencodable`. */
export function userPseudonym(domain: string, pseudonymKey: Uint8Array): UserUri {
  const digest = labelledHash('pseudonym', (writer) => writer.opaque(pseudonymKey, 'key'));
  return userUri(domain, hex(digest.subarray(0, PSEUDONYM_BYTES)));
}

/** Whether a user URI has the one form of user pseudonyms. */
export const isUserPseudonym = (uri: string): boolean => /\/u\/[0-9a-f]{32}$/.test(uri);

/** A fresh client pseudonym: one a credential, never used again. Throws WireError `unencodable`. */
export function newClientPseudonym(domain: string): ClientUri {
  return clientUri(domain, hex(randomBytes(PSEUDONYM_BYTES)));
}

/** Whether an id has the one form of client pseudonyms; any other could carry a name. */
export const isClientPseudonymId = (id: string): boolean => clientIdPattern.test(id);

const encodeKeyContext = encoder(
  (writer: Writer, value: { suite: CipherSuite; index: Uint8Array }) => {
    writer.u16(value.suite, 'suite');
    writer.opaque(value.index, 'index');
  },
);
const encodeGeneration = encoder((writer: Writer, generation: number) => {
  writer.u32(generation, 'generation');
});

/**
 * The key pair U of the account's pseudonym with this index: the same on each of its devices, and linked to no other.
 * `accountSecret` is 32 bytes; an index is used for one room. Throws PrivacyError `invalidArgument`.
 */
export function pseudonymKey(
  suite: CipherSuite,
  accountSecret: Uint8Array,
  index: Uint8Array,
): KeyPair {
  const material = child(accountSecret, 'pseudonym key', encodeKeyContext({ suite, index }));
  const pair = deriveSignatureKeyPair(suite, material);
  material.fill(0);
  return pair;
}

/** The HPKE key pair of the account's contact card; another generation is another pair. */
export function contactKey(
  suite: CipherSuite,
  accountSecret: Uint8Array,
  generation: number,
): KeyPair {
  const index = encodeGeneration(generation);
  const material = child(accountSecret, 'contact key', encodeKeyContext({ suite, index }));
  const pair = deriveHpkeKeyPair(suite, material);
  material.fill(0);
  return pair;
}

/** What connected users are given, 32 bytes; the next generation begins when one of them is disconnected or blocked. */
export function connectionKey(accountSecret: Uint8Array, generation: number): Uint8Array {
  return child(accountSecret, 'connection key', encodeGeneration(generation));
}

/** What a connected user shows the provider to claim key packages, 32 bytes. */
export function claimToken(connection: Uint8Array): Uint8Array {
  return child(connection, 'claim token');
}

/** Of how many sets a stock consists whose provider must not see that they are of one user; one of last resort besides. */
export const CLAIM_SLOTS = 16;

const encodeSlot = encoder((writer: Writer, slot: number) => {
  writer.u8(slot, 'slot');
});

/**
 * What a connected user shows to claim the set in one of the places of a stock, 32 bytes; the place `CLAIM_SLOTS` is that
 * of the set of last resort. Nothing shows that two of them, or one and the `claimToken`, are of one user.
 */
export function claimSlotToken(connection: Uint8Array, slot: number): Uint8Array {
  return child(connection, 'claim slot token', encodeSlot(slot));
}

/** What the provider keeps of the token. */
export function claimTokenHash(token: Uint8Array): Uint8Array {
  return labelledHash('claim token', (writer) => writer.opaque(token, 'token'));
}

/** Seals link keys beside stored key packages, 32 bytes; a provider that knows the token cannot compute it. */
export function linkKeySeal(connection: Uint8Array): Uint8Array {
  return child(connection, 'link key seal');
}
