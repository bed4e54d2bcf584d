// AEADs and SHA-256 in pieces, over the boundary; their algorithms are tested in rust-core/src/attachment.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { AttachmentCipher, aeadOpen, aeadSeal, ContentHash } from '../../../ts/mls/index.ts';
import { bytes, codeOf } from './devices.ts';

const secrets = { key: new Uint8Array(16), nonce: new Uint8Array(12), aad: bytes('aad') };

test('pieces make what the AEAD of a suite makes in one go', () => {
  using sealing = new AttachmentCipher(1, secrets);
  const sealed = [sealing.seal(bytes('in ')), sealing.seal(bytes('pieces')), sealing.tag()];
  const ciphertext = Uint8Array.from(sealed.flatMap((piece) => [...piece]));
  expect(aeadOpen(1, secrets, ciphertext)).toEqual(bytes('in pieces'));

  const whole = aeadSeal(1, secrets, bytes('in pieces'));
  using opening = new AttachmentCipher(1, secrets);
  expect(opening.open(whole.subarray(0, -16))).toEqual(bytes('in pieces'));
  opening.verify(whole.subarray(-16));
  expect(codeOf(() => opening.verify(whole.subarray(-15)))).toBe('undecryptable');
  expect(codeOf(() => opening.verify(new Uint8Array(16)))).toBe('undecryptable');
});

test('an algorithm, key or nonce that does not fit is an invalid argument', () => {
  const code = (algorithm: number, key: number, nonce: number) =>
    codeOf(() => {
      const parts = { key: new Uint8Array(key), nonce: new Uint8Array(nonce) };
      new AttachmentCipher(algorithm, parts)[Symbol.dispose]();
    });
  expect(code(2, 32, 12)).toBe('nothing thrown');
  for (const wrong of [3, 65_537, -1, 1.5]) expect(code(wrong, 16, 12)).toBe('invalidArgument');
  expect(code(1, 32, 12)).toBe('invalidArgument');
  expect(code(29, 32, 8)).toBe('invalidArgument');
  const texts = { ...secrets, key: 'a text of 16 let' as unknown as Uint8Array };
  expect(codeOf(() => new AttachmentCipher(1, texts))).toBe('invalidArgument');
});

test('the hash so far is SHA-256 of the pieces so far', () => {
  using hash = new ContentHash();
  for (const end of [0, 1, 2, 3]) {
    const expected = createHash('sha256').update('abc'.slice(0, end)).digest();
    expect(hash.soFar()).toEqual(new Uint8Array(expected));
    hash.update(bytes('abc'.slice(end, end + 1)));
  }
});

test('after dispose, which may come twice, every use is refused', () => {
  const cipher = new AttachmentCipher(1, secrets);
  const hash = new ContentHash();
  for (const handle of [cipher, hash, cipher, hash]) handle[Symbol.dispose]();
  expect(codeOf(() => cipher.seal(bytes('')))).toBe('disposed');
  expect(codeOf(() => cipher.tag())).toBe('disposed');
  expect(codeOf(() => hash.soFar())).toBe('disposed');
});
