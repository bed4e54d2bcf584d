// Encrypts an attachment for an external part: draft-ietf-mimi-content, "External content".

import { AttachmentCipher, ContentHash } from '../../mls/index.ts';
import { SHA_256 } from '../named_hash.ts';
import { hostRandom, type RandomSource } from '../random.ts';
import { ContentError } from '../rules.ts';
import {
  AttachmentAlgorithm,
  type AttachmentFields,
  attachmentKeyBytes,
  NONCE_BYTES,
  withinLimit,
} from './algorithms.ts';
import { type ByteSource, inPieces, piecesOf } from './pieces.ts';

export interface EncryptAttachmentOptions {
  /** One of `AttachmentAlgorithm`; AES-128-GCM, which every client has, when not given. */
  readonly encAlg?: number | undefined;
  /** Additional authenticated data; empty when not given. */
  readonly aad?: Uint8Array | undefined;
  /** Random bytes for key and nonce; the runtime's when not given. */
  readonly random?: RandomSource | undefined;
}

/** A ciphertext with its tag, and what the external part says about it. */
export interface SealedAttachment {
  readonly ciphertext: Uint8Array;
  readonly fields: AttachmentFields;
}

/** The ciphertext of an attachment, to be read once, and then what the external part says about it. */
export class EncryptedAttachment implements AsyncIterable<Uint8Array> {
  readonly #secrets: Secrets;
  #source: ByteSource | undefined;
  #fields: AttachmentFields | undefined;

  constructor(source: ByteSource, secrets: Secrets) {
    this.#source = source;
    this.#secrets = secrets;
  }

  /**
   * The ciphertext and, at its end, the tag: to be stored as one. Throws ContentError `invalidArgument` the second
   * time: the same key and nonce never encrypt twice. The stream throws what the source throws, and
   * `attachmentTooLarge` beyond 64 GiB (AES-GCM) or 256 GiB.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const source = this.#source;
    if (source === undefined) {
      throw new ContentError(
        'invalidArgument',
        'An attachment is encrypted once; call encryptAttachment again for another key.',
      );
    }
    this.#source = undefined;
    return this.#seal(source);
  }

  /**
   * What goes into the external part beside its URL: `part.external({ url, ...attachment.fields })`.
   * Throws ContentError `invalidArgument` before the ciphertext was read to its end.
   */
  get fields(): AttachmentFields {
    if (this.#fields !== undefined) return this.#fields;
    throw new ContentError(
      'invalidArgument',
      'The fields of an attachment are known only after its ciphertext was read to the end.',
    );
  }

  async *#seal(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
    const sealer = new Sealer(this.#secrets);
    try {
      for await (const piece of inPieces(source)) yield sealer.seal(piece);
      const tag = sealer.end();
      this.#fields = sealer.fields();
      yield tag;
    } finally {
      sealer[Symbol.dispose]();
    }
  }
}

/**
 * Encrypts an attachment of any size, with a fresh key and nonce. Nothing is read before the ciphertext is.
 * Throws ContentError `invalidArgument` for an algorithm that is not known.
 */
export function encryptAttachment(
  source: ByteSource,
  options: EncryptAttachmentOptions = {},
): EncryptedAttachment {
  return new EncryptedAttachment(source, freshSecrets(options));
}

/** Encrypts an attachment that is in memory. Throws ContentError `invalidArgument`. */
export function encryptAttachmentBytes(
  plaintext: Uint8Array,
  options: EncryptAttachmentOptions = {},
): SealedAttachment {
  const sealer = new Sealer(freshSecrets(options));
  try {
    const sealed = Array.from(piecesOf(plaintext), (piece) => sealer.seal(piece));
    return { ciphertext: joined([...sealed, sealer.end()]), fields: sealer.fields() };
  } finally {
    sealer[Symbol.dispose]();
  }
}

interface Secrets {
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

function freshSecrets({
  encAlg = AttachmentAlgorithm.aes128Gcm,
  aad = new Uint8Array(),
  random = hostRandom,
}: EncryptAttachmentOptions): Secrets {
  const keyBytes = attachmentKeyBytes(encAlg);
  if (keyBytes === undefined) {
    throw new ContentError(
      'invalidArgument',
      `There is no AEAD ${encAlg} for attachments; take one of AttachmentAlgorithm.`,
      { details: { path: '/encAlg', expected: '1, 2 or 29', found: encAlg } },
    );
  }
  const draw = (length: number): Uint8Array => {
    const bytes = random(length);
    if (bytes.length === length) return bytes;
    throw new ContentError('invalidArgument', `random(${length}) gave ${bytes.length} bytes.`);
  };
  return { encAlg, key: draw(keyBytes), nonce: draw(NONCE_BYTES), aad: aad.slice() };
}

/** Encrypts piece by piece, and hashes and counts what comes out. */
class Sealer implements Disposable {
  readonly #secrets: Secrets;
  readonly #cipher: AttachmentCipher;
  readonly #hash = new ContentHash();
  #size = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
    this.#cipher = new AttachmentCipher(secrets.encAlg, secrets);
  }

  seal(piece: Uint8Array): Uint8Array {
    return this.#record(withinLimit(() => this.#cipher.seal(piece)));
  }

  /** The tag, as the last piece. */
  end(): Uint8Array {
    return this.#record(this.#cipher.tag());
  }

  /** After `end`. */
  fields(): AttachmentFields {
    return {
      ...this.#secrets,
      hashAlg: SHA_256,
      contentHash: this.#hash.soFar(),
      size: this.#size,
    };
  }

  #record(ciphertext: Uint8Array): Uint8Array {
    this.#hash.update(ciphertext);
    this.#size += ciphertext.length;
    return ciphertext;
  }

  [Symbol.dispose](): void {
    this.#cipher[Symbol.dispose]();
    this.#hash[Symbol.dispose]();
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
