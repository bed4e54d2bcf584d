// An entry of the audit log: who has asked for what is behind a pseudonym, and what came of it. Each entry holds the hash
// of the one before it, so that one that is taken out or altered shows. docs/modes/deployments.md, "Audit log".
//   struct {
//     uint8 version; uint64 seq; uint64 at; AuditKind kind; opaque by<V>; opaque why<V>; opaque room<V>;
//     opaque pseudonym<V>; opaque reference<V>; opaque outcome<V>; opaque previous[32];
//   } AuditEntry;

import { hash } from '../../mls/index.ts';
import {
  enumTable,
  type NameOf,
  type RoomUri,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

const HASH_BYTES = 32;
const kinds = enumTable({ breakGlass: 1, ban: 2, unban: 3, escrow: 4 });

/** What was asked: an answer to officers, that a ban is enforced or ends, a case for escrow parties. */
export type AuditKind = NameOf<typeof kinds>;

/** What is recorded of one question. */
export interface AuditContent {
  readonly kind: AuditKind;
  /** Who asked: officers' names, or the domain of a hub. */
  readonly by: string;
  readonly why: string;
  readonly room: RoomUri;
  readonly pseudonym: UserUri;
  /** SHA-256 of the order or notice. */
  readonly reference: Uint8Array;
  /** `done`, or the code by which it was refused. */
  readonly outcome: string;
}

export interface AuditEntry extends AuditContent {
  /** 1, 2, 3… */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Hash of the entry before; zeros in the first. */
  readonly previous: Uint8Array;
}

/** The last entry. */
export interface AuditHead {
  /** 0 of an empty log. */
  readonly seq: number;
  readonly hash: Uint8Array;
}

export const EMPTY_LOG: AuditHead = { seq: 0, hash: new Uint8Array(HASH_BYTES) };

export const encodeAuditEntry = rowEncoder((writer: Writer, entry: AuditEntry) => {
  writer.u64(BigInt(entry.seq), 'seq');
  writer.u64(BigInt(entry.at), 'at');
  writer.enum8(kinds, entry.kind, 'kind');
  writer.text(entry.by, 'by');
  writer.text(entry.why, 'why');
  writer.text(entry.room, 'room');
  writer.text(entry.pseudonym, 'pseudonym');
  writer.opaque(entry.reference, 'reference');
  writer.text(entry.outcome, 'outcome');
  writer.fixed(entry.previous, HASH_BYTES, 'previous');
});

export const decodeAuditEntry = rowDecoder(
  (reader): AuditEntry => ({
    seq: Number(reader.u64('seq')),
    at: Number(reader.u64('at')),
    kind: reader.enum8(kinds, 'kind'),
    by: reader.text('by'),
    why: reader.text('why'),
    room: reader.text('room') as RoomUri,
    pseudonym: reader.text('pseudonym') as UserUri,
    reference: reader.opaque('reference').slice(),
    outcome: reader.text('outcome'),
    previous: reader.fixed(HASH_BYTES, 'previous').slice(),
  }),
);

export const encodeAuditHead = rowEncoder((writer, head: AuditHead) => {
  writer.u64(BigInt(head.seq), 'seq');
  writer.fixed(head.hash, HASH_BYTES, 'hash');
});

export const decodeAuditHead = rowDecoder(
  (reader): AuditHead => ({
    seq: Number(reader.u64('seq')),
    hash: reader.fixed(HASH_BYTES, 'hash').slice(),
  }),
);

/** SHA-256 of an entry as it is stored. */
export const auditHash = (stored: Uint8Array): Uint8Array => hash(1, stored);
