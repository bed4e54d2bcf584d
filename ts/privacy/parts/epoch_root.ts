// The keys of an epoch: docs/modes, "Epoch root". They follow from one safe export of the group, which is
// erased at once; a committer has them before its commit is accepted, a receiver once it has merged.
//   struct { uint16 cipher_suite; opaque public_key<V>; opaque private_key<V>; opaque write_key[32];
//     opaque wrapper_seal[32]; } EpochKeys;

import { type CipherSuite, deriveHpkeKeyPair } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { child } from './seal.ts';
import { decoding, KEY_BYTES, readSuite } from './structs.ts';

/** What members of an epoch have in common beside the group's own secrets. */
export interface EpochKeys {
  readonly suite: CipherSuite;
  /** To this outsiders seal what all members shall read. */
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
  /** 32 bytes: shows a hub that sees no senders that a request is a member's. */
  readonly writeKey: Uint8Array;
  /** 32 bytes: seals the wrapper key for the members of this epoch. */
  readonly wrapperSeal: Uint8Array;
}

/**
 * The keys that follow from the epoch's root (32 bytes), which is overwritten with zeros.
 * Throws PrivacyError `invalidArgument`.
 */
export function deriveEpochKeys(suite: CipherSuite, root: Uint8Array): EpochKeys {
  // Suites 1 and 3 would derive one pair from one key material; the suite in the context keeps them apart.
  const context = encodeSuite(suite);
  const material = child(root, 'epoch key pair', context);
  const { publicKey, privateKey } = deriveHpkeKeyPair(suite, material);
  material.fill(0);
  const writeKey = child(root, 'write key', context);
  const wrapperSeal = child(root, 'wrapper seal', context);
  root.fill(0);
  return { suite, publicKey, privateKey, writeKey, wrapperSeal };
}

/** Overwrites the secrets with zeros: when the next epoch is confirmed, or the commit to this one discarded. */
export function eraseEpochKeys(keys: EpochKeys): void {
  keys.privateKey.fill(0);
  keys.writeKey.fill(0);
  keys.wrapperSeal.fill(0);
}

const encodeSuite = encoder((writer: Writer, suite: CipherSuite) => writer.u16(suite, 'suite'));

/** For the device's own storage; the bytes are secret. */
export const encodeEpochKeys = encoder((writer: Writer, keys: EpochKeys) => {
  writer.u16(keys.suite, 'suite');
  writer.opaque(keys.publicKey, 'publicKey');
  writer.opaque(keys.privateKey, 'privateKey');
  writer.fixed(keys.writeKey, KEY_BYTES, 'writeKey');
  writer.fixed(keys.wrapperSeal, KEY_BYTES, 'wrapperSeal');
});

const decode = decoder(
  (reader: Reader): EpochKeys => ({
    suite: readSuite(reader),
    publicKey: reader.opaque('publicKey').slice(),
    privateKey: reader.opaque('privateKey').slice(),
    writeKey: reader.fixed(KEY_BYTES, 'writeKey').slice(),
    wrapperSeal: reader.fixed(KEY_BYTES, 'wrapperSeal').slice(),
  }),
);

/** Copies, so that erasing the keys leaves the stored row alone. Throws PrivacyError `malformed`. */
export function decodeEpochKeys(bytes: Uint8Array): EpochKeys {
  return decoding('EpochKeys', () => decode(bytes));
}
