// Which local devices are served which events: rows beside the room's log, written with what causes them. A device that is
// served misses nothing: a Welcome moves nobody past events that it has not read, since anybody could have sent it.

import type { ClientUri, RoomUri } from '../wire/index.ts';
import {
  decodeSeq,
  decodeSubscription,
  encodeMail,
  encodeSubscription,
  type Subscription,
} from './records/room_rows.ts';
import { roomRows } from './rows.ts';
import type { Input, ShardReader } from './shard.ts';
import type { StoreRow } from './store.ts';

/** How many absences are kept; before the oldest of more than these nothing is served any more. */
const MAX_ABSENCES = 16;

/** How a device is served a room. */
export interface Service extends Subscription {
  /** The last event, of a device that was taken out. */
  readonly end: number | undefined;
}

/** How a device is served a room now; `undefined` when it is not. */
export async function readService(
  reader: Pick<ShardReader, 'get'>,
  client: ClientUri,
  room: RoomUri,
): Promise<Service | undefined> {
  const row = await reader.get(roomRows.subscription(client, room));
  if (row === undefined) return undefined;
  const end = await reader.get(roomRows.subscriptionEnd(client, room));
  return { ...decodeSubscription(row), end: end && decodeSeq(end) };
}

/** Whether an event is served: it is not while the device was out. */
export function isServed({ from, absences, end }: Service, seq: number): boolean {
  if (seq < from || (end !== undefined && seq > end)) return false;
  return !absences.some(({ first, last }) => first <= seq && seq <= last);
}

/** Serves a local device the events of a room from `from` on, and none before. */
export function subscribeRows(client: ClientUri, room: RoomUri, from: number): StoreRow[] {
  return rowsOf(client, room, { from, absences: [] });
}

/** Puts a Welcome into a device's mail, and serves it the events after `seq` besides those that it is served already. */
export function welcomeRows(
  client: ClientUri,
  room: RoomUri,
  seq: number,
  position: number,
  ref: Uint8Array,
  service: Service | undefined,
): StoreRow[] {
  const mail = { key: roomRows.mail(client, position), value: encodeMail({ room, seq, ref }) };
  if (service === undefined) return [mail, ...subscribeRows(client, room, seq + 1)];
  if (service.end === undefined) return [mail];
  return [mail, ...rowsOf(client, room, after(service, { first: service.end + 1, last: seq }))];
}

function after(service: Service, absence: Subscription['absences'][number]): Subscription {
  const absences = [...service.absences, absence];
  const dropped = absences.length > MAX_ABSENCES ? absences.shift() : undefined;
  return { from: dropped === undefined ? service.from : dropped.last + 1, absences };
}

function rowsOf(client: ClientUri, room: RoomUri, subscription: Subscription): StoreRow[] {
  return [
    { key: roomRows.subscription(client, room), value: encodeSubscription(subscription) },
    { key: roomRows.subscriptionEnd(client, room), value: undefined },
  ];
}

/** The input by which a device that has left a room is not served it any more. */
export function endSubscription(client: ClientUri, room: RoomUri): Input<void> {
  return {
    decide: () => ({
      answer: undefined,
      rows: [
        { key: roomRows.subscription(client, room), value: undefined },
        { key: roomRows.subscriptionEnd(client, room), value: undefined },
      ],
    }),
  };
}
