// The codec itself: RFC 8446, 3 and the vectors of RFC 9420, 2.1.2.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Reader, Writer } from '../../../ts/wire/index.ts';
import { hex, toHex, utf8Hex } from './support/bytes.ts';
import { refusal } from './support/refusal.ts';

const vectors = new URL('../../vectors/mls/', import.meta.url);
const lengths = JSON.parse(readFileSync(new URL('deserialization.json', vectors), 'utf8')) as {
  vlbytes_header: string;
  length: number;
}[];

describe('vector lengths', () => {
  it.each(lengths)('$vlbytes_header stands for $length', ({ vlbytes_header, length }) => {
    const header = hex(vlbytes_header);
    if (length === 0) {
      expect(new Reader(header).opaque('it')).toEqual(new Uint8Array(0));
      return;
    }
    const error = refusal(() => new Reader(header).opaque('it'));
    expect(error.code).toBe('truncated');
    expect(error.message).toContain(`claims ${length} bytes`);
  });

  it.each([
    ['4000', '2 bytes for 0'],
    ['403f', '2 bytes for 63'],
    ['80000000', '4 bytes for 0'],
    ['80003fff', '4 bytes for 16383'],
  ])('%s is refused: %s', (text) => {
    const bytes = new Uint8Array(20_000);
    bytes.set(hex(text));
    expect(refusal(() => new Reader(bytes).opaque('it')).code).toBe('nonMinimalLength');
  });

  it.each(['c0', 'c000000000000000', 'ff', 'ffffffffffffffff'])(
    '%s is refused: bits 11',
    (text) => {
      expect(refusal(() => new Reader(hex(text)).opaque('it')).code).toBe('invalidLength');
    },
  );

  it.each(['40', '80', '8000', '800000'])('%s is refused: the length itself is cut', (text) => {
    expect(refusal(() => new Reader(hex(text)).opaque('it')).code).toBe('truncated');
  });

  it('a claim of 2^30 - 1 bytes is refused before anything is allocated', () => {
    const error = refusal(() => new Reader(hex('bfffffff 00')).opaque('it'));
    expect(error.code).toBe('truncated');
    expect(error.details).toEqual({ offset: 0, path: '/it' });
  });

  it.each([0, 1, 63, 64, 255, 16_383, 16_384, 70_000])('%i bytes are written and read', (size) => {
    const content = new Uint8Array(size).fill(7);
    const writer = new Writer();
    writer.opaque(content, 'it');
    const bytes = writer.finish();
    const widths = size < 64 ? 1 : size < 16_384 ? 2 : 4;
    expect(bytes.length).toBe(size + widths);
    expect(new Reader(bytes).opaque('it')).toEqual(content);
  });

  it.each([
    [63, 1],
    [64, 2],
    [16_383, 2],
    [16_384, 4],
  ])('an open vector of %i bytes gets a length of %i bytes', (size, width) => {
    const writer = new Writer();
    const outer = writer.beginVector();
    writer.raw(new Uint8Array(size).fill(7));
    writer.endVector(outer, 'it');
    writer.u8(9, 'after');
    const reader = new Reader(writer.finish());
    expect(reader.opaque('it')).toEqual(new Uint8Array(size).fill(7));
    expect(reader.offset).toBe(size + width);
    expect(reader.u8('after')).toBe(9);
    expect(reader.exhausted).toBe(true);
  });

  it("the working group's table has each of the three widths", () => {
    expect(new Set(lengths.map((row) => row.vlbytes_header.length))).toEqual(new Set([2, 4, 8]));
  });
});

describe('numbers', () => {
  it('are big-endian', () => {
    const reader = new Reader(hex('01 0203 04050607 08090a0b0c0d0e0f'));
    expect(reader.u8('a')).toBe(0x01);
    expect(reader.u16('b')).toBe(0x0203);
    expect(reader.u32('c')).toBe(0x04050607);
    expect(reader.u64('d')).toBe(0x08090a0b0c0d0e0fn);
  });

  it('reach the top of their range', () => {
    const reader = new Reader(hex('ffffffff ffffffffffffffff 00000000ffffffff'));
    expect(reader.u32('a')).toBe(0xffffffff);
    expect(reader.u64('b')).toBe(0xffffffffffffffffn);
    expect(reader.u64('c')).toBe(0xffffffffn);
  });

  it.each<[string, (writer: Writer) => void]>([
    ['u8 256', (writer) => writer.u8(256, 'it')],
    ['u8 -1', (writer) => writer.u8(-1, 'it')],
    ['u16 65536', (writer) => writer.u16(65_536, 'it')],
    ['u16 1.5', (writer) => writer.u16(1.5, 'it')],
    ['u32 2^32', (writer) => writer.u32(2 ** 32, 'it')],
    ['u32 NaN', (writer) => writer.u32(Number.NaN, 'it')],
    ['u64 2^64', (writer) => writer.u64(1n << 64n, 'it')],
    ['u64 -1', (writer) => writer.u64(-1n, 'it')],
    ['u64 as a number', (writer) => writer.u64(5 as unknown as bigint, 'it')],
    ['opaque[2] of 3 bytes', (writer) => writer.fixed(new Uint8Array(3), 2, 'it')],
    ['half a surrogate pair', (writer) => writer.text('a\ud800', 'it')],
  ])('%s cannot be written', (_, write) => {
    const error = refusal(() => write(new Writer()));
    expect([error.code, error.kind]).toEqual(['unencodable', 'caller']);
    expect(error.message).toContain('it ');
  });
});

describe('text', () => {
  it.each(['', 'plain', 'späť', '\ufeffmark kept', '😀', '\u0000', 'x'.repeat(70)])(
    '%j is written and read as it is',
    (text) => {
      const writer = new Writer();
      writer.text(text, 'it');
      expect(new Reader(writer.finish()).text('it')).toBe(text);
    },
  );

  it('keeps a byte order mark on the wire', () => {
    const writer = new Writer();
    writer.text('\ufeffa', 'it');
    expect(toHex(writer.finish())).toBe(`04efbbbf${utf8Hex('a')}`);
  });

  it.each([
    ['02c328', 'a broken sequence'],
    ['0180', 'a stray continuation'],
    ['02c0af', 'an overlong form'],
    ['03eda080', 'a surrogate'],
    ['04f4908080', 'beyond U+10FFFF'],
    ['02c3', 'cut short, length and all'],
    ['01c3', 'a cut sequence'],
  ])('%s is refused: %s', (text) => {
    const code = text === '02c3' ? 'truncated' : 'invalidUtf8';
    const error = refusal(() => new Reader(hex(text)).text('it'));
    expect([error.code, error.kind, error.details.path]).toEqual([code, 'payload', '/it']);
  });
});

describe('an error', () => {
  it('names the path through structs and vectors, and the byte', () => {
    const reader = new Reader(hex('00 02 0102'));
    reader.u8('head');
    const error = refusal(() =>
      reader.struct('body', (body) => body.list('rows', (row) => row.presence('flag'))),
    );
    expect(error.code).toBe('invalidPresence');
    expect(error.details).toEqual({ offset: 3, path: '/body/rows/1/flag' });
    expect(error.message).toContain('at byte 3, /body/rows/1/flag');
  });

  it('names what stands after a vector without the vector', () => {
    const reader = new Reader(hex('02 0001 02'));
    reader.u16List('first');
    const error = refusal(() => reader.presence('tail'));
    expect(error.details).toEqual({ offset: 3, path: '/tail' });
  });

  it('shows an element that runs over the end of its vector, though bytes follow', () => {
    const error = refusal(() => new Reader(hex('02 02aa aaaa')).opaqueList('rows'));
    expect(error.code).toBe('truncated');
    expect(error.details).toEqual({ offset: 1, path: '/rows/item' });
  });

  it('shows half a number at the end of a list of numbers', () => {
    const error = refusal(() => new Reader(hex('03 000102 0000')).u16List('suites'));
    expect(error.code).toBe('truncated');
    expect(error.details).toEqual({ offset: 3, path: '/suites/item' });
  });
});

describe('one writer after another', () => {
  it('gives bytes that later writers do not touch', () => {
    const first = new Writer();
    first.u32(0x01020304, 'it');
    const bytes = first.finish();
    const second = new Writer();
    second.u32(0xffffffff, 'it');
    second.finish();
    expect(toHex(bytes)).toBe('01020304');
  });

  it('may be open at the same time', () => {
    const first = new Writer();
    first.u8(1, 'it');
    const second = new Writer();
    second.u8(2, 'it');
    expect(toHex(second.finish())).toBe('02');
    expect(toHex(first.finish())).toBe('01');
  });
});
