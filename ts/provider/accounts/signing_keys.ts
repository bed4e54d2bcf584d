// The provider's own keys, by which it signs and to which others seal: made once, kept in the store.

import { generateHpkeKeyPair, generateSignatureKeyPair } from '../../mls/index.ts';
import { ACCOUNTS_SHARD, type Directory } from '../directory.ts';
import { decodeSigningKeys, encodeSigningKeys, type SigningKeys } from '../records/account_rows.ts';
import { accountRows } from '../rows.ts';
import type { Store } from '../store.ts';

/** The keys of this provider; those that are missing are made and stored. */
export async function openSigningKeys(store: Store, directory: Directory): Promise<SigningKeys> {
  const row = await store.get(ACCOUNTS_SHARD, accountRows.signingKey());
  const stored = row === undefined ? undefined : decodeSigningKeys(row);
  if (stored?.sealing !== undefined) return { ...stored, sealing: stored.sealing };
  const keys: SigningKeys = {
    ed25519: stored?.ed25519 ?? generateSignatureKeyPair(1),
    p256: stored?.p256 ?? generateSignatureKeyPair(2),
    sealing: generateHpkeKeyPair(1),
  };
  await directory.accounts.run({
    decide: () => ({
      answer: undefined,
      rows: [{ key: accountRows.signingKey(), value: encodeSigningKeys(keys) }],
    }),
  });
  return keys;
}
