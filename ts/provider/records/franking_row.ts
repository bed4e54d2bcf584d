// The row of the keys by which this provider franks messages, as a hub: docs/franking.md, "Keys".

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import type { SigningKey } from './account_rows.ts';

const VERSION = 1;
const HUB_KEY_BYTES = 32;

/** One generation of keys. */
export interface FrankingKeys {
  /** Of the HMAC by which the hub recognizes its franks. */
  readonly hubKey: Uint8Array;
  /** Sign the franks of rooms of suites 1 and 3, and of suite 2. */
  readonly ed25519: SigningKey;
  readonly p256: SigningKey;
  /** When another generation took its place, in milliseconds since the epoch of UNIX; `undefined` for the present one. */
  readonly retiredAt: number | undefined;
}

const writeKey = (writer: Writer, key: SigningKey) => {
  writer.opaque(key.publicKey, 'public');
  writer.opaque(key.privateKey, 'private');
};
const readKey = (reader: Reader): SigningKey => ({
  publicKey: reader.opaque('public'),
  privateKey: reader.opaque('private'),
});

/** All generations, the present one last. */
export const encodeFrankingKeys = encoder((writer: Writer, keys: readonly FrankingKeys[]) => {
  writer.u8(VERSION, 'version');
  writer.list(keys, 'keys', (to, { hubKey, ed25519, p256, retiredAt }) => {
    to.fixed(hubKey, HUB_KEY_BYTES, 'hub_key');
    writeKey(to, ed25519);
    writeKey(to, p256);
    to.optional(retiredAt, (item, at) => item.u64(BigInt(at), 'retired_at'));
  });
});

export const decodeFrankingKeys = decoder((reader: Reader): FrankingKeys[] => {
  const version = reader.u8('version');
  if (version !== VERSION) {
    throw reader.error(
      'unknownValue',
      `Franking keys of version ${version} are not known.`,
      'version',
    );
  }
  return reader.list('keys', (item) => ({
    hubKey: item.fixed(HUB_KEY_BYTES, 'hub_key').slice(),
    ed25519: readKey(item),
    p256: readKey(item),
    retiredAt: item.optional('retired_at', (at) => Number(at.u64('retired_at'))),
  }));
});
