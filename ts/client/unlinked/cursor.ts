// The cursor of an unlinked connection: those of the account and of each queue in one, so that the device which stores it
// with the events it has dealt with says for each how far it has come.

import { decoder, encoder } from '../../wire/index.ts';
import { hex } from '../bytes.ts';

/** Begins no cursor of a provider. */
const MARKER = 0xf1;

/** The name of the account among queues. */
export const ACCOUNT = new Uint8Array();

/** Cursors by the hexadecimal name of what they are of. */
export type Cursors = ReadonlyMap<string, Uint8Array>;

interface Place {
  readonly name: Uint8Array;
  readonly cursor: Uint8Array;
}

export const encodeCursors = encoder((writer, places: readonly Place[]) => {
  writer.u8(MARKER, 'marker');
  writer.list(
    places.filter(({ cursor }) => cursor.length > 0),
    'places',
    (to, { name, cursor }) => {
      to.opaque(name, 'name');
      to.opaque(cursor, 'cursor');
    },
  );
});

const decode = decoder((reader): Place[] => {
  reader.u8('marker');
  return reader.list('places', (item) => ({
    name: item.opaque('name'),
    cursor: item.opaque('cursor'),
  }));
});

/** Reads a cursor; one of the account alone is of a time when the device had no queues. Throws WireError. */
export function decodeCursors(bytes: Uint8Array): Cursors {
  if (bytes.length === 0) return new Map();
  if (bytes[0] !== MARKER) return new Map([[hex(ACCOUNT), bytes]]);
  return new Map(decode(bytes).map(({ name, cursor }) => [hex(name), cursor]));
}
