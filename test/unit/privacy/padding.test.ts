// Padding to size classes.

import { describe, expect, test } from 'vitest';
import {
  handshakeClass,
  messageClass,
  pad,
  padTo,
  sizeClass,
  unpad,
  unpadFrom,
} from '../../../ts/privacy/parts/padding.ts';
import { codeOf, flips, ruleOf } from './support/refusal.ts';

describe('size classes', () => {
  test('are the powers of two from 256 bytes to 16 MiB', () => {
    const classes = new Set<number>();
    for (let length = 0; length + 4 <= 16 << 20; length = length * 2 + 1) {
      classes.add(sizeClass(length));
    }
    const powers = Array.from({ length: 17 }, (_, index) => 256 << index);
    expect([...classes]).toEqual(powers);
  });

  test('hold the content and four bytes more', () => {
    expect(sizeClass(252)).toBe(256);
    expect(sizeClass(253)).toBe(512);
    expect(sizeClass((16 << 20) - 4)).toBe(16 << 20);
    expect(codeOf(() => sizeClass((16 << 20) - 3))).toBe('tooLarge');
  });
});

describe.each([
  ['handshakes', handshakeClass, 8 << 10],
  ['messages', messageClass, 1 << 10],
] as const)('the classes of %s', (_, classes, coarse) => {
  test('are powers of two as long as sizes would tell too much', () => {
    for (let length = 0; length + 4 <= coarse; length++) {
      expect(classes(length)).toBe(sizeClass(length));
    }
  });

  test('are eight to a power of two above, and cost an eighth at most', () => {
    const found = new Set<number>();
    for (let needed = 2 * coarse + 1; needed <= 4 * coarse; needed++) {
      const size = classes(needed - 4);
      expect(size).toBeGreaterThanOrEqual(needed);
      expect(size - needed).toBeLessThan(needed / 8);
      found.add(size);
    }
    const step = coarse / 4;
    expect([...found]).toEqual(
      Array.from({ length: 8 }, (_class, index) => 2 * coarse + (index + 1) * step),
    );
  });

  test('are met by padded content, in one form only', () => {
    const content = new Uint8Array(5 * coarse);
    const padded = pad(content, 0, classes);
    expect(padded.length).toBe(classes(content.length));
    expect(unpad(padded, 0, classes)).toEqual(content);
    expect(ruleOf(() => unpad(padded))).toBe('badPadding class');
    expect(ruleOf(() => unpad(pad(content), 0, classes))).toBe('badPadding class');
    expect(codeOf(() => classes(16 << 20))).toBe('tooLarge');
  });
});

describe('padded content', () => {
  test('comes back, whatever its length', () => {
    for (const length of [0, 1, 251, 252, 253, 508, 509, 70_000]) {
      const content = new Uint8Array(length).fill(0xa5);
      const padded = pad(content);
      expect(padded.length).toBe(sizeClass(length));
      expect(unpad(padded)).toEqual(content);
    }
  });

  test('comes back when its last bytes are zeros', () => {
    expect(unpad(pad(new Uint8Array(9)))).toEqual(new Uint8Array(9));
  });

  test('hides no bits: other classes, lengths and zeros are refused', () => {
    expect(ruleOf(() => unpad(padTo(new Uint8Array(9), 512)))).toBe('badPadding class');
    expect(ruleOf(() => unpad(padTo(new Uint8Array(9), 300)))).toBe('badPadding class');
    expect(ruleOf(() => unpad(new Uint8Array(3)))).toBe('badPadding size');
    const long = new Uint8Array(256).fill(0xff);
    expect(ruleOf(() => unpad(long))).toBe('badPadding length');
    const dirty = pad(Uint8Array.of(1, 2, 3));
    dirty[255] = 1;
    expect(ruleOf(() => unpad(dirty))).toBe('badPadding zeros');
  });

  test('with one bit changed is refused or is another content, never another error', () => {
    const padded = pad(Uint8Array.of(1, 2, 3));
    for (const { bytes } of flips(padded)) {
      let content: Uint8Array;
      try {
        content = unpad(bytes);
      } catch {
        expect(codeOf(() => unpad(bytes))).toBe('badPadding');
        continue;
      }
      expect(pad(content)).toEqual(bytes);
    }
  });

  test('of one fixed size is of that size only', () => {
    const padded = padTo(Uint8Array.of(1), 512);
    expect(unpadFrom(padded, 512)).toEqual(Uint8Array.of(1));
    expect(ruleOf(() => unpadFrom(padded, 256))).toBe('badPadding size');
    expect(codeOf(() => padTo(new Uint8Array(509), 512))).toBe('tooLarge');
  });

  test('with room for what is put around it is of one size, and with that of the same class', () => {
    const content = new Uint8Array(70_000);
    const padded = pad(content, 256);
    expect(padded.length).toBe(sizeClass(70_000) - 256);
    expect(pad(new Uint8Array(padded.length + 252)).length).toBe(sizeClass(70_000));
    expect(unpad(padded, 256)).toEqual(content);
    expect(ruleOf(() => unpad(padded))).toBe('badPadding class');
    expect(ruleOf(() => unpad(pad(content), 256))).toBe('badPadding class');
  });

  test('is found in a view of a larger buffer', () => {
    const buffer = new Uint8Array(300);
    buffer.set(pad(Uint8Array.of(5, 6)), 20);
    expect(unpad(buffer.subarray(20, 276))).toEqual(Uint8Array.of(5, 6));
  });
});
