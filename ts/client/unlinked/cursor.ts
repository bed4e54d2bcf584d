// The cursor of an unlinked connection: those of the account and of each queue in one, so that the device which stores it
// with the events it has dealt with says for each how far it has come.

import { decoder, encoder } from '../../wire/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import { ClientError } from '../errors.ts';

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

/** Writes a cursor that goes on from the rows named `self`. */
export const encodeCursors = encoder(
  (writer, { self, places }: { readonly self: Uint8Array; readonly places: readonly Place[] }) => {
    writer.u8(MARKER, 'marker');
    writer.opaque(self, 'self');
    const begun = places.filter(({ cursor }) => cursor.length > 0);
    writer.list(begun, 'places', (to, { name, cursor }) => {
      to.opaque(name, 'name');
      to.opaque(cursor, 'cursor');
    });
  },
);

const decode = decoder((reader) => {
  reader.u8('marker');
  return {
    self: reader.opaque('self'),
    places: reader.list('places', (item) => ({
      name: item.opaque('name'),
      cursor: item.opaque('cursor'),
    })),
  };
});

/**
 * Reads a cursor; one of the account alone is of a time when the device had no queues. Throws WireError; ClientError
 * `wrongStorage` where it goes on from other rows than those named `self`: events would be missed without a sign.
 */
export function decodeCursors(bytes: Uint8Array, self: Uint8Array): Cursors {
  if (bytes.length === 0) return new Map();
  if (bytes[0] !== MARKER) return new Map([[hex(ACCOUNT), bytes]]);
  const cursor = decode(bytes);
  if (!equalBytes(cursor.self, self)) {
    throw new ClientError('wrongStorage', 'The rows of this device’s queues are not there.');
  }
  return new Map(cursor.places.map(({ name, cursor: at }) => [hex(name), at]));
}
