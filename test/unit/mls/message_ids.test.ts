// Message ids in batches: the path that is chosen, and the lanes in WASM by themselves, against the host's SHA-256.

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type CipherSuite, messageIdDraft04, messageIdsDraft04 } from '../../../ts/mls/index.ts';
import { core } from '../../../ts/mls/instance.ts';
import { bytes, codeOf, hex, suites } from './devices.ts';

type HashAll = (suite: CipherSuite, buffer: Uint8Array, offsets: Uint32Array) => Uint8Array;

const lanes: HashAll = (suite, buffer, offsets) =>
  core((glue) => glue.messageIdsDraft04(suite, buffer, offsets));
const ways = { 'chosen path': messageIdsDraft04, lanes };

const sha256 = (message: Uint8Array): string => createHash('sha256').update(message).digest('hex');

function idsOf(hashAll: HashAll, suite: CipherSuite, messages: readonly Uint8Array[]): string[] {
  const offsets = new Uint32Array(messages.length + 1);
  for (const [index, { length }] of messages.entries()) {
    offsets[index + 1] = (offsets[index] ?? 0) + length;
  }
  const ids = hex(hashAll(suite, Buffer.concat(messages), offsets));
  return ids.match(/.{64}/g) ?? [];
}

const messagesOf = (lengths: readonly number[]): Uint8Array[] =>
  lengths.map((length) => randomBytes(length));

/** Around the ends of blocks and of what goes to the host. */
const edges = [0, 1, 55, 56, 63, 64, 119, 120, 767, 768, 2000];

describe.each(Object.entries(ways))('%s', (_name, hashAll) => {
  test('every length from 0 to 5,000 has the hash of the host', () => {
    for (let from = 0; from <= 5000; from += 200) {
      const messages = messagesOf(Array.from({ length: 201 }, (_, index) => from + index));
      expect(idsOf(hashAll, 1, messages)).toEqual(messages.map(sha256));
    }
  });

  test.each(suites)('batches of 1 to 9 messages of all lengths, suite %i', (suite) => {
    for (let count = 1; count <= 9; count += 1) {
      for (const first of edges) {
        for (const other of edges) {
          const lengths = Array.from({ length: count }, (_, index) =>
            index === 0 ? first : other,
          );
          const messages = messagesOf(lengths);
          expect(idsOf(hashAll, suite, messages)).toEqual(messages.map(sha256));
        }
      }
    }
  });

  test('long and short messages in turn keep their order', () => {
    const lengths = Array.from({ length: 60 }, (_, index) => edges[(index * 7) % 11] ?? 0);
    const messages = messagesOf(lengths);
    expect(idsOf(hashAll, 1, messages)).toEqual(messages.map(sha256));
  });

  test('no messages have no ids, and bytes outside the offsets count for nothing', () => {
    expect(hashAll(1, bytes(''), new Uint32Array())).toEqual(new Uint8Array());
    expect(hashAll(1, bytes('unused'), Uint32Array.of(3))).toEqual(new Uint8Array());
    expect(hex(hashAll(1, bytes('-four-'), Uint32Array.of(1, 5)))).toBe(sha256(bytes('four')));
  });
});

test('offsets that fall or point beyond the buffer are refused', () => {
  for (const offsets of [
    [0, 5],
    [3, 2],
    [4, 4, 5],
  ]) {
    expect(codeOf(() => messageIdsDraft04(1, bytes('four'), Uint32Array.from(offsets)))).toBe(
      'invalidArgument',
    );
  }
});

test('a suite that the core does not have, and a missing message, are refused', () => {
  const none = 7 as CipherSuite;
  expect(codeOf(() => messageIdsDraft04(none, bytes('four'), Uint32Array.of(0, 4)))).toBe(
    'wrongSuite',
  );
  const wrong = undefined as unknown as Uint8Array;
  expect(codeOf(() => messageIdDraft04(1, wrong))).toBe('invalidArgument');
  expect(codeOf(() => messageIdsDraft04(1, wrong, Uint32Array.of(0, 2)))).toBe('invalidArgument');
});
