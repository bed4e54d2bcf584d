// The row of the keys by which this provider franks messages, as a hub: docs/franking.md, "Keys".

import type { Reader, Writer } from '../../wire/index.ts';
import { readSigningKey, type SigningKey, writeSigningKey } from './account_rows.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

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

/** All generations, the present one last. */
export const encodeFrankingKeys = rowEncoder((writer: Writer, keys: readonly FrankingKeys[]) =>
  writer.list(keys, 'keys', (to, { hubKey, ed25519, p256, retiredAt }) => {
    to.fixed(hubKey, HUB_KEY_BYTES, 'hub_key');
    writeSigningKey(to, ed25519);
    writeSigningKey(to, p256);
    to.optional(retiredAt, (item, at) => item.u64(BigInt(at), 'retired_at'));
  }),
);

export const decodeFrankingKeys = rowDecoder((reader: Reader): FrankingKeys[] =>
  reader.list('keys', (item) => ({
    hubKey: item.fixed(HUB_KEY_BYTES, 'hub_key').slice(),
    ed25519: readSigningKey(item),
    p256: readSigningKey(item),
    retiredAt: item.optional('retired_at', (at) => Number(at.u64('retired_at'))),
  })),
);
