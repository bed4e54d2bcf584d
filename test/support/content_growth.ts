// Messages that grow, and lengths that lie, for what must take time and memory in proportion to what was sent.

import type { Profile } from '../../ts/content/index.ts';
import { message04, message08 } from './content_cases.ts';

/** The shortest head of this major type. */
export function head(major: number, argument: number | bigint): string {
  const type = major << 5;
  if (argument < 24) return (type | Number(argument)).toString(16).padStart(2, '0');
  const size = argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
  const first = type | (24 + Math.log2(size));
  return first.toString(16).padStart(2, '0') + argument.toString(16).padStart(2 * size, '0');
}

export const repeat = (hex: string, count: number): string => hex.repeat(count);

const extension = (hex: string): string => message08({ extensions: `a120${hex}` });
/** A single part with this item as its content. */
export const singlePart = (hex: string): string => message08({ body: `850160016161${hex}` });
const contentType = (hex: string): string => message08({ body: `85016001${hex}40` });

/** Keys of 4 bytes that sort as they are counted. */
const manyKeys = (size: number): string =>
  Array.from({ length: size }, (_, key) => `${head(0, 0x0100_0000 + key)}00`).join('');
const manyNames = (size: number): string =>
  Array.from({ length: size }, (_, key) => {
    const name = key.toString(36).padStart(4, '0');
    return `64${Buffer.from(name).toString('hex')}40`;
  }).join('');

export interface Growing {
  readonly name: string;
  readonly profile?: Profile;
  readonly size: number;
  readonly hex: (size: number) => string;
}

/** Some accepted, some refused as late as can be. */
export const growing: readonly Growing[] = [
  {
    name: 'a long text',
    size: 1 << 20,
    hex: (size) => contentType(head(3, size) + repeat('61', size)),
  },
  {
    name: 'a long text that is not ASCII',
    size: 1 << 20,
    hex: (size) => contentType(head(3, 2 * size) + repeat('c3a9', size)),
  },
  {
    name: 'a long text that is no UTF-8 at its end',
    size: 1 << 20,
    hex: (size) => contentType(`${head(3, size)}${repeat('61', size - 1)}ff`),
  },
  {
    name: 'a long content',
    size: 1 << 22,
    hex: (size) => singlePart(head(2, size) + repeat('00', size)),
  },
  {
    name: 'chunks of a byte',
    size: 1 << 18,
    hex: (size) => singlePart(`5f${repeat('4100', size)}ff`),
  },
  {
    name: 'chunks without an end',
    size: 1 << 18,
    hex: (size) => singlePart(`5f${repeat('40', size)}`),
  },
  {
    name: 'many extensions',
    size: 1 << 16,
    hex: (size) => message08({ extensions: head(5, size) + manyKeys(size) }),
  },
  {
    name: 'many names',
    profile: 'draft04',
    size: 1 << 14,
    hex: (size) => message04({ extensions: head(5, size) + manyNames(size) }),
  },
  {
    name: 'many items in a value',
    size: 1 << 18,
    hex: (size) => extension(head(4, size) + repeat('00', size)),
  },
  {
    name: 'many arrays in a value',
    size: 1 << 18,
    hex: (size) => extension(head(4, size) + repeat('80', size)),
  },
  {
    name: 'many maps in a value',
    size: 1 << 17,
    hex: (size) => extension(head(4, size) + repeat('a10000', size)),
  },
  { name: 'arrays in arrays', size: 1 << 20, hex: (size) => extension(`${repeat('81', size)}00`) },
  { name: 'tags in tags', size: 1 << 20, hex: (size) => extension(`${repeat('c0', size)}00`) },
  { name: 'maps in maps', size: 1 << 19, hex: (size) => extension(`${repeat('a100', size)}00`) },
  {
    name: 'maps as keys of maps',
    size: 1 << 20,
    hex: (size) => extension(`${repeat('a1', size)}00`),
  },
  {
    name: 'parts in parts',
    size: 1 << 17,
    hex: (size) => message08({ body: repeat('850160030082', size) }),
  },
  {
    name: 'two long keys that differ at the end',
    size: 1 << 19,
    hex: (size) => {
      const key = head(2, size) + repeat('00', size - 1);
      return extension(`a2${key}0000${key}0100`);
    },
  },
  {
    name: 'a long key where none may be',
    size: 1 << 20,
    hex: (size) => message08({ extensions: `a1${head(3, size)}${repeat('61', size)}00` }),
  },
  {
    name: 'many ids last seen',
    profile: 'draft04',
    size: 1 << 14,
    hex: (size) => message04({ lastSeen: head(4, size) + repeat(`5820${repeat('00', 32)}`, size) }),
  },
  {
    name: 'many parts',
    size: 511,
    hex: (size) => message08({ body: `8501600300${head(4, size)}${repeat('83016000', size)}` }),
  },
  {
    name: 'a long big integer',
    size: 1 << 20,
    hex: (size) => extension(`c2${head(2, size)}${repeat('01', size)}`),
  },
  {
    name: 'bytes behind the end',
    size: 1 << 22,
    hex: (size) => message08({ after: repeat('00', size) }),
  },
];

/** Lengths that no input here has. */
export const claimed: readonly (number | bigint)[] = [
  0xffff,
  0xff_ffff,
  0x7fff_ffff,
  0xffff_ffff,
  0x1_0000_0000,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Where a length can be claimed: what stands before it. */
export const claims: readonly {
  readonly name: string;
  readonly profile: Profile;
  readonly major: number;
  readonly before: string;
}[] = [
  { name: 'the message', profile: 'draft08', major: 4, before: '' },
  { name: 'the salt', profile: 'draft08', major: 2, before: '87' },
  { name: 'a topic', profile: 'draft04', major: 2, before: '87f6' },
  { name: 'ids last seen', profile: 'draft04', major: 4, before: '87f64000f6' },
  { name: 'extensions', profile: 'draft04', major: 5, before: '87f64000f680' },
  { name: 'a name', profile: 'draft04', major: 3, before: '87f64000f680a1' },
  { name: 'a value', profile: 'draft04', major: 2, before: '87f64000f680a16161' },
  { name: 'a language', profile: 'draft04', major: 3, before: '87f64000f680a08401' },
  { name: 'a content', profile: 'draft04', major: 2, before: '87f64000f680a0860160000160' },
  { name: 'a chunk', profile: 'draft04', major: 2, before: '87f64000f680a08601600001605f' },
  { name: 'parts', profile: 'draft04', major: 4, before: '87f64000f680a0860160000300' },
  {
    name: 'an array in a value',
    profile: 'draft08',
    major: 4,
    before: `8750${repeat('00', 16)}f640f6f6a120`,
  },
  {
    name: 'a map in a value',
    profile: 'draft08',
    major: 5,
    before: `8750${repeat('00', 16)}f640f6f6a120`,
  },
];
