// The announcement of an epoch's public key, beside the commit that begins it: docs/modes, "Announcing
// pk_{n+1}". Only those who are no members use it; members compute the key. It cannot be part of the commit, whose
// authenticated data enters the very secret that the key follows from.
//   struct { opaque group_id<V>; uint64 epoch; opaque context_hash[32]; opaque public_key<V>; uint32 leaf_index; }
//     AnnouncementTBS;
//   struct { AnnouncementTBS tbs; opaque signature<V>; } Announcement;

import type { CipherSuite } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { checkSignature, fullLabel, type Signer } from './hpke.ts';
import { decoding, KEY_BYTES, labelled, labelledHash, sameBytes } from './structs.ts';

const LABEL = 'epoch key announcement';

/** SHA-256 of the labelled GroupContext (its TLS bytes): what committer, hub and joiner compare. */
export function contextHash(groupContext: Uint8Array): Uint8Array {
  return labelledHash('group context', (writer) => writer.opaque(groupContext, 'groupContext'));
}

export interface AnnouncedKey {
  readonly groupId: Uint8Array;
  /** The epoch that the commit begins. */
  readonly epoch: bigint;
  /** `contextHash` of that epoch's GroupContext, 32 bytes. */
  readonly contextHash: Uint8Array;
  /** Of the epoch's HPKE key pair. */
  readonly publicKey: Uint8Array;
  /** The committer's leaf in the new tree. */
  readonly leafIndex: number;
}

export interface Announcement extends AnnouncedKey {
  readonly signature: Uint8Array;
}

function writeKey(writer: Writer, value: AnnouncedKey): void {
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.epoch, 'epoch');
  writer.fixed(value.contextHash, KEY_BYTES, 'contextHash');
  writer.opaque(value.publicKey, 'publicKey');
  writer.u32(value.leafIndex, 'leafIndex');
}

const contentOf = (key: AnnouncedKey): Uint8Array =>
  labelled(LABEL, (writer) => writeKey(writer, key));

/** Signs with the key of the committer's leaf in the new tree. */
export function makeAnnouncement(key: AnnouncedKey, sign: Signer): Uint8Array {
  return encode({ ...key, signature: sign(fullLabel(LABEL), contentOf(key)) });
}

const encode = encoder((writer: Writer, value: Announcement) => {
  writeKey(writer, value);
  writer.opaque(value.signature, 'signature');
});

const decode = decoder(
  (reader: Reader): Announcement => ({
    groupId: reader.opaque('groupId'),
    epoch: reader.u64('epoch'),
    contextHash: reader.fixed(KEY_BYTES, 'contextHash'),
    publicKey: reader.opaque('publicKey'),
    leafIndex: reader.u32('leafIndex'),
    signature: reader.opaque('signature'),
  }),
);

/** Nothing is verified. Throws PrivacyError `malformed`. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  return decoding('Announcement', () => decode(bytes));
}

/** What the verifier knows by itself of the epoch that is announced. */
export interface AnnouncedEpoch {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contextHash: Uint8Array;
  /** The committer's leaf in the new tree, and its signature key there. */
  readonly leafIndex: number;
  readonly signatureKey: Uint8Array;
}

/**
 * The announced key, when it is signed by that leaf for exactly that epoch.
 * Throws PrivacyError `malformed`, `wrongContext` (rule: groupId, epoch, contextHash, leafIndex), `badSignature`.
 */
export function verifyAnnouncement(bytes: Uint8Array, expected: AnnouncedEpoch): Announcement {
  const announcement = decodeAnnouncement(bytes);
  if (!sameBytes(announcement.groupId, expected.groupId)) throw refused('wrongContext', 'groupId');
  if (announcement.epoch !== expected.epoch) throw refused('wrongContext', 'epoch');
  if (!sameBytes(announcement.contextHash, expected.contextHash)) {
    throw refused('wrongContext', 'contextHash');
  }
  if (announcement.leafIndex !== expected.leafIndex) throw refused('wrongContext', 'leafIndex');
  const { suite, signatureKey } = expected;
  checkSignature(suite, signatureKey, LABEL, contentOf(announcement), announcement.signature);
  return announcement;
}
