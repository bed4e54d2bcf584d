// Where the hub knows no members, it knows them by the epoch's write key, which the committer brings. If that one was
// wrong, any other member brings the right one, under the key of the epoch before.

import { composeWriteKey } from '../privacy/index.ts';
import type { RoomUri } from '../wire/index.ts';
import type { Connection } from './connection.ts';
import { senderIn } from './member_room.ts';
import type { Vault } from './state/vault.ts';

/** Brings the present epoch's write key to the hub; false where this device has none to bring. */
export async function bringWriteKey(
  vault: Vault,
  connection: Connection,
  uri: RoomUri,
): Promise<boolean> {
  const request = await vault.exclusive((state) => {
    const room = state.rooms.get(uri);
    if (room?.membership?.mode.hub !== 'orders' || room.row.status !== 'active') return undefined;
    return composeWriteKey(senderIn(state, room))?.request;
  });
  if (request === undefined) return false;
  await connection.call('update', uri, request);
  return true;
}
