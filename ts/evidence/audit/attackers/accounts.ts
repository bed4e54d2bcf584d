// Who of its own users a provider deals with: it has given them their tokens, and knows whose each is.

import { createHash } from 'node:crypto';
import {
  type DeviceIdentity,
  decodeDeviceIdentity,
} from '../../../provider/records/account_rows.ts';
import { attempt } from '../frames.ts';
import { DEVICE } from '../relay.ts';
import type { Recorded } from '../tape.ts';

/** Where the fields of a request's head stand. */
const HEAD_BYTES = 2048;
const BEARER = /^authorization: Bearer (\S+)\r$/im;
/** What comes before the hash in the key of a token's row (ts/provider/rows.ts). */
const TOKEN_ROW = Buffer.from('t\0');

/** The token of a device's request; `undefined` of everything else, and where it has none. */
export function bearerOf({ place, peer, bytes }: Recorded): string | undefined {
  if (place !== 'wire request' || peer !== DEVICE) return undefined;
  return BEARER.exec(Buffer.from(bytes).toString('latin1', 0, HEAD_BYTES))?.[1];
}

/** A provider's accounts, read from the rows that it has stored. */
export class Accounts {
  readonly #byHash = new Map<string, DeviceIdentity>();

  constructor(recorded: readonly Recorded[]) {
    for (const [index, { place, what, bytes }] of recorded.entries()) {
      const value = recorded[index + 1];
      if (place !== 'store row' || what !== 'accounts t' || value?.what !== what) continue;
      if (!Buffer.from(bytes.subarray(0, TOKEN_ROW.length)).equals(TOKEN_ROW)) continue;
      const device = attempt(() => decodeDeviceIdentity(value.bytes));
      const hash = bytes.subarray(TOKEN_ROW.length);
      if (device !== undefined) this.#byHash.set(Buffer.from(hash).toString('hex'), device);
    }
  }

  /** The device whose request, or the answer to it, an item is; `undefined` of everything else. */
  behind(item: Recorded): DeviceIdentity | undefined {
    const token = bearerOf(item);
    if (token === undefined) return undefined;
    return this.#byHash.get(createHash('sha256').update(token).digest('hex'));
  }
}
