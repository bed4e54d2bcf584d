// Checks and decrypts an attachment: draft-ietf-mimi-content, "External content". The hash over the ciphertext is
// checked before the key is used, so the ciphertext is read twice: it need not fit into memory.

import { ContentError } from '../rules.ts';
import { type AttachmentFields, checkAttachment } from './algorithms.ts';
import { type ByteSource, inPieces, piecesOf } from './pieces.ts';
import { type CheckedContent, checkLimit, FirstReading, SecondReading } from './readings.ts';

/** What is read of one attachment if nothing else is asked for: 4 GiB. Local policy. */
export const DEFAULT_MAX_ATTACHMENT_BYTES = 2 ** 32;

export interface DecryptAttachmentOptions {
  /** More is refused, of ciphertext in bytes; `DEFAULT_MAX_ATTACHMENT_BYTES` when not given. */
  readonly maxBytes?: number | undefined;
}

/**
 * Checks the content of an external part, then decrypts it. `open` is called twice and each time gives what lies at
 * the URL from its beginning: the first reading compares size and hash, and no key is used before they fit. Bytes of
 * the second reading that differ from the first are never decrypted.
 *
 * Treat what comes out as unfinished until the stream has ended without an error: that the tag fits shows only then.
 * An attachment that is not encrypted is checked in the same way.
 *
 * Throws ContentError `unsupportedAlgorithm`, `invalidAttachment` and `attachmentTooLarge` at once, before `open` is
 * called. The stream throws `attachmentTooLarge`, `wrongContent`, `undecryptable`, and what `open` and its source
 * throw; it closes the source whenever it stops.
 */
export function decryptAttachment(
  part: AttachmentFields,
  open: () => ByteSource | Promise<ByteSource>,
  { maxBytes = DEFAULT_MAX_ATTACHMENT_BYTES }: DecryptAttachmentOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(maxBytes >= 0)) {
    throw new ContentError('invalidArgument', 'maxBytes is a number of bytes, from 0.');
  }
  checkAttachment(part);
  checkLimit(part.size, maxBytes);
  return readTwice(part, open, maxBytes);
}

/** The same for a ciphertext that is in memory. Throws ContentError. */
export function decryptAttachmentBytes(part: AttachmentFields, ciphertext: Uint8Array): Uint8Array {
  checkAttachment(part);
  const checked = checkBytes(part, ciphertext);
  const second = new SecondReading(part, checked);
  try {
    const plaintext = new Uint8Array(second.textEnd);
    let at = 0;
    for (const piece of piecesOf(ciphertext)) {
      const text = second.take(piece);
      plaintext.set(text, at);
      at += text.length;
    }
    second.end();
    return plaintext;
  } finally {
    second[Symbol.dispose]();
  }
}

async function* readTwice(
  part: AttachmentFields,
  open: () => ByteSource | Promise<ByteSource>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const checked = await checkSource(part, await open(), maxBytes);
  const second = new SecondReading(part, checked);
  try {
    for await (const piece of inPieces(await open())) {
      const text = second.take(piece);
      if (text.length > 0) yield text;
    }
    second.end();
  } finally {
    second[Symbol.dispose]();
  }
}

async function checkSource(
  part: AttachmentFields,
  source: ByteSource,
  maxBytes: number,
): Promise<CheckedContent> {
  const first = new FirstReading(part, maxBytes);
  try {
    for await (const piece of inPieces(source)) first.take(piece);
    return first.end();
  } finally {
    first[Symbol.dispose]();
  }
}

function checkBytes(part: AttachmentFields, content: Uint8Array): CheckedContent {
  const first = new FirstReading(part, Number.POSITIVE_INFINITY);
  try {
    for (const piece of piecesOf(content)) first.take(piece);
    return first.end();
  } finally {
    first[Symbol.dispose]();
  }
}
