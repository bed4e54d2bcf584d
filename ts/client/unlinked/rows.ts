// What an unlinked connection stores: tokens in stock, its queues, and which queue serves which room.

import type { ClientUri, Reader, RoomUri, Writer } from '../../wire/index.ts';
import { concatBytes, utf8 } from '../bytes.ts';
import { rowCodec } from '../state/row_codec.ts';

/** The part of a set that went up through a queue. */
export interface QueueSet {
  /** Of the claim token of its place in the stock. */
  readonly tokenHash: Uint8Array;
  /** The set's id; empty until a part has been sent. */
  readonly id: Uint8Array;
  readonly lastResort: boolean;
  /**
   * Since when another queue serves that place, in milliseconds since the epoch; 0 while none does. A Welcome may still be
   * on its way to this one.
   */
  readonly replacedAt: number;
}

/** A queue. */
export interface QueueRow {
  /** Random: names it among this device's own. */
  readonly id: Uint8Array;
  /** The bearer token, which this device has made itself. */
  readonly secret: string;
  /** The token that it is opened with. */
  readonly token: Uint8Array;
  /** Its URI at the provider; empty until it is open. */
  readonly client: ClientUri | '';
  readonly set: QueueSet | undefined;
}

function writeQueueRow(writer: Writer, row: QueueRow): void {
  writer.opaque(row.id, 'id');
  writer.text(row.secret, 'secret');
  writer.opaque(row.token, 'token');
  writer.text(row.client, 'client');
  writer.optional(row.set, (to, set) => {
    to.opaque(set.tokenHash, 'tokenHash');
    to.opaque(set.id, 'id');
    to.presence(set.lastResort);
    to.u64(BigInt(set.replacedAt), 'replacedAt');
  });
}

function readQueueRow(reader: Reader): QueueRow {
  return {
    id: reader.opaque('id').slice(),
    secret: reader.text('secret'),
    token: reader.opaque('token').slice(),
    client: reader.text('client') as ClientUri | '',
    set: reader.optional('set', (item) => ({
      tokenHash: item.opaque('tokenHash').slice(),
      id: item.opaque('id').slice(),
      lastResort: item.presence('lastResort'),
      replacedAt: Number(item.u64('replacedAt')),
    })),
  };
}

export const queueRows = rowCodec('queue', writeQueueRow, readQueueRow);

/** The first octet of a key. */
export const kinds = { self: 0, token: 1, queue: 2, room: 3 } as const;

/** What tells these rows from those of another time or device: random, made once. */
export const selfRowKey = (): Uint8Array => Uint8Array.of(kinds.self);

/** SHA-256 of a token names it. */
export const tokenRowKey = (id: Uint8Array) => concatBytes(Uint8Array.of(kinds.token), id);
export const queueRowKey = (id: Uint8Array) => concatBytes(Uint8Array.of(kinds.queue), id);
export const roomRowKey = (room: RoomUri) => concatBytes(Uint8Array.of(kinds.room), utf8(room));
