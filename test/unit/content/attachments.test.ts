// Attachments: external parts are encrypted and decrypted, and nothing is decrypted that is not what was sent.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AttachmentFields,
  Composer,
  DEFAULT_MAX_ATTACHMENT_BYTES,
  decodeContent,
  decryptAttachment,
  decryptAttachmentBytes,
  encodeContent,
  encryptAttachment,
  encryptAttachmentBytes,
  type Profile,
  part,
} from '../../../ts/content/index.ts';
import {
  algorithms,
  chunks,
  collect,
  describing,
  nodeOpen,
  nodeSeal,
  refusalOf,
  sha256,
  thrownBy,
  WatchedSource,
} from '../../support/attachments.ts';
import { SeededRandom } from '../../support/random.ts';

const PIECE = 1 << 18;
const random = new SeededRandom(29);
const plaintext = random.bytes(5000);
const aad = Uint8Array.of(1, 2, 3);
const utf8 = new TextEncoder();

const withBitFlipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
const wrongKeyed = (fields: AttachmentFields): AttachmentFields => ({
  ...fields,
  key: withBitFlipped(fields.key, 0),
});
const decrypted = (fields: AttachmentFields, content: Uint8Array): Promise<Uint8Array> =>
  collect(decryptAttachment(fields, () => [content]));

describe.each(algorithms)('with the AEAD %i', (encAlg) => {
  const { ciphertext, fields } = encryptAttachmentBytes(plaintext, { encAlg, aad });

  test('what is encrypted decrypts, whatever the chunks', async () => {
    const anyLengths = fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1 });
    const anyLength = fc.oneof(
      fc.nat(100),
      fc.integer({ min: PIECE - 40, max: PIECE + 40 }),
      fc.nat(3 * PIECE),
    );
    await fc.assert(
      fc.asyncProperty(anyLength, anyLengths, anyLengths, async (length, sent, received) => {
        const whole = filler(length);
        const attachment = encryptAttachment(chunks(whole, sent), { encAlg, aad });
        const stored = await collect(attachment);
        expect(attachment.fields.size).toBe(whole.length + 16);
        const open = () => chunks(stored, received);
        const back = await collect(decryptAttachment(attachment.fields, open));
        expect(Buffer.compare(back, whole)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('node:crypto decrypts what is encrypted here', () => {
    expect(nodeOpen(encAlg, fields, ciphertext)).toEqual(plaintext);
    expect(fields.contentHash).toEqual(sha256(ciphertext));
  });

  test('what node:crypto encrypts is decrypted here', async () => {
    const secrets = { key: random.bytes(fields.key.length), nonce: random.bytes(12), aad };
    const foreign = nodeSeal(encAlg, secrets, plaintext);
    const described = describing(foreign, encAlg, secrets);
    expect(await decrypted(described, foreign)).toEqual(plaintext);
    expect(decryptAttachmentBytes(described, foreign)).toEqual(plaintext);
  });

  test('a flipped bit is refused at the first reading, before any key is used', async () => {
    for (const bit of [0, 8 * 2500 + 3, 8 * ciphertext.length - 1]) {
      const source = new WatchedSource([withBitFlipped(ciphertext, bit)]);
      // With this key an honest ciphertext is `undecryptable`: had the key been used, that would be the refusal.
      const refusal = await refusalOf(decryptAttachment(wrongKeyed(fields), source.open));
      expect(refusal).toMatchObject({
        code: 'wrongContent',
        details: { path: '/contentHash', reading: 'first' },
        before: 0,
      });
      expect(source).toMatchObject({ opened: 1, closed: 1 });
      const bytes = () =>
        decryptAttachmentBytes(wrongKeyed(fields), withBitFlipped(ciphertext, bit));
      expect(thrownBy(bytes).code).toBe('wrongContent');
    }
  });

  test('another key, nonce or aad is refused by the tag, and nothing comes before', async () => {
    const others = [
      wrongKeyed(fields),
      { ...fields, nonce: withBitFlipped(fields.nonce, 95) },
      { ...fields, aad: new Uint8Array() },
    ];
    for (const other of others) {
      const source = new WatchedSource([ciphertext]);
      const refusal = await refusalOf(decryptAttachment(other, source.open));
      expect(refusal).toMatchObject({ code: 'undecryptable', before: 0 });
      expect(source).toMatchObject({ opened: 2, closed: 2 });
      expect(thrownBy(() => decryptAttachmentBytes(other, ciphertext)).code).toBe('undecryptable');
    }
  });

  test('a tag that a sender made wrong is refused', async () => {
    const forged = withBitFlipped(ciphertext, 8 * ciphertext.length - 1);
    const described = { ...fields, contentHash: sha256(forged) };
    expect(await refusalOf(decryptAttachment(described, () => [forged]))).toMatchObject({
      code: 'undecryptable',
    });
  });

  test('nothing is an attachment like any other', async () => {
    const empty = encryptAttachment([], { encAlg });
    const stored = await collect(empty);
    expect(stored).toEqual(nodeSeal(encAlg, empty.fields, new Uint8Array()));
    expect(await decrypted(empty.fields, stored)).toEqual(new Uint8Array());
  });

  test('what is too short to hold a tag is undecryptable', async () => {
    const short = ciphertext.subarray(0, 15);
    const described = describing(short, encAlg, fields);
    expect(await refusalOf(decryptAttachment(described, () => [short]))).toMatchObject({
      code: 'undecryptable',
    });
  });
});

/** So many bytes, quickly made. */
function filler(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 167) >> 3;
  return bytes;
}

describe('in a message', () => {
  test.each<Profile>(['draft04', 'draft08'])('of %s an attachment arrives', async (profile) => {
    const attachment = encryptAttachment(chunks(plaintext, [512]));
    const stored = await collect(attachment);
    const body = part.external({ url: 'https://example.com/a', ...attachment.fields });

    const sent = encodeContent(new Composer({ profile }).message(body));
    const { body: received } = decodeContent(sent, { profile, now: 0 });

    if (received.kind !== 'external') throw new Error('The part is not external.');
    expect(received.encAlg).toBe(1);
    expect(await decrypted(received, stored)).toEqual(plaintext);
  });

  test('each attachment has a key and nonce of its own', () => {
    const fields = Array.from({ length: 20 }, () => encryptAttachmentBytes(plaintext).fields);
    expect(new Set(fields.map(({ key }) => key.join())).size).toBe(20);
    expect(new Set(fields.map(({ nonce }) => nonce.join())).size).toBe(20);
  });
});

describe('the readings', () => {
  const { ciphertext, fields } = encryptAttachmentBytes(filler(3 * PIECE));

  test('a truncated or lengthened content is refused at the first reading', async () => {
    for (const [content, found] of [
      [ciphertext.subarray(0, -1), ciphertext.length - 1],
      [ciphertext.subarray(0, PIECE), PIECE],
      [new Uint8Array(), 0],
    ] as const) {
      expect(await refusalOf(decryptAttachment(fields, () => [content]))).toEqual({
        code: 'wrongContent',
        details: { path: '/size', reading: 'first', expected: ciphertext.length, found },
        before: 0,
      });
    }
    const longer = new Uint8Array(ciphertext.length + 1);
    longer.set(ciphertext);
    expect(await refusalOf(decryptAttachment(fields, () => [longer]))).toMatchObject({
      code: 'wrongContent',
      before: 0,
    });
  });

  test('an endless content is given up where the part says that it ends', async () => {
    let read = 0;
    const endless = async function* () {
      for (;;) {
        read += 1000;
        yield new Uint8Array(1000);
      }
    };
    expect(await refusalOf(decryptAttachment(fields, endless))).toMatchObject({
      code: 'wrongContent',
      details: { path: '/size' },
    });
    expect(read).toBeLessThan(ciphertext.length + 2 * PIECE);
  });

  test('a content that changes between the readings is noticed before it is decrypted', async () => {
    const changed = withBitFlipped(ciphertext, 8 * (2 * PIECE + 5));
    const source = new WatchedSource([ciphertext, changed]);
    expect(await refusalOf(decryptAttachment(fields, source.open))).toMatchObject({
      code: 'wrongContent',
      details: { path: '/contentHash', reading: 'second' },
      before: 2 * PIECE,
    });
    expect(source).toMatchObject({ opened: 2, closed: 2 });
  });

  test('a content that is shorter or longer at the second reading is refused', async () => {
    const longer = new Uint8Array([...ciphertext, 0]);
    for (const second of [ciphertext.subarray(0, 2 * PIECE), ciphertext.subarray(0, 9), longer]) {
      const source = new WatchedSource([ciphertext, second]);
      expect(await refusalOf(decryptAttachment(fields, source.open))).toMatchObject({
        code: 'wrongContent',
        details: { reading: 'second' },
      });
    }
  });

  test('a size without the tag, and none, are understood', async () => {
    for (const size of [ciphertext.length - 16, BigInt(ciphertext.length), 0, 0n]) {
      const back = await decrypted({ ...fields, size }, ciphertext);
      expect(Buffer.compare(back, filler(3 * PIECE))).toBe(0);
    }
    for (const size of [ciphertext.length - 15, ciphertext.length + 1]) {
      const refusal = await refusalOf(decryptAttachment({ ...fields, size }, () => [ciphertext]));
      expect(refusal).toMatchObject({ code: 'wrongContent', details: { path: '/size' } });
    }
  });

  test('more than maxBytes is refused: at once if the part says so, else when it comes', async () => {
    const source = new WatchedSource([ciphertext]);
    const maxBytes = ciphertext.length - 1;
    const known = thrownBy(() => decryptAttachment(fields, source.open, { maxBytes }));
    expect(known).toMatchObject({ code: 'attachmentTooLarge', details: { limit: maxBytes } });
    expect(source.opened).toBe(0);

    const unknown = decryptAttachment({ ...fields, size: 0 }, source.open, { maxBytes });
    expect(await refusalOf(unknown)).toMatchObject({ code: 'attachmentTooLarge', before: 0 });
    expect(source).toMatchObject({ opened: 1, closed: 1 });

    for (const size of [DEFAULT_MAX_ATTACHMENT_BYTES + 1, 2n ** 64n - 1n]) {
      const huge = thrownBy(() => decryptAttachment({ ...fields, size }, source.open));
      expect(huge.code).toBe('attachmentTooLarge');
    }
    const nonsense = thrownBy(() =>
      decryptAttachment(fields, source.open, { maxBytes: Number.NaN }),
    );
    expect(nonsense.code).toBe('invalidArgument');
  });

  test('who stops early gives the source back', async () => {
    const source = new WatchedSource([ciphertext]);
    for await (const _ of decryptAttachment(fields, source.open)) break;
    expect(source).toMatchObject({ opened: 2, closed: 2 });
    expect(source.read).toBeLessThan(2 * ciphertext.length);

    const plain = new WatchedSource([ciphertext]);
    const attachment = encryptAttachment(plain.open());
    for await (const _ of attachment) break;
    expect(plain).toMatchObject({ opened: 1, closed: 1 });
    expect(thrownBy(() => attachment.fields).code).toBe('invalidArgument');
  });

  test('what the source throws comes through', async () => {
    const broken = async function* () {
      yield ciphertext.subarray(0, 100);
      throw new RangeError('the connection broke');
    };
    await expect(collect(decryptAttachment(fields, broken))).rejects.toThrow('connection broke');
    await expect(collect(encryptAttachment(broken()))).rejects.toThrow('connection broke');
  });
});

describe('what is not encrypted', () => {
  const nothing = new Uint8Array();
  const open = describing(plaintext, 0, { key: nothing, nonce: nothing, aad: nothing });

  test('is checked by its hash', async () => {
    expect(await decrypted(open, plaintext)).toEqual(plaintext);
    expect(decryptAttachmentBytes(open, plaintext)).toEqual(plaintext);
    const damaged = withBitFlipped(plaintext, 77);
    expect(await refusalOf(decryptAttachment(open, () => [damaged]))).toMatchObject({
      code: 'wrongContent',
    });
  });

  test('is not what it was when it changes between the readings', async () => {
    const source = new WatchedSource([plaintext, withBitFlipped(plaintext, 77)]);
    expect(await refusalOf(decryptAttachment(open, source.open))).toMatchObject({
      code: 'wrongContent',
      details: { reading: 'second' },
      before: 0,
    });
  });
});

describe('before anything is read', () => {
  const { ciphertext, fields } = encryptAttachmentBytes(plaintext);
  const bytes = (length: number) => new Uint8Array(length);

  test.each<[string, Partial<AttachmentFields>, string]>([
    ['an AEAD that is not known', { encAlg: 3 }, 'unsupportedAlgorithm'],
    [
      'an AEAD whose number is that of a known one and 65,536',
      { encAlg: 65_537 },
      'unsupportedAlgorithm',
    ],
    ['no hash', { hashAlg: 0, contentHash: bytes(0) }, 'unsupportedAlgorithm'],
    ['another hash than SHA-256', { hashAlg: 8, contentHash: bytes(64) }, 'unsupportedAlgorithm'],
    ['a key that is too short', { key: bytes(15) }, 'invalidAttachment'],
    ['a key of another algorithm', { key: bytes(32) }, 'invalidAttachment'],
    ['a nonce that is too long', { nonce: bytes(16) }, 'invalidAttachment'],
    ['no nonce', { nonce: bytes(0) }, 'invalidAttachment'],
    ['half a hash', { contentHash: bytes(16) }, 'invalidAttachment'],
    ['a key without encryption', { encAlg: 0, nonce: bytes(0) }, 'invalidAttachment'],
  ])('%s is refused', (_, fault, code) => {
    const source = new WatchedSource([ciphertext]);
    const faulty = { ...fields, ...fault };
    const refusal = thrownBy(() => decryptAttachment(faulty, source.open));
    expect(refusal.code).toBe(code);
    expect(refusal.details.path).toMatch(/^\/(encAlg|hashAlg|key|nonce|contentHash)$/);
    expect(source.opened).toBe(0);
    expect(thrownBy(() => decryptAttachmentBytes(faulty, ciphertext)).code).toBe(code);
  });

  test('an AEAD that is not known encrypts nothing', () => {
    for (const encAlg of [0, 3, 65_537, Number.NaN]) {
      const source = new WatchedSource([plaintext]);
      const refusal = thrownBy(() => encryptAttachment(source.open(), { encAlg }));
      expect(refusal).toMatchObject({ code: 'invalidArgument', kind: 'caller' });
      expect(source.opened).toBe(0);
    }
  });

  test('a random source that gives too little is refused', () => {
    const little = () => Uint8Array.of(1);
    expect(thrownBy(() => encryptAttachment([], { random: little })).code).toBe('invalidArgument');
  });
});

describe('encrypting', () => {
  test('key and nonce encrypt once', async () => {
    const attachment = encryptAttachment([plaintext]);
    expect(thrownBy(() => attachment.fields).code).toBe('invalidArgument');
    await collect(attachment);
    expect(thrownBy(() => attachment[Symbol.asyncIterator]()).code).toBe('invalidArgument');
    expect(attachment.fields.size).toBe(plaintext.length + 16);
  });

  test('streams of the web are sources, also where they are not iterable', async () => {
    const iterable = new Blob([utf8.encode('from a blob')]).stream();
    const attachment = encryptAttachment(iterable);
    const stored = await collect(attachment);
    const opened: ReadableStream<Uint8Array>[] = [];
    const open = () => {
      const stream = new Blob([new Uint8Array(stored)]).stream();
      Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
      opened.push(stream);
      return stream;
    };
    const back = await collect(decryptAttachment(attachment.fields, open));
    expect(new TextDecoder().decode(back)).toBe('from a blob');

    for await (const _ of decryptAttachment(attachment.fields, open)) break;
    expect(opened).toHaveLength(4);
  });

  test('a stream that is not iterable is cancelled by who stops early', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(PIECE)),
      cancel: () => {
        cancelled = true;
      },
    });
    Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
    for await (const _ of encryptAttachment(stream)) break;
    expect(cancelled).toBe(true);
  });

  test('a chunk that is not of bytes is refused', async () => {
    const texts = ['text'] as unknown as Uint8Array[];
    expect(await refusalOf(encryptAttachment(texts))).toMatchObject({ code: 'invalidArgument' });
    const one = plaintext as unknown as Uint8Array[];
    expect(await refusalOf(encryptAttachment(one))).toMatchObject({ code: 'invalidArgument' });
  });
});
