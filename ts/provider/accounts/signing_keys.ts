// The provider's own signature keys: made once, kept in the store.

import { generateSignatureKeyPair } from '../../mls/index.ts';
import { ACCOUNTS_SHARD, type Directory } from '../directory.ts';
import { decodeSigningKeys, encodeSigningKeys, type SigningKeys } from '../records/account_rows.ts';
import { accountRows } from '../rows.ts';
import type { Store } from '../store.ts';

/** The keys of this provider; made and stored at the first start. */
export async function openSigningKeys(store: Store, directory: Directory): Promise<SigningKeys> {
  const row = await store.get(ACCOUNTS_SHARD, accountRows.signingKey());
  if (row !== undefined) return decodeSigningKeys(row);
  const keys: SigningKeys = {
    ed25519: generateSignatureKeyPair(1),
    p256: generateSignatureKeyPair(2),
  };
  await directory.accounts.run({
    decide: () => ({
      answer: undefined,
      rows: [{ key: accountRows.signingKey(), value: encodeSigningKeys(keys) }],
    }),
  });
  return keys;
}
