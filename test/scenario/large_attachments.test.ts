// Attachments larger than the memory that is spent on them, through encryption, hash check and decryption.

import { expect, test } from 'vitest';
import {
  AttachmentAlgorithm,
  decryptAttachment,
  encryptAttachment,
} from '../../ts/content/index.ts';
import { SeededRandom } from '../support/random.ts';

const MEBIBYTE = 1 << 20;
const TOTAL = 300 * MEBIBYTE;
const MOST_GROWTH = 64 * MEBIBYTE;

const chunk = new SeededRandom(300).bytes(100_000);

/** A file that is nowhere: the same chunk again and again, each time with its place in front. */
function* generatedFile(total = TOTAL): Generator<Uint8Array> {
  for (let at = 0; at < total; at += chunk.length) {
    const bytes = chunk.slice(0, total - at);
    new DataView(bytes.buffer).setUint32(0, at);
    yield bytes;
  }
}

/** How far the memory of this process has grown, at most, since it was first looked at. */
class MemoryWatch {
  readonly #start = process.memoryUsage().rss;
  growth = 0;

  look(): void {
    this.growth = Math.max(this.growth, process.memoryUsage().rss - this.#start);
  }
}

test('an attachment of 300 MiB streams both ways in less than 64 MiB of memory', async () => {
  // The stored ciphertext is generated, too: by encrypting the same file with the same key and nonce.
  const keyed = (total = TOTAL) =>
    encryptAttachment(generatedFile(total), {
      encAlg: AttachmentAlgorithm.chacha20Poly1305,
      random: (length) => new Uint8Array(length).fill(7),
    });
  const attachment = keyed();
  // What the core and the compiler take once is no matter of size.
  for await (const _ of keyed(16 * MEBIBYTE));
  const watch = new MemoryWatch();
  for await (const _ of attachment) watch.look();
  expect(attachment.fields.size).toBe(TOTAL + 16);

  const expected = generatedFile();
  let ahead = new Uint8Array();
  let received = 0;
  for await (const plaintext of decryptAttachment(attachment.fields, () => keyed())) {
    for (let rest = plaintext; rest.length > 0; ) {
      if (ahead.length === 0) ahead = new Uint8Array(expected.next().value ?? []);
      const same = Math.min(rest.length, ahead.length);
      expect(Buffer.compare(rest.subarray(0, same), ahead.subarray(0, same))).toBe(0);
      rest = rest.subarray(same);
      ahead = ahead.subarray(same);
    }
    received += plaintext.length;
    watch.look();
  }

  console.log('GROWTH', watch.growth / MEBIBYTE);
  expect(received).toBe(TOTAL);
  expect(watch.growth).toBeLessThan(MOST_GROWTH);
});
