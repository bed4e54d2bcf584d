// struct EscrowCase and EscrowShare: ours, what the two escrow parties of a room are given of one leaf, and what each gives
// back. docs/modes/deployments.md, "Escrow".
//   struct {
//     opaque room<V>; opaque pseudonym<V>; opaque client<V>; opaque reason<V>; uint16 cipher_suite; opaque credential<V>;
//     opaque signature_key<V>; opaque versions<V><V>;
//   } EscrowCase;
//   struct { opaque party<V>; opaque case_hash[32]; opaque halves<V><V>; } EscrowShare;

import { readUri } from '../codec/read_uri.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import {
  asClientUri,
  asRoomUri,
  asUserUri,
  type ClientUri,
  type RoomUri,
  type UserUri,
} from '../uri.ts';

const HASH_BYTES = 32;

/** One leaf of a room, with its escrow as members have left it at the hub. */
export interface EscrowCase {
  readonly room: RoomUri;
  /** The user pseudonym that is to be opened. */
  readonly pseudonym: UserUri;
  /** The client pseudonym of the leaf. */
  readonly client: ClientUri;
  readonly reason: string;
  readonly suite: number;
  /** The content of the leaf's credential. */
  readonly credential: Uint8Array;
  readonly signatureKey: Uint8Array;
  /** What stands in the slot: the first that opens counts. */
  readonly versions: readonly Uint8Array[];
}

/** A party's halves of the link key, one for each version; empty where that does not open. */
export interface EscrowShare {
  readonly party: string;
  /** SHA-256 of the case. */
  readonly caseHash: Uint8Array;
  readonly halves: readonly Uint8Array[];
}

export const encodeEscrowCase = encoder((writer: Writer, value: EscrowCase) => {
  writer.text(value.room, 'room');
  writer.text(value.pseudonym, 'pseudonym');
  writer.text(value.client, 'client');
  writer.text(value.reason, 'reason');
  writer.u16(value.suite, 'cipher_suite');
  writer.opaque(value.credential, 'credential');
  writer.opaque(value.signatureKey, 'signature_key');
  writer.opaqueList(value.versions, 'versions');
});

export const decodeEscrowCase = decoder(
  (reader: Reader): EscrowCase => ({
    room: readUri(reader, 'room', asRoomUri),
    pseudonym: readUri(reader, 'pseudonym', asUserUri),
    client: readUri(reader, 'client', asClientUri),
    reason: reader.text('reason'),
    suite: reader.u16('cipher_suite'),
    credential: reader.opaque('credential').slice(),
    signatureKey: reader.opaque('signature_key').slice(),
    versions: reader.opaqueList('versions'),
  }),
);

export const encodeEscrowShare = encoder((writer: Writer, value: EscrowShare) => {
  writer.text(value.party, 'party');
  writer.fixed(value.caseHash, HASH_BYTES, 'case_hash');
  writer.opaqueList(value.halves, 'halves');
});

export const decodeEscrowShare = decoder(
  (reader: Reader): EscrowShare => ({
    party: reader.text('party'),
    caseHash: reader.fixed(HASH_BYTES, 'case_hash').slice(),
    halves: reader.opaqueList('halves'),
  }),
);
