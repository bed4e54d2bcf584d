// The container of a message, both profiles: draft-ietf-mimi-content at -04 and at -08, "Message Behavior Fields".
// What the two have in common is written once; draft04.ts and draft08.ts hold their order of items.

import { CborReader } from './cbor/reader.ts';
import { CborWriter } from './cbor/writer.ts';
import { readDraft04, writeDraft04 } from './draft04.ts';
import { readDraft08, writeDraft08 } from './draft08.ts';
import { ContentError, faultAt } from './errors.ts';
import { checkEncodedExpiry, type ExpiryJudge } from './fields.ts';
import { DEFAULT_MAX_BYTES } from './limits.ts';
import type { MimiContent, Profile } from './model.ts';

export interface DecodeOptions {
  /** Which version of the format the room uses. */
  readonly profile: Profile;
  /** The clock, in milliseconds since the epoch; without it no absolute expiry is judged (rule C6). */
  readonly now?: number | undefined;
  /** Whether a suspicious expiry is refused, or told to `onWarning`. Default `error`. */
  readonly expiry?: 'error' | 'warn' | undefined;
  readonly onWarning?: ((warning: ContentError) => void) | undefined;
  /** The largest message, in bytes. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** False takes CBOR that is not deterministic: for draft04 rooms with foreign senders. Default true. */
  readonly deterministic?: boolean | undefined;
  /** The URIs of the authenticated context; a message that names others is refused (rule C10). */
  readonly sender?: string | undefined;
  readonly room?: string | undefined;
}

const readers = { draft04: readDraft04, draft08: readDraft08 } as const;
const writers = { draft04: writeDraft04, draft08: writeDraft08 } as const;

/**
 * Reads one message, in one pass; byte strings in it are views of `bytes`. Throws ContentError: the first fault in
 * reading order, with rule, offset and path.
 */
export function decodeContent(bytes: Uint8Array, options: DecodeOptions): MimiContent {
  const { profile, maxBytes = DEFAULT_MAX_BYTES, deterministic = true } = options;
  if (!(bytes instanceof Uint8Array))
    throw new ContentError('invalidArgument', 'bytes must be a Uint8Array.');
  const read = readers[profile];
  if (read === undefined)
    throw new ContentError('invalidArgument', `There is no profile ${profile}.`);
  if (!deterministic && profile !== 'draft04') {
    throw new ContentError('invalidArgument', 'Only draft04 leaves determinism open.');
  }
  if (bytes.length > maxBytes) {
    throw faultAt('tooLarge', 0, '', `at most ${maxBytes} bytes`, `${bytes.length} bytes`);
  }
  const reader = new CborReader(bytes, { deterministic });
  const content = read(reader, options, judgeOf(options));
  reader.finish();
  return content;
}

function judgeOf({ now, expiry = 'error', onWarning }: DecodeOptions): ExpiryJudge {
  return {
    now,
    tell: (warning) => {
      if (expiry === 'error') throw warning;
      onWarning?.(warning as ContentError);
    },
  };
}

/**
 * Writes one message, deterministic, by the rules that a receiver enforces but for rule C6, as it has no clock.
 * Throws ContentError `unencodable` with the rule and path.
 */
export function encodeContent(content: MimiContent): Uint8Array {
  const write = writers[content.profile];
  if (write === undefined) {
    throw new ContentError('invalidArgument', `There is no profile ${content.profile}.`);
  }
  checkEncodedExpiry(content);
  const writer = new CborWriter();
  write(writer, content);
  return writer.finish();
}
