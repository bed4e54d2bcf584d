// Under which keys a device stores what: two bytes of kind, then the room where there is one, then the rest.
// Kinds that begin with 1 are read when a device opens; those that begin with 2 only when they are asked for.

import type { RoomUri } from '../../wire/index.ts';
import { concatBytes, utf8 } from '../bytes.ts';

const kinds = {
  device: [1, 0],
  cursor: [1, 1],
  mls: [1, 2],
  room: [1, 3],
  outbox: [1, 4],
  membership: [1, 5],
  keyPackage: [1, 6],
  contact: [1, 7],
  waiting: [1, 8],
  history: [2, 1],
  held: [2, 2],
} as const;

export type RowKind = keyof typeof kinds;

/** The prefix of all rows that a device needs to open. */
export const HOT_PREFIX = Uint8Array.of(1);

/** The kind of a hot row and the rest of its key; undefined for a key that is none of ours. */
export function splitKey(key: Uint8Array): { kind: RowKind; rest: Uint8Array } | undefined {
  for (const [kind, [first, second]] of Object.entries(kinds)) {
    if (key[0] === first && key[1] === second) {
      return { kind: kind as RowKind, rest: key.slice(2) };
    }
  }
  return undefined;
}

/** The key of a row that belongs to no room. */
export function plainKey(
  kind: 'device' | 'cursor' | 'mls' | 'keyPackage' | 'contact',
  rest: Uint8Array = new Uint8Array(),
): Uint8Array {
  return concatBytes(Uint8Array.of(...kinds[kind]), rest);
}

/**
 * The key of a room's row, or, without `number`, the common prefix of its rows.
 * Numbers are big-endian, so that bytewise order is numeric order.
 */
export function roomKey(
  kind: 'room' | 'outbox' | 'membership' | 'waiting' | 'history' | 'held',
  room: RoomUri,
  number?: bigint,
): Uint8Array {
  const name = utf8(room);
  const head = Uint8Array.of(...kinds[kind], name.length >>> 8, name.length & 0xff);
  if (number === undefined) return concatBytes(head, name);
  const tail = new Uint8Array(8);
  new DataView(tail.buffer).setBigUint64(0, number);
  return concatBytes(head, name, tail);
}

/** The room that a room row's key (without its kind) names. */
export function roomOfKey(rest: Uint8Array): RoomUri {
  const length = ((rest[0] ?? 0) << 8) | (rest[1] ?? 0);
  return new TextDecoder().decode(rest.subarray(2, 2 + length)) as RoomUri;
}
