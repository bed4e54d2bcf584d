// `exedra content ids --bulk`: the draft04 ids of many messages in one file, each behind a length of four bytes,
// big-endian. Messages are hashed some thousand at a time, however large the file is.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { ContentError, messageIdsDraft04 } from '../../content/index.ts';
import type { CipherSuite } from '../../mls/index.ts';
import { hexOf } from './input.ts';

const LENGTH_BYTES = 4;
const ID_BYTES = 32;
/** How many messages, and about how many bytes of them, are hashed in one call. */
const BATCH = 4096;
const BATCH_BYTES = 4 << 20;
/** Far more than a hub takes; what claims to be longer is no such file. */
const MAX_MESSAGE = 64 << 20;

/** Is told how many messages were hashed, and of how many bytes. */
export type Progress = (messages: number, bytes: number) => void;

/**
 * Writes one id a line. Throws ContentError `invalidArgument` for a file that cannot be read, and `truncated` and `tooLarge`
 * with the offset in the file, when the ids of the messages before are written.
 */
export async function writeBulkIds(
  file: string,
  suite: CipherSuite,
  output: Writable,
  progress: Progress,
): Promise<void> {
  const batch = new Batch(suite, output, progress);
  try {
    for await (const message of messagesOf(file)) await batch.add(message);
  } finally {
    await batch.flush();
  }
}

/** The messages, as views of what was read. */
async function* messagesOf(file: string): AsyncGenerator<Buffer> {
  let offset = 0;
  let chunks: Buffer[] = [];
  let [length, needed] = [0, LENGTH_BYTES];
  for await (const chunk of chunksOf(file)) {
    chunks.push(chunk);
    length += chunk.length;
    // Put together only when a message is complete, however small the chunks are.
    if (length < needed) continue;
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    let at = 0;
    for (;;) {
      needed = LENGTH_BYTES;
      if (bytes.length - at < needed) break;
      needed += lengthAt(bytes, at, offset + at);
      if (bytes.length - at < needed) break;
      yield bytes.subarray(at + LENGTH_BYTES, at + needed);
      at += needed;
    }
    offset += at;
    chunks = [bytes.subarray(at)];
    length = bytes.length - at;
  }
  if (length > 0) throw fault('truncated', 'C9', offset, 'is cut short');
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (cause) {
    throw new ContentError('invalidArgument', `${file} cannot be read.`, { cause });
  }
}

function lengthAt(bytes: Buffer, at: number, offset: number): number {
  const length = bytes.readUInt32BE(at);
  if (length <= MAX_MESSAGE) return length;
  throw fault('tooLarge', 'C5', offset, `has ${length} bytes`);
}

const fault = (code: 'truncated' | 'tooLarge', rule: string, offset: number, what: string) =>
  new ContentError(code, `The message at byte ${offset} ${what}.`, {
    details: { offset, rule, path: '' },
  });

class Batch {
  readonly #suite: CipherSuite;
  readonly #output: Writable;
  readonly #progress: Progress;
  #messages: Buffer[] = [];
  #bytes = 0;
  #done = 0;
  #doneBytes = 0;

  constructor(suite: CipherSuite, output: Writable, progress: Progress) {
    this.#suite = suite;
    this.#output = output;
    this.#progress = progress;
  }

  async add(message: Buffer): Promise<void> {
    this.#messages.push(message);
    this.#bytes += message.length;
    if (this.#messages.length >= BATCH || this.#bytes >= BATCH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const count = this.#messages.length;
    if (count === 0) return;
    const offsets = new Uint32Array(count + 1);
    for (const [index, { length }] of this.#messages.entries()) {
      offsets[index + 1] = (offsets[index] as number) + length;
    }
    const buffer = new Uint8Array(Buffer.concat(this.#messages, this.#bytes));
    const ids = hexOf(messageIdsDraft04(this.#suite, buffer, offsets));
    let lines = '';
    for (let at = 0; at < ids.length; at += 2 * ID_BYTES)
      lines += `${ids.slice(at, at + 2 * ID_BYTES)}\n`;
    if (!this.#output.write(lines)) await once(this.#output, 'drain');
    this.#done += count;
    this.#doneBytes += this.#bytes;
    this.#progress(this.#done, this.#doneBytes);
    this.#messages = [];
    this.#bytes = 0;
  }
}
