// draft04 rooms with foreign senders (docs/content.md, rule C2 relaxed): the form of the bytes is forgiven, nothing else.

import { describe, expect, test } from 'vitest';
import { ContentError, decodeRelaxed, encodeContent } from '../../ts/content/index.ts';
import { bytesOf, type Node } from '../fuzz/support/cbor_node.ts';
import { someMessage } from '../fuzz/support/content_grammar.ts';
import { streamOf } from '../fuzz/support/stream.ts';
import { contentCases, message04 } from '../support/content_cases.ts';
import type { Seeded } from '../support/seed.ts';

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const forgiven = [
  ['a longer head', { topicId: '5900020102' }, { topicId: '420102' }],
  ['a longer number', { expires: '1b0000000000000017' }, { expires: '17' }],
  ['a topic in chunks', { topicId: '5f41014102ff' }, { topicId: '420102' }],
  ['a language in chunks', { body: '84017f6165616eff0000' }, { body: '840162656e0000' }],
  ['extensions of indefinite length', { extensions: 'bf616140ff' }, { extensions: 'a1616140' }],
  ['names out of order', { extensions: 'a2616240616140' }, { extensions: 'a2616140616240' }],
  ['an array of indefinite length', { lastSeen: '9fff' }, { lastSeen: '80' }],
  [
    'a longer tag',
    { body: '8f0160000260da0000002060000000404040004060' },
    { body: '8f0160000260d82060000000404040004060' },
  ],
] as const;

test.each(forgiven)('%s is read as its deterministic form', (_, given, deterministic) => {
  const content = decodeRelaxed(fromHex(message04(given)));
  expect(toHex(encodeContent(content))).toBe(message04(deterministic));
});

/** The same message with longer heads, indefinite lengths and its maps the other way round. */
function loosened(random: Seeded, node: Node): Node {
  const items = node.items.map((item) => loosened(random, item));
  const pairs = Array.from({ length: items.length >> 1 }, (_, at) =>
    items.slice(2 * at, 2 * at + 2),
  );
  return {
    ...node,
    items: node.major === 5 ? pairs.reverse().flat() : items,
    width: random.pick([1, 2, 4, 8]),
    indefinite: node.major > 1 && node.major < 6 && random.oneIn(3),
  };
}

test('any message is read as what it was before it was loosened', () => {
  for (let index = 0; index < 2_000; index += 1) {
    const random = streamOf(4, index);
    const message = someMessage(random, { profile: 'draft04' });
    const content = decodeRelaxed(bytesOf(loosened(random, message)));
    expect(toHex(encodeContent(content))).toBe(toHex(bytesOf(message)));
  }
});

describe('what is wrong otherwise is refused by the same rule', () => {
  const others = Object.values(contentCases)
    .flat()
    .filter(({ profile, code }) => profile === 'draft04' && code !== undefined)
    .filter(({ code }) => code !== 'unsortedKeys');

  test.each(others)('$name', ({ hex, code, options }) => {
    const read = () => decodeRelaxed(fromHex(hex), options);
    expect(read).toThrow(ContentError);
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});
