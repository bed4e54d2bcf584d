// The row of a room: where this device stands in it, and the request that it waits for.

import type { Reader, Writer } from '../../wire/index.ts';
import { nameCodec, rowCodec } from './row_codec.ts';

const STATUSES = [
  'creating',
  'active',
  'leaving',
  'invited',
  'joining',
  'removed',
  'stale',
  'left',
] as const;
const statuses = nameCodec(STATUSES);

/**
 * `creating`: the hub has not confirmed the room yet. `leaving`: the own removal is proposed. `invited`: a
 * Welcome came and is not answered. `joining`: an external commit is on its way. `removed`: another member took this
 * device out; `left`: it went itself. `stale`: the group has moved on without this device, which must join again.
 */
export type RoomStatus = (typeof STATUSES)[number];

const FLIGHT_KINDS = ['create', 'commit', 'proposal', 'join'] as const;
const flightKinds = nameCodec(FLIGHT_KINDS);

/** A request that may have reached the hub; the same bytes are sent again until its outcome is known. */
export interface Flight {
  readonly kind: (typeof FLIGHT_KINDS)[number];
  /** Hash of the MLSMessage (of the GroupInfo, for `create`) with the suite's hash: recognises it in the stream. */
  readonly hash: Uint8Array;
  /** Of the group before the change. */
  readonly epoch: bigint;
  readonly request: Uint8Array;
  /** What the room goes back to when the request is refused. */
  readonly before: RoomStatus;
}

export interface RoomRow {
  status: RoomStatus;
  /** The last event of the stream that was dealt with. */
  lastSeq: bigint;
  /** The first epoch this device was in; messages of earlier ones are not for it. */
  joinedEpoch: bigint;
  /** Number of the next message sent. */
  nextNumber: bigint;
  /** MLSMessages of the proposals that wait for a commit, as they came. */
  queued: Uint8Array[];
  flight: Flight | undefined;
}

/** A room that this device has just met. */
export const newRoomRow = (status: RoomStatus): RoomRow => ({
  status,
  lastSeq: 0n,
  joinedEpoch: 0n,
  nextNumber: 0n,
  queued: [],
  flight: undefined,
});

function writeFlight(writer: Writer, flight: Flight): void {
  flightKinds.write(writer, flight.kind);
  writer.opaque(flight.hash, 'hash');
  writer.u64(flight.epoch, 'epoch');
  writer.opaque(flight.request, 'request');
  statuses.write(writer, flight.before);
}

function readFlight(reader: Reader): Flight {
  return {
    kind: flightKinds.read(reader),
    hash: reader.opaque('hash'),
    epoch: reader.u64('epoch'),
    request: reader.opaque('request'),
    before: statuses.read(reader),
  };
}

function writeRoomRow(writer: Writer, row: RoomRow): void {
  statuses.write(writer, row.status);
  writer.u64(row.lastSeq, 'lastSeq');
  writer.u64(row.joinedEpoch, 'joinedEpoch');
  writer.u64(row.nextNumber, 'nextNumber');
  writer.opaqueList(row.queued, 'queued');
  writer.optional(row.flight, writeFlight);
}

function readRoomRow(reader: Reader): RoomRow {
  return {
    status: statuses.read(reader),
    lastSeq: reader.u64('lastSeq'),
    joinedEpoch: reader.u64('joinedEpoch'),
    nextNumber: reader.u64('nextNumber'),
    queued: reader.opaqueList('queued'),
    flight: reader.optional('flight', readFlight),
  };
}

export const roomRows = rowCodec('room row', writeRoomRow, readRoomRow);
