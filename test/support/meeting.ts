// How devices come together in tests: two users connect, one accepts an invitation.

import type { Device, Room } from '../../ts/client/index.ts';
import type { RoomUri } from '../../ts/wire/index.ts';

/** Connects two users: one asks, the other accepts. */
export async function connect(one: Device, other: Device): Promise<void> {
  await one.connections.connect(other.account.user);
  await other.connections.check();
  await other.connections.accept(one.account.user);
  await one.connections.check();
}

/** Accepts the invitation to a room that has come. */
export async function accept(guest: Device, room: RoomUri): Promise<Room> {
  const invitation = guest.invitations().find(({ room: offered }) => offered === room);
  if (invitation === undefined) throw new Error(`no invitation came for ${guest.client}`);
  return invitation.accept();
}
