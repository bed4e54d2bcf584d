// Attachments for tests: sources that can be watched, and the same algorithms from node:crypto.

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import {
  AttachmentAlgorithm,
  type AttachmentFields,
  ContentError,
} from '../../ts/content/index.ts';

export const algorithms = Object.values(AttachmentAlgorithm);

const nodeNames = {
  [AttachmentAlgorithm.aes128Gcm]: 'aes-128-gcm',
  [AttachmentAlgorithm.aes256Gcm]: 'aes-256-gcm',
  [AttachmentAlgorithm.chacha20Poly1305]: 'chacha20-poly1305',
} as const;
const TAG_BYTES = 16;

export interface Secrets {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

// All three take the arguments of the last, which has to be told the length of its tag.
const nodeName = (encAlg: number) =>
  nodeNames[encAlg as keyof typeof nodeNames] as 'chacha20-poly1305';
const tagLength = { authTagLength: TAG_BYTES };

/** What node:crypto encrypts, with its tag. */
export function nodeSeal(encAlg: number, secrets: Secrets, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(nodeName(encAlg), secrets.key, secrets.nonce, tagLength);
  cipher.setAAD(secrets.aad, { plaintextLength: plaintext.length });
  return Uint8Array.from([...cipher.update(plaintext), ...cipher.final(), ...cipher.getAuthTag()]);
}

/** What node:crypto decrypts; throws if the tag does not fit. */
export function nodeOpen(encAlg: number, secrets: Secrets, ciphertext: Uint8Array): Uint8Array {
  const textEnd = ciphertext.length - TAG_BYTES;
  const decipher = createDecipheriv(nodeName(encAlg), secrets.key, secrets.nonce, tagLength);
  decipher.setAAD(secrets.aad, { plaintextLength: textEnd });
  decipher.setAuthTag(ciphertext.subarray(textEnd));
  const text = decipher.update(ciphertext.subarray(0, textEnd));
  return Uint8Array.from([...text, ...decipher.final()]);
}

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

/** The part that describes `content`, with the hash and size that it has. */
export const describing = (
  content: Uint8Array,
  encAlg: number,
  secrets: Secrets,
): AttachmentFields => ({
  encAlg,
  ...secrets,
  hashAlg: 1,
  contentHash: sha256(content),
  size: content.length,
});

/** The bytes in chunks of the given lengths, again and again. */
export function chunks(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengths[cut.length % lengths.length] as number;
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

/** A source that can be opened more than once, and tells how it was used. */
export class WatchedSource {
  opened = 0;
  /** Of those that were opened: ended, or given back early. */
  closed = 0;
  read = 0;
  readonly #contents: readonly Uint8Array[];
  readonly #chunk: number;

  /** What lies there at the first reading, at the second, and so on; the last one stays. */
  constructor(contents: readonly Uint8Array[], chunk = 1000) {
    this.#contents = contents;
    this.#chunk = chunk;
  }

  readonly open = async function* (this: WatchedSource): AsyncGenerator<Uint8Array> {
    const content = this.#contents[Math.min(this.opened, this.#contents.length - 1)];
    this.opened += 1;
    try {
      for (const chunk of chunks(content ?? new Uint8Array(), [this.#chunk])) {
        this.read += chunk.length;
        yield chunk;
      }
    } finally {
      this.closed += 1;
    }
  }.bind(this);
}

/** All bytes of a stream as one array. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  for await (const chunk of source) taken.push(chunk);
  return new Uint8Array(Buffer.concat(taken));
}

/** What reading the stream is refused with, and how many bytes came before. */
export async function refusalOf(
  source: AsyncIterable<Uint8Array>,
): Promise<{ code: string; details: unknown; before: number }> {
  let before = 0;
  try {
    for await (const chunk of source) before += chunk.length;
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return { code: error.code, details: error.details, before };
  }
  throw new Error('The stream ended without a refusal.');
}

/** The refusal of a call. */
export function thrownBy(call: () => unknown): ContentError {
  try {
    call();
  } catch (error) {
    if (error instanceof ContentError) return error;
    throw error;
  }
  throw new Error('The call was not refused.');
}
