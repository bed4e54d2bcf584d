// What the rows hold that modes which hide identities need: sets of key packages, pseudonyms, claims, letters.
// Ours: TLS presentation language, each with a version octet.

import type { CipherSuite } from '../../mls/index.ts';
import { type SetKind, setKinds, type UserUri } from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

/** A client's part of a set of key packages, without the key package. */
export interface SetEntryRow {
  readonly kind: SetKind;
  readonly lastResort: boolean;
  /** Whether it was handed out before; of a last resort only. */
  readonly used: boolean;
  readonly suite: CipherSuite;
  readonly ref: Uint8Array;
  /** Seconds since the epoch of UNIX, after which the key package is of no use. */
  readonly notAfter: number;
  /** The user pseudonym; empty where the key package names the user. */
  readonly pseudonym: string;
}

export const encodeSetEntryRow = rowEncoder((writer, row: SetEntryRow) => {
  writer.enum8(setKinds, row.kind, 'kind');
  writer.presence(row.lastResort);
  writer.presence(row.used);
  writer.u16(row.suite, 'suite');
  writer.opaque(row.ref, 'ref');
  writer.u64(BigInt(row.notAfter), 'not_after');
  writer.text(row.pseudonym, 'pseudonym');
});

export const decodeSetEntryRow = rowDecoder(
  (reader): SetEntryRow => ({
    kind: reader.enum8(setKinds, 'kind'),
    lastResort: reader.presence('last_resort'),
    used: reader.presence('used'),
    suite: reader.u16('suite') as CipherSuite,
    ref: reader.opaque('ref'),
    notAfter: Number(reader.u64('not_after')),
    pseudonym: reader.text('pseudonym'),
  }),
);

/** What is handed out of a part of a set. */
export interface SetPackageRow {
  readonly keyPackage: Uint8Array;
  readonly sealedKey: Uint8Array;
}

export const encodeSetPackageRow = rowEncoder((writer, row: SetPackageRow) => {
  writer.opaque(row.keyPackage, 'key_package');
  writer.opaque(row.sealedKey, 'sealed_key');
});

export const decodeSetPackageRow = rowDecoder(
  (reader): SetPackageRow => ({
    keyPackage: reader.opaque('key_package'),
    sealedKey: reader.opaque('sealed_key'),
  }),
);

/** What carries a pseudonym. */
export interface PseudonymRow {
  readonly user: UserUri;
  /** The id of the set that carries a user pseudonym, the ref of the key package that carries a client's. */
  readonly carrier: Uint8Array;
}

export const encodePseudonymRow = rowEncoder((writer, row: PseudonymRow) => {
  writer.text(row.user, 'user');
  writer.opaque(row.carrier, 'carrier');
});

export const decodePseudonymRow = rowDecoder(
  (reader): PseudonymRow => ({
    user: reader.text('user') as UserUri,
    carrier: reader.opaque('carrier'),
  }),
);

/** A claim that was accepted; times in milliseconds since the epoch of UNIX. */
export interface ClaimRow {
  readonly acceptedAt: number;
  readonly expiry: number;
}

export const encodeClaimRow = rowEncoder((writer, row: ClaimRow) => {
  writer.u64(BigInt(row.acceptedAt), 'accepted_at');
  writer.u64(BigInt(row.expiry), 'expiry');
});

export const decodeClaimRow = rowDecoder(
  (reader): ClaimRow => ({
    acceptedAt: Number(reader.u64('accepted_at')),
    expiry: Number(reader.u64('expiry')),
  }),
);

/** The letters of a client: those after `done` wait, up to `last`. */
export interface LetterBoxRow {
  readonly done: number;
  readonly last: number;
}

export const encodeLetterBoxRow = rowEncoder((writer, row: LetterBoxRow) => {
  writer.u64(BigInt(row.done), 'done');
  writer.u64(BigInt(row.last), 'last');
});

export const decodeLetterBoxRow = rowDecoder(
  (reader): LetterBoxRow => ({
    done: Number(reader.u64('done')),
    last: Number(reader.u64('last')),
  }),
);

/** How many notes a user has. */
export const encodeNoteCount = rowEncoder((writer, count: number) => writer.u32(count, 'count'));

export const decodeNoteCount = rowDecoder((reader) => reader.u32('count'));
