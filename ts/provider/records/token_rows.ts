// What the rows of tokens and queues hold. Ours: TLS presentation language, each with a version octet.

import type { ClientUri, Writer } from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

/** A key by which tokens are issued. */
export interface IssuerKeyRow {
  /** Milliseconds since the epoch of UNIX. */
  readonly madeAt: number;
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
}

/** The keys of an issuer, the newest last. */
export const encodeIssuerKeys = rowEncoder((writer: Writer, keys: readonly IssuerKeyRow[]) => {
  writer.list(keys, 'keys', (to, { madeAt, privateKey }) => {
    to.u64(BigInt(madeAt), 'made_at');
    to.opaque(privateKey, 'private_key');
  });
});

export const decodeIssuerKeys = rowDecoder((reader): IssuerKeyRow[] => {
  return reader.list('keys', (item) => ({
    madeAt: Number(item.u64('made_at')),
    privateKey: item.opaque('private_key'),
  }));
});

/** What a token was spent on: asked again with the same secret, it is answered as the first time. */
export interface SpentTokenRow {
  readonly client: ClientUri;
  readonly secretHash: Uint8Array;
}

export const encodeSpentToken = rowEncoder((writer: Writer, row: SpentTokenRow) => {
  writer.text(row.client, 'client');
  writer.opaque(row.secretHash, 'secret_hash');
});

export const decodeSpentToken = rowDecoder((reader): SpentTokenRow => {
  return {
    client: reader.text('client') as ClientUri,
    secretHash: reader.opaque('secret_hash'),
  };
});

/** How many tokens an account was issued on a day, which is counted from the epoch of UNIX. */
export interface IssuedRow {
  readonly day: number;
  readonly count: number;
}

export const encodeIssued = rowEncoder((writer: Writer, row: IssuedRow) => {
  writer.u32(row.day, 'day');
  writer.u32(row.count, 'count');
});

export const decodeIssued = rowDecoder((reader): IssuedRow => {
  return { day: reader.u32('day'), count: reader.u32('count') };
});
