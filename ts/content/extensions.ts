// The extensions map: checked when it is read, kept as the bytes it came in, its values read on demand.
// draft-ietf-mimi-content-08, "Extension Fields"; in -04 names are texts and values byte strings.

import { type Key, readKey, skipAny } from './cbor/any.ts';
import { type CborReader, MAP, TEXT, UINT } from './cbor/reader.ts';
import { MAX_EXTENSION_BYTES_04 } from './limits.ts';
import type { DecodeOptions } from './options.ts';
import type { Profile } from './profile.ts';

/** "MIMI Content Extension Keys registry". */
export const ExtensionKeys = { senderUri: 1, roomUri: 2 } as const;
/** Where the map stands in the container, for paths. */
export const PLACE = 5;

/** Made by a decoder, or by `extensionsOf`; extension_values.ts reads what is in it. */
export interface Extensions {
  /** The map, head and all, deterministic. */
  readonly bytes: Uint8Array;
  /** Which profile the map fits. */
  readonly profile: Profile;
}

/** Reads the map. Throws the faults of the rules C1 to C5, C9 and C10. */
export function readExtensions(
  reader: CborReader,
  profile: Profile,
  known: Pick<DecodeOptions, 'sender' | 'room'>,
): Extensions {
  const start = reader.at;
  const count = reader.count(MAP, PLACE);
  reader.trail.push(PLACE);
  let last: Key | undefined;
  for (let done = 0; done < count; done += 1) {
    last = readKey(reader, last, TEXT);
    if (profile === 'draft04') readValue04(reader, last);
    else readValue08(reader, last, known);
  }
  reader.trail.pop();
  return { bytes: reader.bytes.subarray(start, reader.at), profile };
}

function readValue04(reader: CborReader, key: Key): void {
  if (key.major !== TEXT) throw reader.fault('wrongType', key.start, '', 'a text as key');
  reader.byteString(key, MAX_EXTENSION_BYTES_04);
}

function readValue08(
  reader: CborReader,
  key: Key,
  { sender, room }: Pick<DecodeOptions, 'sender' | 'room'>,
): void {
  const number = key.major === UINT ? key.argument : 0;
  if (number === ExtensionKeys.senderUri) readUri(reader, key, sender, 'wrongSender');
  else if (number === ExtensionKeys.roomUri) readUri(reader, key, room, 'wrongRoom');
  // The map itself is level 1.
  else skipAny(reader, 2, key);
}

function readUri(
  reader: CborReader,
  key: Key,
  known: string | undefined,
  code: 'wrongSender' | 'wrongRoom',
): void {
  const { at } = reader;
  if (known === undefined) reader.expect(TEXT, key);
  else if (reader.text(key) !== known) {
    throw reader.fault(code, at, key, 'the authenticated URI');
  }
}
