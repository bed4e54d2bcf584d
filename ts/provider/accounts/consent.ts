// Whether a user lets another claim its key packages: nothing is given by default.
// draft-ietf-mimi-protocol-06, "Consent"; so far only a user's own word to its provider.

import type { LocalConsent, RoomUri, UserUri } from '../../wire/index.ts';
import { accountRows } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { AccountsContext } from './devices.ts';

const GRANTED = new Uint8Array([1]);

/** Notes or withdraws consent: `requester` may claim the key packages of `target`, in one room or any. */
export async function noteConsent(
  { directory }: AccountsContext,
  target: UserUri,
  requester: UserUri,
  { operation, roomUri }: LocalConsent,
): Promise<void> {
  const key = accountRows.consent(target, requester, (roomUri ?? '') as RoomUri | '');
  const value = operation === 'grant' ? GRANTED : undefined;
  await directory.accounts.run({
    decide: () => ({ answer: undefined, rows: [{ key, value }] }),
  });
}

/** Whether a user has consented; to its own devices it always has. */
export async function hasConsent(
  rows: ShardReader,
  target: UserUri,
  requester: UserUri,
  room: RoomUri | undefined,
): Promise<boolean> {
  if (target === requester) return true;
  const scopes: (RoomUri | '')[] = room === undefined ? [''] : ['', room];
  for (const scope of scopes) {
    const key = accountRows.consent(target, requester, scope);
    if ((await rows.get(key)) !== undefined) return true;
  }
  return false;
}
