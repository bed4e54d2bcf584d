// Structs of the local client API: ours. Letters are sealed to one user and wait at its provider for each of its
// devices; notes are what the devices of one user leave for each other there, sealed under a secret of their own.
//   struct { uint64 done; } LettersRequest;  struct { uint64 number; opaque sealed<V>; } Letter;
//   struct { Letter letters<V>; } Letters;
//   struct { opaque key<V>; optional<opaque<V>> value; } Note;  struct { optional<opaque<V>> value; } NoteValue;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface Letter {
  /** Rises from letter to letter of a device. */
  readonly number: bigint;
  readonly sealed: Uint8Array;
}

/** `done`: letters up to this number are dealt with and need not be kept. */
export const encodeLettersRequest = encoder((writer: Writer, done: bigint) => {
  writer.u64(done, 'done');
});
export const decodeLettersRequest = decoder((reader: Reader) => reader.u64('done'));

export const encodeLetters = encoder((writer: Writer, letters: readonly Letter[]) => {
  writer.list(letters, 'letters', (to, { number, sealed }) => {
    to.u64(number, 'number');
    to.opaque(sealed, 'sealed');
  });
});
export const decodeLetters = decoder((reader: Reader): Letter[] =>
  reader.list('letters', (item) => ({ number: item.u64('number'), sealed: item.opaque('sealed') })),
);

/** Reads a note, or with a value, writes it. */
export interface Note {
  readonly key: Uint8Array;
  readonly value?: Uint8Array | undefined;
}

export const encodeNote = encoder((writer: Writer, { key, value }: Note) => {
  writer.opaque(key, 'key');
  writer.optional(value, (to, bytes) => to.opaque(bytes, 'value'));
});
export const decodeNote = decoder(
  (reader: Reader): Note => ({
    key: reader.opaque('key'),
    value: reader.optional('value', (item) => item.opaque('value')),
  }),
);

export const encodeNoteValue = encoder((writer: Writer, value: Uint8Array | undefined) => {
  writer.optional(value, (to, bytes) => to.opaque(bytes, 'value'));
});
export const decodeNoteValue = decoder((reader: Reader): Uint8Array | undefined =>
  reader.optional('value', (item) => item.opaque('value')),
);
