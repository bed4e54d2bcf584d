// What an enemy sends: every published vector cut short at each byte and with each bit turned, lengths that lie, nesting
// without end. Refused, with nothing but a ContentError, in time and memory in proportion to what was sent
// (docs/content.md, rules C1 to C10, beside an independent re-check).

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ContentError,
  decodeContent,
  decodeDerivedValues,
  decodeRelaxed,
  decodeStatusReport,
  encodeContent,
  extensionsOf,
  type MimiContent,
  noExtensions,
  numberParts,
  type Profile,
  part,
} from '../../ts/content/index.ts';
import { contentCases, message04 } from '../support/content_cases.ts';
import { claimed, claims, growing, head, repeat, singlePart } from '../support/content_growth.ts';
import {
  type RecheckOptions,
  recheckContent,
  recheckDerivedValues,
  recheckStatusReport,
  type Verdict,
} from '../support/content_recheck.ts';
import { growthOf } from '../support/growth.ts';

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** `accepted`, or the rule that is broken. */
function verdictOf(decode: () => unknown): string {
  try {
    decode();
    return 'accepted';
  } catch (error) {
    if (error instanceof ContentError) return String(error.details.rule);
    throw error;
  }
}

interface Reader {
  readonly decode: (bytes: Uint8Array, profile: Profile) => unknown;
  readonly recheck: (bytes: Uint8Array, options: RecheckOptions) => Verdict;
}

function readerOf(file: string): Reader {
  if (file.startsWith('implied')) {
    return { decode: decodeDerivedValues, recheck: recheckDerivedValues };
  }
  if (/^(report|status)/.test(file)) {
    return {
      decode: (bytes, profile) => decodeStatusReport(bytes, profile),
      recheck: recheckStatusReport,
    };
  }
  return { decode: (bytes, profile) => decodeContent(bytes, { profile }), recheck: recheckContent };
}

const vectors = (
  [
    ['content-04', 'draft04'],
    ['content-08', 'draft08'],
    ['status-01', 'draft08'],
  ] as const
).flatMap(([folder, profile]) => {
  const url = new URL(`../vectors/${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.cbor'))
    .map((file) => ({
      name: `${folder}/${file}`,
      profile,
      bytes: new Uint8Array(readFileSync(new URL(file, url))),
      ...readerOf(file),
    }));
});

/** The bytes with each bit turned in turn. */
function* bitFlips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}

function* truncations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let end = 0; end < bytes.length; end += 1) yield bytes.subarray(0, end);
}

test('there are 14 messages of each profile, derived values of each, and two reports', () => {
  expect(vectors).toHaveLength(14 + 14 + 2 + 2);
});

describe.each(vectors)('$name', ({ bytes, profile, decode, recheck }) => {
  test('cut short anywhere, it is refused', () => {
    for (const short of truncations(bytes)) {
      expect(verdictOf(() => decode(short, profile))).not.toBe('accepted');
    }
  });

  test('with any bit turned, it is accepted or refused as the re-check says, by the same rule', () => {
    for (const flipped of bitFlips(bytes)) {
      const second = recheck(flipped, { profile });
      const found = verdictOf(() => decode(flipped, profile));
      const expected = second.ok ? 'accepted' : second.rule;
      if (found !== expected)
        expect.fail(`${found} for ${expected}: ${Buffer.from(flipped).toString('hex')}`);
    }
  });
});

test('relaxed of rule C2, too, nothing but a ContentError is thrown, and what is accepted strictly is accepted', () => {
  const messages = vectors.filter(
    ({ profile, name }) => profile === 'draft04' && !/implied|report/.test(name),
  );
  for (const { bytes } of messages) {
    for (const changed of [...truncations(bytes), ...bitFlips(bytes)]) {
      const strict = verdictOf(() => decodeContent(changed, { profile: 'draft04' }));
      const relaxed = verdictOf(() => decodeRelaxed(changed));
      if (strict === 'accepted') expect(relaxed).toBe('accepted');
      else if (strict !== 'C2') expect(relaxed).not.toBe('accepted');
    }
  }
});

test('the re-check judges each case of the rules as the table says', () => {
  for (const [rule, cases] of Object.entries(contentCases)) {
    for (const { hex, profile, options, code, name } of cases) {
      const verdict = recheckContent(bytesOf(hex), { ...options, profile });
      expect([name, verdict]).toEqual([
        name,
        code === undefined ? { ok: true } : { ok: false, rule },
      ]);
    }
  }
});

// Time.

/** Below this the clock and the machine tell more than the input does. */
const leastMs = 0.5;
/** A quadratic decoder would take four times as long. */
const enough = 3;

const growth = (once: () => unknown, twice: () => unknown) =>
  growthOf(
    () => verdictOf(once),
    () => verdictOf(twice),
    { leastMs, enough },
  );

describe('twice the input takes no more than about twice the time', () => {
  test.each(growing)('$name', ({ size, hex, profile = 'draft08' }) => {
    const [once, twice] = [bytesOf(hex(size)), bytesOf(hex(2 * size))];
    const options = { profile, maxBytes: 1 << 26 };
    const decode = (bytes: Uint8Array) => () => decodeContent(bytes, options);
    expect(growth(decode(once), decode(twice))).toBeLessThan(enough);
  });

  test('relaxed of rule C2, too', () => {
    const hex = (size: number): string =>
      message04({ body: `86016000017f${repeat('6161', size)}ff40` });
    const [once, twice] = [bytesOf(hex(1 << 16)), bytesOf(hex(1 << 17))];
    const decode = (bytes: Uint8Array) => () => decodeRelaxed(bytes);
    expect(verdictOf(decode(twice))).toBe('accepted');
    expect(growth(decode(once), decode(twice))).toBeLessThan(enough);
  });
});

// Memory.

/** How much one decoding leaves behind, in bytes, and its verdict. */
function memoryOf(bytes: Uint8Array, profile: Profile): { grown: number; verdict: string } {
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const verdict = verdictOf(() => decodeContent(bytes, { profile, maxBytes: 1 << 26 }));
  return { grown: used() - before, verdict };
}

test.each(claims)('a length that lies costs no memory: $name', ({ major, before, profile }) => {
  for (const length of claimed) {
    const bytes = bytesOf(`${before}${head(major, length)}0000000000`);
    const { grown, verdict } = memoryOf(bytes, profile);
    expect(verdict).toBe('C9');
    expect(grown).toBeLessThan(1 << 20);
  }
});

test('a content of 16 MiB is not copied', () => {
  const size = 1 << 24;
  const bytes = bytesOf(singlePart(head(2, size) + repeat('00', size)));
  const { grown, verdict } = memoryOf(bytes, 'draft08');
  expect(verdict).toBe('accepted');
  expect(grown).toBeLessThan(1 << 20);
  const { body } = decodeContent(bytes, { profile: 'draft08', maxBytes: 1 << 26 });
  expect(body.kind === 'single' && body.content.buffer).toBe(bytes.buffer);
});

// Writing.

const lone = 'a\u{d800}b';

function message(changed: Partial<MimiContent>): MimiContent {
  return {
    profile: 'draft08',
    salt: new Uint8Array(16),
    topicId: new Uint8Array(),
    lastSeen: [],
    extensions: noExtensions('draft08'),
    body: numberParts(part.nothing()),
    ...changed,
  };
}

const texts: readonly (readonly [name: string, make: () => MimiContent])[] = [
  ['a language', () => message({ body: numberParts(part.nothing({ language: lone })) })],
  ['a content type', () => message({ body: numberParts(part.single(lone, new Uint8Array())) })],
  ['a URL', () => message({ body: numberParts(part.external({ url: lone })) })],
  [
    'a description',
    () => message({ body: numberParts(part.external({ url: '', description: lone })) }),
  ],
  ['a file name', () => message({ body: numberParts(part.external({ url: '', filename: lone })) })],
  ['an extension key', () => message({ extensions: extensionsOf('draft08', [[lone, 0]]) })],
  ['an extension value', () => message({ extensions: extensionsOf('draft08', [[3, [lone]]]) })],
  [
    'a key in an extension value',
    () => message({ extensions: extensionsOf('draft08', [[3, new Map([[lone, 0]])]]) }),
  ],
];

test.each(texts)('half of a surrogate pair is not written: %s', (_, make) => {
  expect(verdictOf(() => encodeContent(make()))).toBe('C3');
});
