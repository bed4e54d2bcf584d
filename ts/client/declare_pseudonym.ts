// A user of an enterprise provider tells it by which pseudonym it enters a room by itself, before it does: where the mode
// hides the join from the provider, it would not know. docs/modes/deployments.md, "Enterprise".

import { declarePseudonym, type Mode, pseudonymKey } from '../privacy/index.ts';
import { encodePseudonymDeclaration, type RoomUri } from '../wire/index.ts';
import { roomIndex } from './hidden_identity.ts';
import type { DeviceParts } from './parts.ts';

/**
 * Declares the pseudonym with this index, or the one of the room's URI. Nothing is sent in a mode that shows the user
 * anyway, or where the account is one of a consumer provider. Throws ClientError as `Connection.call`, `noAccountSecret`.
 */
export async function declareToProvider(
  { account, vault, connection }: Pick<DeviceParts, 'account' | 'vault' | 'connection'>,
  room: RoomUri,
  { credentials }: Mode,
  index: Uint8Array = roomIndex(room),
): Promise<void> {
  // What goes through queues must not be declared by the account, whatever that says of its provider.
  const unlinked = account.deployment === 'consumer' || connection.unlinked !== undefined;
  if (!credentials.hidesIdentities || unlinked) return;
  const declaration = await vault.exclusive(({ device: { user, suite } }) => {
    const keys = pseudonymKey(suite, account.secret, index);
    const declared = declarePseudonym({ user, room, suite }, keys);
    keys.privateKey.fill(0);
    return declared;
  });
  await connection.call('declarePseudonym', room, encodePseudonymDeclaration(declaration));
}
