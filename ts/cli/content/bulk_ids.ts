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
/** No MLS message that a hub takes is longer. */
const MAX_MESSAGE = 1 << 20;

/** Is told how many messages were hashed, and of how many bytes. */
export type Progress = (messages: number, bytes: number) => void;

/** Writes one id a line. Throws ContentError `truncated`, `tooLarge`, with the offset in the file. */
export async function writeBulkIds(
  file: string,
  suite: CipherSuite,
  output: Writable,
  progress: Progress,
): Promise<void> {
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
  const batch = new Batch(suite, output, progress);
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of source) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (;;) {
      const end = endOfMessage(rest, at, offset);
      if (end === undefined) break;
      await batch.add(rest.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    offset += at;
    rest = rest.subarray(at);
  }
  if (rest.length > 0) {
    throw new ContentError('truncated', `The message at byte ${offset} is cut short.`, {
      details: { offset, rule: 'C9', path: '' },
    });
  }
  await batch.flush();
}

function endOfMessage(bytes: Buffer, at: number, offset: number): number | undefined {
  if (at + LENGTH_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  if (length > MAX_MESSAGE) {
    throw new ContentError('tooLarge', `The message at byte ${offset + at} has ${length} bytes.`, {
      details: { offset: offset + at, rule: 'C5', path: '' },
    });
  }
  const end = at + LENGTH_BYTES + length;
  return end > bytes.length ? undefined : end;
}

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
