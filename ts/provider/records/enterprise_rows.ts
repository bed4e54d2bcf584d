// What the rows of the enterprise deployment hold: whose a pseudonym is, and what was said of its ban.

import {
  decoder,
  encoder,
  enumTable,
  type NameOf,
  type Reader,
  type RoomUri,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

const HASH_BYTES = 32;

const sources = enumTable({ uploaded: 1, seen: 2, declared: 3 });

/** How the provider has come to know whose a pseudonym is. */
export type OwnerSource = NameOf<typeof sources>;

/** Whose a user pseudonym is. */
export interface OwnerRow {
  readonly user: UserUri;
  readonly source: OwnerSource;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The room that it is for; empty while that is not known. */
  readonly room: RoomUri | '';
}

export const encodeOwnerRow = rowEncoder((writer, row: OwnerRow) => {
  writer.text(row.user, 'user');
  writer.enum8(sources, row.source, 'source');
  writer.u64(BigInt(row.at), 'at');
  writer.text(row.room, 'room');
});

export const decodeOwnerRow = rowDecoder(
  (reader): OwnerRow => ({
    user: reader.text('user') as UserUri,
    source: reader.enum8(sources, 'source'),
    at: Number(reader.u64('at')),
    room: reader.text('room') as RoomUri | '',
  }),
);

/** What the hub of a room has said last of a pseudonym of one of our users. */
export interface PersonBanRow {
  readonly user: UserUri;
  readonly room: RoomUri;
  readonly pseudonym: UserUri;
  readonly banned: boolean;
  /** Of the notice: milliseconds since the epoch, at the hub. */
  readonly at: bigint;
  readonly noticeHash: Uint8Array;
}

export const encodePersonBanRow = rowEncoder((writer, row: PersonBanRow) => {
  writer.text(row.user, 'user');
  writer.text(row.room, 'room');
  writer.text(row.pseudonym, 'pseudonym');
  writer.presence(row.banned);
  writer.u64(row.at, 'at');
  writer.fixed(row.noticeHash, HASH_BYTES, 'notice_hash');
});

export const decodePersonBanRow = rowDecoder(
  (reader): PersonBanRow => ({
    user: reader.text('user') as UserUri,
    room: reader.text('room') as RoomUri,
    pseudonym: reader.text('pseudonym') as UserUri,
    banned: reader.presence('banned'),
    at: reader.u64('at'),
    noticeHash: reader.fixed(HASH_BYTES, 'notice_hash').slice(),
  }),
);

const states = enumTable({ asked: 1, complied: 2, broken: 3 });

/** What is known of how the provider of a banned pseudonym keeps to the ban. */
export type LedgerState = NameOf<typeof states>;

/** What a hub keeps of one ban. Times in milliseconds since the epoch. */
export interface LedgerRow {
  readonly room: RoomUri;
  readonly pseudonym: UserUri;
  readonly banned: boolean;
  readonly state: LedgerState;
  /** Of the last notice. */
  readonly noticeAt: bigint;
  readonly noticeHash: Uint8Array;
  /** The provider's receipt for that notice; empty until it has come. */
  readonly receipt: Uint8Array;
  /** When the receipt came here; 0 before. */
  readonly receiptAt: bigint;
  /** Complaints that were shown to be true. */
  readonly complaints: number;
}

export const encodeLedgerRow = rowEncoder((writer, row: LedgerRow) => {
  writer.text(row.room, 'room');
  writer.text(row.pseudonym, 'pseudonym');
  writer.presence(row.banned);
  writer.enum8(states, row.state, 'state');
  writer.u64(row.noticeAt, 'notice_at');
  writer.fixed(row.noticeHash, HASH_BYTES, 'notice_hash');
  writer.opaque(row.receipt, 'receipt');
  writer.u64(row.receiptAt, 'receipt_at');
  writer.u32(row.complaints, 'complaints');
});

export const decodeLedgerRow = rowDecoder(
  (reader): LedgerRow => ({
    room: reader.text('room') as RoomUri,
    pseudonym: reader.text('pseudonym') as UserUri,
    banned: reader.presence('banned'),
    state: reader.enum8(states, 'state'),
    noticeAt: reader.u64('notice_at'),
    noticeHash: reader.fixed(HASH_BYTES, 'notice_hash').slice(),
    receipt: reader.opaque('receipt').slice(),
    receiptAt: reader.u64('receipt_at'),
    complaints: reader.u32('complaints'),
  }),
);

/** A leaf that a banned user had: what a complaint is checked against. */
export interface BannedLeaf {
  /** The content of its pseudonymous credential. */
  readonly credential: Uint8Array;
  readonly signatureKey: Uint8Array;
}

export const encodeBannedLeaves = encoder((writer: Writer, leaves: readonly BannedLeaf[]) =>
  writer.list(leaves, 'leaves', (to, { credential, signatureKey }) => {
    to.opaque(credential, 'credential');
    to.opaque(signatureKey, 'signature_key');
  }),
);

export const decodeBannedLeaves = decoder((reader: Reader): BannedLeaf[] =>
  reader.list('leaves', (item) => ({
    credential: item.opaque('credential').slice(),
    signatureKey: item.opaque('signature_key').slice(),
  })),
);
