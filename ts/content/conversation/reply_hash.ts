// Whether a reply of draft04 names the message that it answers by its right hash: draft-ietf-mimi-content-04, "Message
// Behavior Fields".

import { compareBytes } from '../cbor/value.ts';
import type { ReplyReference } from '../model.ts';
import { sha256 } from '../sha256.ts';
import type { MessageEvent } from './event.ts';
import { keyOf } from './key.ts';

/** SHA-256 and the five that cut it short, IANA Named Information registry. Others are not computed here. */
const [FIRST, LAST] = [1, 6];

/** Checks the replies of one view; what many answer is hashed once. */
export class ReplyHashes {
  readonly #hashes = new Map<string, Uint8Array>();

  /** Whether a reference contradicts the message; false where there is nothing to check it by. */
  isWrong({ hashAlg = 0, hash }: ReplyReference, { id, container }: MessageEvent): boolean {
    if (hash === undefined || container === undefined) return false;
    if (hashAlg < FIRST || hashAlg > LAST) return false;
    const key = keyOf(id);
    const actual = this.#hashes.get(key) ?? sha256(container);
    this.#hashes.set(key, actual);
    return compareBytes(actual.subarray(0, hash.length), hash) !== 0;
  }
}
