// The container of a message, both profiles: draft-ietf-mimi-content at -04 and at -08, "Message Behavior Fields".
// What the two have in common is written once; draft04.ts and draft08.ts hold their order of items.

import { CborReader } from './cbor/reader.ts';
import { CborWriter } from './cbor/writer.ts';
import { readDraft04, writeDraft04 } from './draft04.ts';
import { readDraft08, writeDraft08 } from './draft08.ts';
import { DEFAULT_MAX_BYTES } from './limits.ts';
import type { MimiContent } from './model.ts';
import type { DecodeOptions } from './options.ts';
import { ContentError } from './rules.ts';

const NEEDED = 'Needs bytes and a profile.';
const readers = { draft04: readDraft04, draft08: readDraft08 } as const;
const writers = { draft04: writeDraft04, draft08: writeDraft08 } as const;

/**
 * Reads one message, in one pass; byte strings in it are views of `bytes`. Throws ContentError: the first fault in
 * reading order, with rule, offset and path.
 */
export function decodeContent(bytes: Uint8Array, options: DecodeOptions): MimiContent {
  const { profile, maxBytes = DEFAULT_MAX_BYTES } = options;
  const read = readers[profile];
  if (!(bytes instanceof Uint8Array) || read === undefined) {
    throw new ContentError('invalidArgument', NEEDED);
  }
  const reader = new CborReader(bytes);
  if (bytes.length > maxBytes) throw reader.fault('tooLarge', 0, '', `at most ${maxBytes} bytes`);
  const content = read(reader, options);
  reader.finish();
  return content;
}

/**
 * Writes one message, deterministic, by the rules that a receiver enforces but for rule C6, as it has no clock.
 * Throws ContentError `unencodable` with the rule and path.
 */
export function encodeContent(content: MimiContent): Uint8Array {
  const { profile, extensions } = content;
  const write = writers[profile];
  if (write === undefined) throw new ContentError('invalidArgument', NEEDED);
  const writer = new CborWriter();
  if (extensions.profile !== profile) {
    throw writer.refusal('C1', 5, 'have another profile');
  }
  write(writer, content);
  return writer.finish();
}
