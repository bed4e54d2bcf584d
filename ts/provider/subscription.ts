// Which local devices are served which events: rows beside the room's log, written with what causes them.

import type { ClientUri, RoomUri } from '../wire/index.ts';
import { encodeMail, encodeSeq } from './records/room_rows.ts';
import { roomRows } from './rows.ts';
import type { StoreRow } from './store.ts';

/** Serves a local device the events of a room from `from` on. */
export function subscribeRows(client: ClientUri, room: RoomUri, from: number): StoreRow[] {
  return [
    { key: roomRows.subscription(client, room), value: encodeSeq(from) },
    { key: roomRows.subscriptionEnd(client, room), value: undefined },
  ];
}

/** Puts a Welcome into a device's mail, and serves it the events after `seq`. */
export function welcomeRows(
  client: ClientUri,
  room: RoomUri,
  seq: number,
  position: number,
  ref: Uint8Array = new Uint8Array(),
): StoreRow[] {
  return [
    { key: roomRows.mail(client, position), value: encodeMail({ room, seq, ref }) },
    ...subscribeRows(client, room, seq + 1),
  ];
}
