// Extensions from JavaScript values (draft-ietf-mimi-content, "Extension Fields").

import { CborReader } from './cbor/reader.ts';
import { type CborValue, encodeValue } from './cbor/value.ts';
import type { ExtensionKey } from './extension_values.ts';
import { type Extensions, readExtensions } from './extensions.ts';
import type { Profile } from './model.ts';
import { ContentError } from './rules.ts';

/** A message without extensions. */
export const noExtensions = (profile: Profile): Extensions => ({
  bytes: Uint8Array.of(0xa0),
  profile,
});

/**
 * Extensions with these keys and values, in whatever order. In draft08 keys are integers within ±(2^53 − 1) or texts of
 * 1 to 255 octets; in draft04 texts, and values byte strings. Throws ContentError `unencodable` for what breaks one of
 * the rules for received bytes, which the new map is read by.
 */
export function extensionsOf(
  profile: Profile,
  entries: Iterable<readonly [ExtensionKey, CborValue]>,
): Extensions {
  const bytes = encodeValue(new Map(entries), 5);
  try {
    return readExtensions(new CborReader(bytes), profile, {});
  } catch (cause) {
    if (!(cause instanceof ContentError)) throw cause;
    const { rule, path } = cause.details;
    throw new ContentError('unencodable', cause.message, { cause, details: { rule, path } });
  }
}
