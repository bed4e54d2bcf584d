// Our content codec beside general CBOR libraries. Valid messages: the same bytes as their canonical encoders make, and
// the same structure as their decoders read. Forbidden ones: which of them the libraries let through, as
// docs/content-codecs.md tells; EXEDRA_WRITE_DOCS=1 writes that page anew.

import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CborKey,
  type CborValue,
  Disposition,
  decodeContent,
  decodeValue,
  encodeContent,
  extensionEntries,
  extensionsOf,
  type MimiContent,
  type NestedPart,
  numberParts,
  type PartDraft,
  PartSemantics,
  type Profile,
  Tagged,
} from '../../ts/content/index.ts';
import { comparePage } from '../support/content_comparison.ts';
import { keptTags, plain, type Rival, rivals } from '../support/rival_codecs.ts';

const bytes = (most: number) => fc.uint8Array({ maxLength: most });
/** Without a U+FEFF before it, which cborg loses. */
const text = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('ß'.repeat(130)))
  .filter((made) => !made.startsWith('\u{feff}'));
const edges = [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const uint64 = fc
  .oneof(fc.nat(), fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(...edges))
  .map((value) => plain(value) as number | bigint);
const integer = fc
  .oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n), fc.constantFrom(...edges))
  .map((value) => plain(value) as number | bigint);
const fraction = fc.oneof(fc.double(), fc.float()).filter((value) => !Number.isInteger(value));
const key: fc.Arbitrary<CborKey> = fc.oneof(fc.maxSafeInteger(), text, bytes(40));

/** What an extension may hold, so many levels deep. */
function valueArbitrary(levels: number): fc.Arbitrary<CborValue> {
  const leaf = fc.oneof(integer, fraction, text, bytes(300), fc.constantFrom(null, true, false));
  if (levels === 0) return leaf;
  const inner = valueArbitrary(levels - 1);
  const selector = ([one]: readonly [CborKey, CborValue]): string =>
    one instanceof Uint8Array ? `h${Buffer.from(one).toString('hex')}` : `${typeof one}${one}`;
  return fc.oneof(
    leaf,
    fc.array(inner, { maxLength: 4 }),
    fc.uniqueArray(fc.tuple(key, inner), { maxLength: 4, selector }).map((pairs) => new Map(pairs)),
    fc
      .tuple(fc.constantFrom(...keptTags.filter((tag) => tag > 90)), inner)
      .map(([tag, value]) => new Tagged(tag, value)),
  );
}

const common = { disposition: fc.nat(255), language: fc.oneof(fc.constant(''), text) };
const uint = (bits: number) =>
  fc.oneof(fc.nat(2 ** bits - 1), fc.constantFrom(0, 23, 24, 2 ** bits - 1));

function partArbitrary(levels: number, profile: Profile): fc.Arbitrary<PartDraft> {
  const leaves: fc.Arbitrary<PartDraft>[] = [
    fc.record({ kind: fc.constant('null' as const), ...common }),
    fc.record({
      kind: fc.constant('single' as const),
      ...common,
      contentType: text,
      content: bytes(300),
    }),
    fc.record({
      kind: fc.constant('external' as const),
      ...common,
      contentType: text,
      url: text,
      expires: uint(31),
      size: uint64,
      encAlg: uint(16),
      key: bytes(32),
      nonce: bytes(12),
      aad: bytes(30),
      hashAlg: uint(8),
      contentHash: bytes(64),
      description: text,
      filename: profile === 'draft08' ? text : fc.constant(''),
    }),
  ];
  if (levels === 1) return fc.oneof(...leaves);
  const parts = fc.array(partArbitrary(levels - 1, profile), { minLength: 2, maxLength: 3 });
  const semantics = fc.constantFrom(
    'chooseOne' as const,
    'singleUnit' as const,
    'processAll' as const,
  );
  return fc.oneof(
    ...leaves,
    fc.record({ kind: fc.constant('multi' as const), ...common, semantics, parts }),
  );
}

const id = (profile: Profile): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((made) => {
    if (profile === 'draft08') made[0] = 1;
    return made;
  });
const optional = <Value>(made: fc.Arbitrary<Value>) => fc.option(made, { nil: undefined });
const topKey = fc.oneof(
  fc.maxSafeInteger().filter((made) => made !== 1 && made !== 2),
  text.filter((made) => made !== '' && Buffer.byteLength(made) < 256),
);
const extensions08 = fc.array(fc.tuple(topKey, valueArbitrary(3)), { maxLength: 4 });
const uris = fc.tuple(text, text);

const draft08: fc.Arbitrary<MimiContent> = fc
  .record({
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    replaces: optional(id('draft08')),
    topicId: bytes(100),
    expires: optional(fc.record({ relative: fc.constant(false), seconds: uint(31) })),
    reply: optional(id('draft08')),
    extensions: extensions08,
    uris: optional(uris),
    body: partArbitrary(4, 'draft08'),
  })
  .map(({ reply, extensions, uris, body, ...fields }) => {
    const named = uris?.map((uri, index) => [index + 1, uri] as const) ?? [];
    return {
      profile: 'draft08',
      ...fields,
      inReplyTo: reply && { messageId: reply },
      lastSeen: [],
      extensions: extensionsOf('draft08', new Map([...extensions, ...named])),
      body: numberParts(body),
    };
  });

const draft04: fc.Arbitrary<MimiContent> = fc
  .record({
    replaces: optional(id('draft04')),
    topicId: bytes(100),
    seconds: uint(31),
    reply: optional(fc.tuple(id('draft04'), id('draft04'))),
    lastSeen: fc.array(id('draft04'), { maxLength: 3 }),
    extensions: fc.array(fc.tuple(topKey.map(String), bytes(300)), { maxLength: 4 }),
    body: partArbitrary(4, 'draft04'),
  })
  .map(({ seconds, reply, extensions, body, ...fields }) => ({
    profile: 'draft04',
    ...fields,
    expires: seconds === 0 ? undefined : { relative: false, seconds },
    inReplyTo: reply && { messageId: reply[0], hashAlg: 1, hash: reply[1] },
    extensions: extensionsOf('draft04', new Map(extensions)),
    body: numberParts(body),
  }));

const messages = { draft04, draft08 } as const;

/** The array that the schema of the profile makes of a message, tags as the library has them. */
function itemsOf(content: MimiContent, { tag }: Pick<Rival, 'tag'>): unknown[] {
  const { profile, salt, replaces = null, topicId, expires, inReplyTo, lastSeen } = content;
  const extensions = new Map(
    Array.from(extensionEntries(content.extensions), ([name, value]) => [
      name,
      libraryValue(decodeValue(value), tag),
    ]),
  );
  const body = partItems(content.body, profile, tag);
  if (profile === 'draft04') {
    const reply = inReplyTo && [inReplyTo.messageId, inReplyTo.hashAlg, inReplyTo.hash];
    return [replaces, topicId, expires?.seconds ?? 0, reply ?? null, lastSeen, extensions, body];
  }
  const expiration = expires ? [expires.relative, expires.seconds] : null;
  return [salt, replaces, topicId, expiration, inReplyTo?.messageId ?? null, extensions, body];
}

function partItems(part: NestedPart, profile: Profile, tag: Rival['tag']): unknown[] {
  const is04 = profile === 'draft04';
  const first = [part.disposition, part.language, ...(is04 ? [part.index] : [])];
  if (part.kind === 'null') return [...first, 0];
  if (part.kind === 'single') return [...first, 1, part.contentType, part.content];
  if (part.kind === 'multi') {
    const parts = part.parts.map((nested) => partItems(nested, profile, tag));
    return [...first, 3, PartSemantics[part.semantics], parts];
  }
  const { contentType, url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash } = part;
  return [
    ...first,
    2,
    contentType,
    is04 ? tag(32, url) : url,
    ...[expires, size, encAlg, key, nonce, aad, hashAlg, contentHash],
    part.description,
    ...(is04 ? [] : [part.filename]),
  ];
}

function libraryValue(value: unknown, tag: Rival['tag']): unknown {
  if (value instanceof Tagged) return tag(value.tag, libraryValue(value.value, tag));
  if (Array.isArray(value)) return value.map((inner) => libraryValue(inner, tag));
  if (value instanceof Map) {
    return new Map(Array.from(value, ([name, inner]) => [name, libraryValue(inner, tag)]));
  }
  return value;
}

const hex = (encoded: Uint8Array): string => Buffer.from(encoded).toString('hex');
/** cbor-x has no canonical form: it does not sort, and writes large numbers as floats. */
const canonical = rivals.filter(({ name }) => name !== 'cbor-x');

describe.each(['draft04', 'draft08'] as const)('any message of %s', (profile) => {
  test('is read as it was made, and written as it was read', () => {
    fc.assert(
      fc.property(messages[profile], (content) => {
        const encoded = encodeContent(content);
        const decoded = decodeContent(encoded, { profile });
        expect(decoded).toEqual(content);
        expect(hex(encodeContent(decoded))).toBe(hex(encoded));
      }),
    );
  });

  test.each(canonical)('is written as $name writes its structure', (rival) => {
    fc.assert(
      fc.property(messages[profile], (content) => {
        expect(hex(encodeContent(content))).toBe(hex(rival.encode(itemsOf(content, rival))));
      }),
    );
  });

  test.each(rivals)('is read by $name as the same structure', (rival) => {
    fc.assert(
      fc.property(messages[profile], (content) => {
        const read = rival.decode(encodeContent(content));
        expect(plain(read)).toEqual(plain(itemsOf(content, rival)));
      }),
    );
  });
});

test('a U+FEFF at the beginning of a text stays', () => {
  const [sample] = fc.sample(draft08, { numRuns: 1, seed: 1 });
  const body = numberParts({ kind: 'null', disposition: 0, language: '\u{feff}en' });
  const encoded = encodeContent({ ...(sample as MimiContent), body });
  expect(decodeContent(encoded, { profile: 'draft08' }).body.language).toBe('\u{feff}en');
});

test.each([
  [2n ** 53n - 1n, 'number', '1b001fffffffffffff'],
  [2n ** 53n, 'bigint', '1b0020000000000000'],
  [2n ** 53n + 1n, 'bigint', '1b0020000000000001'],
  [2n ** 64n - 1n, 'bigint', '1bffffffffffffffff'],
  [1n, 'number', '01'],
])(
  'a size of %s is read as a %s, and written the same way whichever it is given as',
  (size, type, item) => {
    const [sample] = fc.sample(draft08, { numRuns: 1, seed: 1 });
    const external = (given: number | bigint) =>
      encodeContent({
        ...(sample as MimiContent),
        body: {
          kind: 'external',
          disposition: Disposition.attachment,
          language: '',
          index: 0,
          contentType: '',
          url: '',
          expires: 0,
          size: given,
          encAlg: 0,
          key: new Uint8Array(),
          nonce: new Uint8Array(),
          aad: new Uint8Array(),
          hashAlg: 0,
          contentHash: new Uint8Array(),
          description: '',
          filename: '',
        },
      });
    const encoded = external(size);
    expect(hex(encoded)).toContain(`8f066002606000${item}00404040004060`);
    const { body } = decodeContent(encoded, { profile: 'draft08' });
    expect(body.kind === 'external' && typeof body.size).toBe(type);
    if (type === 'number') expect(hex(external(Number(size)))).toBe(hex(encoded));
  },
);

test('what the libraries let through is as docs/content-codecs.md tells', () => {
  const url = new URL('../../docs/content-codecs.md', import.meta.url);
  const page = comparePage();
  if (process.env.EXEDRA_WRITE_DOCS !== undefined) writeFileSync(url, page);
  expect(page).toBe(readFileSync(url, 'utf8'));
});
