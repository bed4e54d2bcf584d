// The extensions map: checked when it is read, kept as the bytes it came in, its values read on demand.
// draft-ietf-mimi-content-08, "Extension Fields"; in -04 names are texts and values byte strings.

import { Key, KeyOrder, skipAny } from './cbor/any.ts';
import { CborReader } from './cbor/reader.ts';
import { Bytes, Major, scanScalar } from './cbor/scan.ts';
import { type CborValue, compare, encodeKey, encodeValue } from './cbor/value.ts';
import { CborWriter, unencodable } from './cbor/writer.ts';
import { ContentError } from './errors.ts';
import { MAX_EXTENSION_BYTES_04 } from './limits.ts';
import type { Profile } from './model.ts';

export type ExtensionKey = number | string;

/** "MIMI Content Extension Keys registry". */
export const ExtensionKeys = { senderUri: 1, roomUri: 2 } as const;
/** Where the map stands in the container, for paths. */
const PLACE = 5;

/** What the authenticated context says of sender and room (rule C10). */
export interface KnownUris {
  readonly sender?: string | undefined;
  readonly room?: string | undefined;
}

/** Where a key and its value stand, three numbers an entry: key, value, end. */
type Ranges = readonly number[];

export class Extensions {
  /** The map, head and all. */
  readonly #bytes: Uint8Array;
  readonly #ranges: Ranges;
  /** The profile that the bytes are known to fit; undefined where they were read without rule C2. */
  readonly #fits: Profile | undefined;

  constructor(bytes: Uint8Array, ranges: Ranges, fits: Profile | undefined) {
    this.#bytes = bytes;
    this.#ranges = ranges;
    this.#fits = fits;
  }

  /**
   * From keys and values; the order does not matter. Keys are integers within ±(2^53 − 1) or texts of 1 to 255 octets.
   * Throws ContentError `unencodable`.
   */
  static of(
    entries: Iterable<readonly [ExtensionKey, CborValue]>,
    profile: Profile = 'draft08',
  ): Extensions {
    const pairs = Array.from(entries, ([key, value]) => {
      const path = `/${PLACE}/${key}`;
      return [encodeKey(key, path), encodeValue(value, path)] as const;
    });
    pairs.sort(([left], [right]) => compare(left, right));
    const writer = new CborWriter();
    writer.map(pairs.length);
    for (const pair of pairs) for (const bytes of pair) writer.raw(bytes);
    return checked(writer.finish(), profile);
  }

  get size(): number {
    return this.#ranges.length / 3;
  }

  /** The value of a key as CBOR, a view of the message; undefined when it is not there. */
  get(key: ExtensionKey): Uint8Array | undefined {
    for (const [found, value] of this) if (found === key) return value;
    return undefined;
  }

  /** The value of a key where it is a text. */
  text(key: ExtensionKey): string | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const item = scanScalar(value, 0, false);
    return item.major === Major.text ? utf8.decode(Bytes.of(value, item)) : undefined;
  }

  /** The value of a key where it is a byte string, as all are in draft04. */
  byteString(key: ExtensionKey): Uint8Array | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const item = scanScalar(value, 0, false);
    return item.major === Major.bytes ? Bytes.of(value, item) : undefined;
  }

  /** Whom the message names as its sender; the authenticated one is the caller's to know. */
  get senderUri(): string | undefined {
    return this.text(ExtensionKeys.senderUri);
  }

  get roomUri(): string | undefined {
    return this.text(ExtensionKeys.roomUri);
  }

  /** Keys with their values as CBOR, in the order of the message. */
  *[Symbol.iterator](): Iterator<[ExtensionKey, Uint8Array]> {
    const ranges = this.#ranges;
    for (let at = 0; at < ranges.length; at += 3) {
      const start = ranges[at] as number;
      const key = new Key(this.#bytes, start, scanScalar(this.#bytes, start, false));
      yield [key.value ?? '', this.#bytes.subarray(ranges[at + 1], ranges[at + 2])];
    }
  }

  /** The map as deterministic CBOR for a profile; as it came, where it came so. Throws ContentError `unencodable`. */
  encode(profile: Profile): Uint8Array {
    if (this.#fits === profile || this.size === 0) return this.#bytes;
    if (this.#fits !== undefined) return checked(this.#bytes, profile).#bytes;
    const entries = Array.from(this, ([key]) => [key, this.byteString(key) ?? null] as const);
    return Extensions.of(entries, profile).#bytes;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A message without extensions. */
export const noExtensions = new Extensions(Uint8Array.of(0xa0), [], undefined);

/** Reads what was written through the rules for received bytes, so that both have the same. */
function checked(bytes: Uint8Array, profile: Profile): Extensions {
  try {
    return readExtensions(new CborReader(bytes, { deterministic: true }), profile, {});
  } catch (cause) {
    if (!(cause instanceof ContentError)) throw cause;
    const { path = '', rule = '' } = cause.details;
    throw unencodable(path, rule, `breaks a rule: ${cause.message}`);
  }
}

/** Reads the map. Throws the faults of the rules C1 to C5, C9 and C10. */
export function readExtensions(reader: CborReader, profile: Profile, known: KnownUris): Extensions {
  const start = reader.at;
  const count = reader.map(PLACE, 'a map');
  if (count === 0) return noExtensions;
  reader.trail.push(PLACE);
  const keys = new KeyOrder(reader);
  const ranges: number[] = [];
  for (let done = 0; reader.more(count, done); done += 1) {
    const key = keys.next(false);
    const valueStart = reader.at;
    if (profile === 'draft04') readValue04(reader, key);
    else readValue08(reader, key, known);
    ranges.push(key.start - start, valueStart - start, reader.at - start);
  }
  reader.endContainer(count);
  reader.trail.pop();
  const fits = reader.deterministic ? profile : undefined;
  return new Extensions(reader.bytes.subarray(start, reader.at), ranges, fits);
}

function readValue04(reader: CborReader, key: Key): void {
  if (key.item.major !== Major.text) {
    throw reader.fault('wrongType', key.start, '', 'a text as key');
  }
  const start = reader.at;
  const { length } = reader.byteString(key);
  if (length > MAX_EXTENSION_BYTES_04) {
    throw reader.fault('tooLarge', start, key, `at most ${MAX_EXTENSION_BYTES_04} bytes`);
  }
}

function readValue08(reader: CborReader, key: Key, known: KnownUris): void {
  const number = key.item.major === Major.uint ? key.item.value : undefined;
  if (number === ExtensionKeys.senderUri) {
    readUri(reader, key, known.sender, 'wrongSender');
  } else if (number === ExtensionKeys.roomUri) {
    readUri(reader, key, known.room, 'wrongRoom');
  } else {
    // The map itself is level 1.
    skipAny(reader, 2, key);
  }
}

function readUri(
  reader: CborReader,
  key: Key,
  known: string | undefined,
  code: 'wrongSender' | 'wrongRoom',
): void {
  const start = reader.at;
  if (known === undefined) {
    reader.skipText(key);
  } else if (reader.text(key) !== known) {
    throw reader.fault(code, start, key, 'the URI of the authenticated context');
  }
}
