// What the rows of tokens and queues hold. Ours: TLS presentation language, each with a version octet.

import { type ClientUri, decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';

const ROW_VERSION = 1;

function readVersion(reader: Reader): void {
  const version = reader.u8('version');
  if (version !== ROW_VERSION) {
    throw reader.error('unknownValue', `Rows of version ${version} are not known.`, 'version');
  }
}

/** A key by which tokens are issued. */
export interface IssuerKeyRow {
  /** Milliseconds since the epoch of UNIX. */
  readonly madeAt: number;
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
}

/** The keys of an issuer, the newest last. */
export const encodeIssuerKeys = encoder((writer: Writer, keys: readonly IssuerKeyRow[]) => {
  writer.u8(ROW_VERSION, 'version');
  writer.list(keys, 'keys', (to, { madeAt, privateKey }) => {
    to.u64(BigInt(madeAt), 'made_at');
    to.opaque(privateKey, 'private_key');
  });
});

export const decodeIssuerKeys = decoder((reader): IssuerKeyRow[] => {
  readVersion(reader);
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

export const encodeSpentToken = encoder((writer: Writer, row: SpentTokenRow) => {
  writer.u8(ROW_VERSION, 'version');
  writer.text(row.client, 'client');
  writer.opaque(row.secretHash, 'secret_hash');
});

export const decodeSpentToken = decoder((reader): SpentTokenRow => {
  readVersion(reader);
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

export const encodeIssued = encoder((writer: Writer, row: IssuedRow) => {
  writer.u8(ROW_VERSION, 'version');
  writer.u32(row.day, 'day');
  writer.u32(row.count, 'count');
});

export const decodeIssued = decoder((reader): IssuedRow => {
  readVersion(reader);
  return { day: reader.u32('day'), count: reader.u32('count') };
});
