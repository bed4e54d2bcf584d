// Messages of the content format in hexadecimal digits, right but for what a case changes.

import type { ContentErrorCode, DecodeOptions, Profile } from '../../../ts/content/index.ts';

export interface ContentCase {
  /** What is wrong, or right, with it. */
  readonly name: string;
  readonly profile: Profile;
  readonly hex: string;
  /** The fault; none for a message that is accepted. */
  readonly code?: ContentErrorCode;
  readonly path?: string;
  readonly options?: Partial<DecodeOptions>;
}

export const zeros = (count: number): string => '00'.repeat(count);
export const id08 = `582001${zeros(31)}`;
export const id04 = `5820${zeros(32)}`;
/** [render, "", null part]. */
export const null08 = '83016000';
export const null04 = (index = '00'): string => `840160${index}00`;
export const single08 = '850160016040';
export const single04 = (index: string): string => `860160${index}016040`;

export type Items08 = Partial<
  Record<
    'salt' | 'replaces' | 'topicId' | 'expires' | 'inReplyTo' | 'extensions' | 'body' | 'after',
    string
  >
>;

/** A draft08 message of these items, the others empty. */
export function message08(items: Items08 = {}): string {
  const { salt = `50${zeros(16)}`, replaces = 'f6', topicId = '40', expires = 'f6' } = items;
  const { inReplyTo = 'f6', extensions = 'a0', body = null08, after = '' } = items;
  return `87${salt}${replaces}${topicId}${expires}${inReplyTo}${extensions}${body}${after}`;
}

export type Items04 = Partial<
  Record<
    'replaces' | 'topicId' | 'expires' | 'inReplyTo' | 'lastSeen' | 'extensions' | 'body' | 'after',
    string
  >
>;

export function message04(items: Items04 = {}): string {
  const { replaces = 'f6', topicId = '40', expires = '00', inReplyTo = 'f6' } = items;
  const { lastSeen = '80', extensions = 'a0', body = null04(), after = '' } = items;
  return `87${replaces}${topicId}${expires}${inReplyTo}${lastSeen}${extensions}${body}${after}`;
}

/** A draft08 message with one extension value, under a private key. */
export const value = (hex: string): string => message08({ extensions: `a120${hex}` });

/** [disposition, language, 3, semantics, [parts]]. */
export const multi08 = (parts: readonly string[], semantics = '00'): string =>
  `85016003${semantics}${head(parts.length)}${parts.join('')}`;

/** The head of an array. */
export function head(count: number): string {
  if (count < 24) return (0x80 + count).toString(16);
  const hex = count.toString(16);
  return count < 256 ? `98${hex.padStart(2, '0')}` : `99${hex.padStart(4, '0')}`;
}

export const external08 = (changed: Partial<Record<string, string>> = {}): string => {
  const fields = {
    contentType: '60',
    url: '60',
    expires: '00',
    size: '00',
    encAlg: '00',
    key: '40',
    nonce: '40',
    aad: '40',
    hashAlg: '00',
    contentHash: '40',
    description: '60',
    filename: '60',
    ...changed,
  };
  return `8f016002${Object.values(fields).join('')}`;
};

export const external04 = (url: string): string => `8f0160000260${url}000000404040004060`;

/** So many parts in a message: a root with chooseOne over the rest, in several levels where one is too wide. */
export const manyParts = (count: number): string =>
  multi08(Array.from({ length: count - 1 }, () => null08));
export const nested08 = (depth: number): string =>
  depth === 1 ? null08 : multi08([nested08(depth - 1), null08]);

export const year = 366 * 86_400;
export const now = 1_700_000_000_000;
export const uint32 = (number: number): string => `1a${number.toString(16).padStart(8, '0')}`;

export const c = (
  name: string,
  profile: Profile,
  hex: string,
  code?: ContentErrorCode,
  path?: string,
  options?: Partial<DecodeOptions>,
): ContentCase => ({
  name,
  profile,
  hex,
  ...(code && { code }),
  ...(path !== undefined && { path }),
  ...(options && { options }),
});

export const d8 = 'draft08';
export const d4 = 'draft04';
