// AEADs and SHA-256 that take their input piece by piece, for attachments that do not fit into memory; the algorithms
// have the numbers of IANA's registry of AEADs. What they are for and how to use them safely is in ts/content.

import type * as glue from '../../rust-core/pkg/exedra_core.js';
import { byteArray, maxU16, wholeNumber } from './arguments.ts';
import type { AeadInput } from './crypto.ts';
import { Handle } from './handle.ts';
import { core } from './instance.ts';

const nothing = new Uint8Array();

/** One attachment under way, in one direction; its key is wiped by `Symbol.dispose`. Every method throws MlsError. */
export class AttachmentCipher implements Disposable {
  readonly #handle: Handle<glue.CoreAttachment>;

  /**
   * Starts AES-128-GCM (1), AES-256-GCM (2) or ChaCha20-Poly1305 (29). Throws `invalidArgument` for another
   * algorithm and for a key or nonce that is not as long as the algorithm has it.
   */
  constructor(algorithm: number, { key, nonce, aad = nothing }: AeadInput) {
    const number = wholeNumber(algorithm, maxU16, 'algorithm');
    this.#handle = new Handle(
      core(({ CoreAttachment }) =>
        CoreAttachment.start(
          number,
          byteArray(key, 'key'),
          byteArray(nonce, 'nonce'),
          byteArray(aad, 'aad'),
        ),
      ),
    );
  }

  /** The next piece, encrypted. Throws `tooLarge` beyond what the algorithm allows for one nonce. */
  seal(piece: Uint8Array): Uint8Array {
    return this.#handle.use((inner) => inner.seal(byteArray(piece, 'piece')));
  }

  /** The next piece, decrypted; nothing vouches for it before `verify`. Throws `tooLarge`. */
  open(piece: Uint8Array): Uint8Array {
    return this.#handle.use((inner) => inner.open(byteArray(piece, 'piece')));
  }

  /** The tag of all pieces so far. */
  tag(): Uint8Array {
    return this.#handle.use((inner) => inner.tag());
  }

  /** Compares the tag of all pieces so far in constant time. Throws `undecryptable` if it is another one. */
  verify(tag: Uint8Array): void {
    this.#handle.use((inner) => inner.verify(byteArray(tag, 'tag')));
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}

/** SHA-256 of content that comes in pieces. */
export class ContentHash implements Disposable {
  readonly #handle: Handle<glue.CoreContentHash>;

  constructor() {
    this.#handle = new Handle(core(({ CoreContentHash }) => new CoreContentHash()));
  }

  update(piece: Uint8Array): void {
    this.#handle.use((inner) => inner.update(byteArray(piece, 'piece')));
  }

  /** The hash of all pieces so far; more may follow. */
  soFar(): Uint8Array {
    return this.#handle.use((inner) => inner.soFar());
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}
