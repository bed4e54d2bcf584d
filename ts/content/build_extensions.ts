// Extensions from JavaScript values (draft-ietf-mimi-content, "Extension Fields").

import { CborReader, MAP } from './cbor/reader.ts';
import { type CborValue, compareBytes, encodeValue } from './cbor/value.ts';
import { CborWriter } from './cbor/writer.ts';
import type { ExtensionKey } from './extension_values.ts';
import { type Extensions, PLACE, readExtensions } from './extensions.ts';
import type { Profile } from './model.ts';
import { ContentError } from './rules.ts';

/** A message without extensions. */
export const noExtensions = (profile: Profile): Extensions => ({
  bytes: Uint8Array.of(0xa0),
  profile,
});

/**
 * Extensions with these keys and values, in whatever order. In draft08 keys are integers within ±(2^53 − 1) or texts of
 * 1 to 255 octets; in draft04 texts, and values byte strings. Throws ContentError `unencodable`.
 */
export function extensionsOf(
  profile: Profile,
  entries: Iterable<readonly [ExtensionKey, CborValue]>,
): Extensions {
  return rawExtensions(
    profile,
    Array.from(entries, ([key, value]) => [key, encodeValue(value, key)] as const),
  );
}

/** The same from values that are CBOR already. What was written is read by the rules for received bytes. */
export function rawExtensions(
  profile: Profile,
  entries: Iterable<readonly [ExtensionKey, Uint8Array]>,
): Extensions {
  const pairs = Array.from(entries, ([key, value]) => [encodeValue(key), value] as const);
  pairs.sort(([left], [right]) => compareBytes(left, right));
  const writer = new CborWriter();
  writer.head(MAP, pairs.length);
  for (const pair of pairs) for (const bytes of pair) writer.raw(bytes);
  const reader = new CborReader(writer.finish());
  try {
    const extensions = readExtensions(reader, profile, {});
    reader.finish();
    return extensions;
  } catch (cause) {
    if (!(cause instanceof ContentError)) throw cause;
    const { rule, path = `/${PLACE}` } = cause.details;
    throw new ContentError('unencodable', cause.message, { cause, details: { rule, path } });
  }
}
