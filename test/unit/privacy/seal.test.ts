// Keys from keys, seals and MACs of the privacy modes, against Node's own cryptography where it has the same.

import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  child,
  equalInConstantTime,
  labelledMac,
  openSecret,
  openUnder,
  sealedLength,
  sealUnder,
} from '../../../ts/privacy/parts/seal.ts';
import { labelledHash } from '../../../ts/privacy/parts/structs.ts';
import { bytes } from './support/people.ts';
import { codeOf } from './support/refusal.ts';

const secret = new Uint8Array(32).fill(7);
const vector = (value: Uint8Array): number[] => [value.length, ...value];

describe('a child of a secret', () => {
  test('is HKDF-Expand over a struct of length, label and context', () => {
    const info = Uint8Array.from([
      0,
      32,
      ...vector(bytes('exedra test')),
      ...vector(bytes('here')),
    ]);
    // HKDF-Expand alone: the first block of RFC 5869, section 2.3.
    const expected = createHmac('sha256', secret).update(info).update(Uint8Array.of(1)).digest();
    expect(child(secret, 'test', bytes('here'))).toEqual(new Uint8Array(expected));
  });

  test('differs with label, context, length and secret', () => {
    const all = [
      child(secret, 'a'),
      child(secret, 'b'),
      child(secret, 'a', bytes('c')),
      child(secret, 'a', undefined, 16),
      child(secret, 'a', undefined, 48),
      child(new Uint8Array(32), 'a'),
    ].map((key) => Buffer.from(key.subarray(0, 16)).toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });

  test('is not made of a secret of another length than 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) {
      expect(codeOf(() => child(new Uint8Array(length), 'a'))).toBe('invalidArgument');
    }
  });
});

describe('a seal', () => {
  const seal = () => sealUnder(secret, 'test', bytes('here'), bytes('content'));

  test('is ChaCha20-Poly1305 over a labelled context, with a random nonce before it', () => {
    const sealed = seal();
    const nonce = sealed.subarray(0, 12);
    const length = sealed[12] as number;
    const body = sealed.subarray(13, 13 + length - 16);
    const aad = Uint8Array.from([...vector(bytes('exedra test')), ...vector(bytes('here'))]);
    const cipher = createDecipheriv('chacha20-poly1305', secret, nonce, { authTagLength: 16 });
    cipher.setAAD(aad, { plaintextLength: body.length });
    cipher.setAuthTag(sealed.subarray(13 + length - 16));
    const plain = Buffer.concat([cipher.update(body), cipher.final()]);
    expect(plain.toString()).toBe('content');
  });

  test('opens with its key, label and context only', () => {
    const sealed = seal();
    expect(openUnder(secret, 'test', bytes('here'), sealed)).toEqual(bytes('content'));
    expect(codeOf(() => openUnder(new Uint8Array(32), 'test', bytes('here'), sealed))).toBe(
      'undecryptable',
    );
    expect(codeOf(() => openUnder(secret, 'other', bytes('here'), sealed))).toBe('undecryptable');
    expect(codeOf(() => openUnder(secret, 'test', bytes('there'), sealed))).toBe('undecryptable');
  });

  test('of the same content is another one each time', () => {
    expect(seal()).not.toEqual(seal());
  });

  test('with something behind it, or shorter than a tag, is refused', () => {
    const sealed = seal();
    expect(
      codeOf(() => openUnder(secret, 'test', bytes('here'), Uint8Array.of(...sealed, 0))),
    ).toBe('malformed');
    const short = Uint8Array.of(...sealed.subarray(0, 12), 3, 1, 2, 3);
    expect(codeOf(() => openUnder(secret, 'test', bytes('here'), short))).toBe('undecryptable');
  });

  test('has the length that is announced for it', () => {
    for (const length of [48, 512, 16_367]) {
      const sealed = sealUnder(secret, 'test', bytes(''), new Uint8Array(length));
      expect(sealed.length).toBe(sealedLength(length));
    }
  });

  test('of a key must hold 32 bytes', () => {
    const sealed = sealUnder(secret, 'test', bytes(''), new Uint8Array(31));
    expect(codeOf(() => openSecret(secret, 'test', bytes(''), sealed))).toBe('malformed');
  });
});

test('a labelled hash and a labelled MAC cover label and fields', () => {
  const content = Uint8Array.from([...vector(bytes('exedra test')), ...vector(bytes('field'))]);
  const digest = labelledHash('test', (writer) => writer.opaque(bytes('field'), 'field'));
  expect(Buffer.from(digest)).toEqual(createHash('sha256').update(content).digest());
  const mac = labelledMac(secret, 'test', (writer) => writer.opaque(bytes('field'), 'field'));
  expect(Buffer.from(mac)).toEqual(createHmac('sha256', secret).update(content).digest());
});

test('the comparison of MACs finds a difference at any place, and in length', () => {
  const mac = Uint8Array.from({ length: 32 }, (_, index) => index);
  expect(equalInConstantTime(mac, mac.slice())).toBe(true);
  for (let at = 0; at < mac.length; at++) {
    const other = mac.slice();
    other[at] = (other[at] as number) ^ 0x80;
    expect(equalInConstantTime(mac, other)).toBe(false);
  }
  expect(equalInConstantTime(mac, mac.subarray(1))).toBe(false);
  expect(equalInConstantTime(mac, new Uint8Array())).toBe(false);
});
