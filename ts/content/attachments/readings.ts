// The two readings of an attachment: draft-ietf-mimi-content, "External content". The first looks at size and hash
// only; the second uses the key, and notices at once if the bytes are not those of the first.

import { AttachmentCipher, ContentHash, MlsError } from '../../mls/index.ts';
import { compareBytes } from '../cbor/value.ts';
import { ContentError } from '../rules.ts';
import { type AttachmentFields, NOT_ENCRYPTED, TAG_BYTES, withinLimit } from './algorithms.ts';

/** What the first reading saw, all of it as the sender wrote. */
export interface CheckedContent {
  /** Bytes, tag included. */
  readonly size: number;
  /** After each piece: the hash of all up to it. */
  readonly hashes: readonly Uint8Array[];
}

/** Takes pieces, compares size and hash with the part, and never looks at the key. */
export class FirstReading implements Disposable {
  readonly #part: AttachmentFields;
  readonly #maxBytes: number;
  readonly #hash = new ContentHash();
  readonly #hashes: Uint8Array[] = [];
  #size = 0;

  constructor(part: AttachmentFields, maxBytes: number) {
    this.#part = part;
    this.#maxBytes = maxBytes;
  }

  /** Throws ContentError `attachmentTooLarge`, or `wrongContent` as soon as there is more than the part says. */
  take(piece: Uint8Array): void {
    this.#size += piece.length;
    checkLimit(this.#size, this.#maxBytes);
    if (this.#size > largestSize(this.#part)) throw this.#wrongSize();
    this.#hash.update(piece);
    this.#hashes.push(this.#hash.soFar());
  }

  /** Throws ContentError `wrongContent`, and `undecryptable` for what is too short to hold a tag. */
  end(): CheckedContent {
    const { size, contentHash } = this.#part;
    const sizes = [Number(size), largestSize(this.#part)];
    if (Number(size) !== 0 && !sizes.includes(this.#size)) throw this.#wrongSize();
    if (!equal(this.#hash.soFar(), contentHash)) throw wrongContent('/contentHash', 'first');
    if (isEncrypted(this.#part) && this.#size < TAG_BYTES) throw undecryptable();
    return { size: this.#size, hashes: this.#hashes };
  }

  #wrongSize(): ContentError {
    return wrongContent('/size', 'first', { expected: this.#part.size, found: this.#size });
  }

  [Symbol.dispose](): void {
    this.#hash[Symbol.dispose]();
  }
}

/** Takes the same pieces again and decrypts each that is the same. */
export class SecondReading implements Disposable {
  readonly #checked: CheckedContent;
  readonly #cipher: AttachmentCipher | undefined;
  readonly #hash = new ContentHash();
  readonly #tag = new Uint8Array(TAG_BYTES);
  /** Where the tag begins; at the end if there is none. */
  readonly textEnd: number;
  #pieces = 0;
  #size = 0;

  constructor(part: AttachmentFields, checked: CheckedContent) {
    const encrypted = isEncrypted(part);
    this.#checked = checked;
    this.#cipher = encrypted ? new AttachmentCipher(part.encAlg, part) : undefined;
    this.textEnd = checked.size - (encrypted ? TAG_BYTES : 0);
  }

  /**
   * The plaintext of a piece; of the last piece only after the tag was checked. Throws ContentError `wrongContent`,
   * `undecryptable`, and `attachmentTooLarge` beyond what the algorithm allows.
   */
  take(piece: Uint8Array): Uint8Array {
    this.#hash.update(piece);
    const expected = this.#checked.hashes[this.#pieces];
    if (expected === undefined || !equal(this.#hash.soFar(), expected)) {
      throw wrongContent('/contentHash', 'second');
    }
    const text = piece.subarray(0, Math.max(0, this.textEnd - this.#size));
    const tag = piece.subarray(text.length);
    if (tag.length > 0) this.#tag.set(tag, this.#size + text.length - this.textEnd);
    this.#pieces += 1;
    this.#size += piece.length;
    const plaintext = this.#cipher === undefined ? text.slice() : this.#open(this.#cipher, text);
    if (this.#size === this.#checked.size) this.#verify();
    return plaintext;
  }

  /** Throws ContentError `wrongContent` if there was less than at the first reading. */
  end(): void {
    if (this.#size === this.#checked.size) return;
    throw wrongContent('/size', 'second', { expected: this.#checked.size, found: this.#size });
  }

  #open(cipher: AttachmentCipher, text: Uint8Array): Uint8Array {
    return text.length === 0 ? text : withinLimit(() => cipher.open(text));
  }

  #verify(): void {
    try {
      this.#cipher?.verify(this.#tag);
    } catch (cause) {
      if (!(cause instanceof MlsError) || cause.code !== 'undecryptable') throw cause;
      throw undecryptable(cause);
    }
  }

  [Symbol.dispose](): void {
    this.#cipher?.[Symbol.dispose]();
    this.#hash[Symbol.dispose]();
  }
}

const isEncrypted = (part: AttachmentFields): boolean => part.encAlg !== NOT_ENCRYPTED;

/** The draft does not say whether `size` counts the tag: senders that leave it out are understood, too. */
function largestSize(part: AttachmentFields): number {
  if (Number(part.size) === 0) return Number.POSITIVE_INFINITY;
  return Number(part.size) + (isEncrypted(part) ? TAG_BYTES : 0);
}

/** Throws ContentError `attachmentTooLarge`. */
export function checkLimit(size: number | bigint, limit: number): void {
  if (size <= limit) return;
  throw new ContentError(
    'attachmentTooLarge',
    `The attachment has more than ${limit} bytes; raise maxBytes if you expect so much.`,
    { details: { path: '/size', limit } },
  );
}

const equal = (one: Uint8Array, other: Uint8Array): boolean => compareBytes(one, other) === 0;

function wrongContent(
  path: '/size' | '/contentHash',
  reading: 'first' | 'second',
  sizes: { readonly expected?: number | bigint; readonly found?: number } = {},
): ContentError {
  const fault =
    reading === 'first'
      ? 'What lies at the URL is not what the sender attached'
      : 'What lies at the URL changed between two readings';
  return new ContentError(
    'wrongContent',
    `${fault}: another ${path === '/size' ? 'size' : 'hash'}. Discard what was read and fetch it again.`,
    { details: { path, reading, ...sizes } },
  );
}

const undecryptable = (cause?: unknown): ContentError =>
  new ContentError(
    'undecryptable',
    'The attachment does not decrypt with its key. Discard what was decrypted, and ask for it again.',
    { cause },
  );
