// struct BanNotice and BanReceipt: ours, between the hub of a room and the provider of a banned user. The hub says that a
// pseudonym is banned, or is not any more; the provider answers for the person. docs/modes/deployments.md, "Bans".
//   struct { opaque room<V>; opaque pseudonym<V>; uint8 banned; uint64 at; } BanStatement;
//   struct { BanStatement statement; opaque signature<V>; } BanNotice;
//   struct { opaque provider<V>; opaque notice_hash[32]; uint64 at; opaque signature<V>; } BanReceipt;

import { readUri } from '../codec/read_uri.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { asRoomUri, asUserUri, type RoomUri, type UserUri } from '../uri.ts';

const HASH_BYTES = 32;

export interface BanStatement {
  readonly room: RoomUri;
  /** A user pseudonym, as the room's list has it. */
  readonly pseudonym: UserUri;
  readonly banned: boolean;
  /** Milliseconds since the epoch, at the hub; of two notices for a pseudonym the later one holds. */
  readonly at: bigint;
}

export interface BanNotice extends BanStatement {
  /** By the hub, over the statement. */
  readonly signature: Uint8Array;
}

/** That a provider does what a notice asks. */
export interface BanReceiptContent {
  /** The domain of the provider that gives it. */
  readonly provider: string;
  /** SHA-256 of the notice. */
  readonly noticeHash: Uint8Array;
  /** Milliseconds since the epoch, at that provider. */
  readonly at: bigint;
}

export interface BanReceipt extends BanReceiptContent {
  /** By the provider, over the rest. */
  readonly signature: Uint8Array;
}

function writeStatement(writer: Writer, value: BanStatement): void {
  writer.text(value.room, 'room');
  writer.text(value.pseudonym, 'pseudonym');
  writer.presence(value.banned);
  writer.u64(value.at, 'at');
}

/** What the hub signs. */
export const encodeBanStatement = encoder(writeStatement);

export const encodeBanNotice = encoder((writer: Writer, value: BanNotice) => {
  writeStatement(writer, value);
  writer.opaque(value.signature, 'signature');
});

export const decodeBanNotice = decoder(
  (reader: Reader): BanNotice => ({
    room: readUri(reader, 'room', asRoomUri),
    pseudonym: readUri(reader, 'pseudonym', asUserUri),
    banned: reader.presence('banned'),
    at: reader.u64('at'),
    signature: reader.opaque('signature').slice(),
  }),
);

function writeReceipt(writer: Writer, value: BanReceiptContent): void {
  writer.text(value.provider, 'provider');
  writer.fixed(value.noticeHash, HASH_BYTES, 'notice_hash');
  writer.u64(value.at, 'at');
}

/** What the provider signs. */
export const encodeBanReceiptContent = encoder(writeReceipt);

export const encodeBanReceipt = encoder((writer: Writer, value: BanReceipt) => {
  writeReceipt(writer, value);
  writer.opaque(value.signature, 'signature');
});

export const decodeBanReceipt = decoder(
  (reader: Reader): BanReceipt => ({
    provider: reader.text('provider'),
    noticeHash: reader.fixed(HASH_BYTES, 'notice_hash').slice(),
    at: reader.u64('at'),
    signature: reader.opaque('signature').slice(),
  }),
);
