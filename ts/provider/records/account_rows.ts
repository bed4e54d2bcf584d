// What the rows of accounts hold. Ours: TLS presentation language, each with a version octet.

import {
  type ClientUri,
  decoder,
  encoder,
  type Reader,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

/** A client that this provider serves. */
export interface ClientRow {
  readonly user: UserUri;
  /** Its cipher suite; 0 until it has registered. */
  readonly suite: number;
  /** Its signature key; empty until it has registered. */
  readonly signatureKey: Uint8Array;
  /** SHA-256 of its token; empty when it signs in otherwise. */
  readonly tokenHash: Uint8Array;
}

export const encodeClientRow = rowEncoder((writer, row: ClientRow) => {
  writer.text(row.user, 'user');
  writer.u16(row.suite, 'suite');
  writer.opaque(row.signatureKey, 'signature_key');
  writer.opaque(row.tokenHash, 'token_hash');
});

export const decodeClientRow = rowDecoder(
  (reader): ClientRow => ({
    user: reader.text('user') as UserUri,
    suite: reader.u16('suite'),
    signatureKey: reader.opaque('signature_key'),
    tokenHash: reader.opaque('token_hash'),
  }),
);

/** One client of one user, as this provider knows it. */
export interface DeviceIdentity {
  readonly user: UserUri;
  readonly client: ClientUri;
}

export const encodeDeviceIdentity = encoder((writer: Writer, { user, client }: DeviceIdentity) => {
  writer.text(user, 'user');
  writer.text(client, 'client');
});

export const decodeDeviceIdentity = decoder(
  (reader): DeviceIdentity => ({
    user: reader.text('user') as UserUri,
    client: reader.text('client') as ClientUri,
  }),
);

/** Who a key package that was handed out belongs to: a client here, or a provider at the hub. */
export interface KeyPackageRoute {
  readonly owner: string;
  /** Seconds since the epoch of UNIX, after which the row is of no use. */
  readonly notAfter: number;
}

export const encodeKeyPackageRoute = encoder((writer: Writer, route: KeyPackageRoute) => {
  writer.text(route.owner, 'owner');
  writer.u64(BigInt(route.notAfter), 'not_after');
});

export const decodeKeyPackageRoute = decoder(
  (reader): KeyPackageRoute => ({
    owner: reader.text('owner'),
    notAfter: Number(reader.u64('not_after')),
  }),
);

/** A key pair of the provider. */
export interface SigningKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** The provider's own keys: Ed25519 for cipher suites 1 and 3, ECDSA on P-256 for 2. */
export interface SigningKeys {
  readonly ed25519: SigningKey;
  readonly p256: SigningKey;
  /** HPKE of cipher suite 1, to which is sealed what only this provider shall read. */
  readonly sealing: SigningKey;
}

export const writeSigningKey = (writer: Writer, key: SigningKey): void => {
  writer.opaque(key.publicKey, 'public');
  writer.opaque(key.privateKey, 'private');
};
export const readSigningKey = (reader: Reader): SigningKey => ({
  publicKey: reader.opaque('public'),
  privateKey: reader.opaque('private'),
});

/** The keys as they are stored: rows of the former version have no sealing key. */
export type StoredSigningKeys = Omit<SigningKeys, 'sealing'> & {
  readonly sealing?: SigningKey | undefined;
};

const SIGNING_KEYS_VERSION = 2;
/** Without a sealing key. */
const FORMER_SIGNING_KEYS_VERSION = 1;

export const encodeSigningKeys = encoder((writer: Writer, keys: SigningKeys) => {
  writer.u8(SIGNING_KEYS_VERSION, 'version');
  writeSigningKey(writer, keys.ed25519);
  writeSigningKey(writer, keys.p256);
  writeSigningKey(writer, keys.sealing);
});

export const decodeSigningKeys = decoder((reader): StoredSigningKeys => {
  const version = reader.u8('version');
  if (version !== FORMER_SIGNING_KEYS_VERSION && version !== SIGNING_KEYS_VERSION) {
    throw reader.error('unknownValue', `Keys of version ${version} are not known.`, 'version');
  }
  const keys = { ed25519: readSigningKey(reader), p256: readSigningKey(reader) };
  return version === FORMER_SIGNING_KEYS_VERSION
    ? keys
    : { ...keys, sealing: readSigningKey(reader) };
});
