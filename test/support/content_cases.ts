// Messages that break one rule each, put together from hexadecimal items; and the nearest ones that break none.

import type { ContentErrorCode, DecodeOptions, Profile } from '../../ts/content/index.ts';

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

const zeros = (count: number): string => '00'.repeat(count);
export const id08 = `582001${zeros(31)}`;
const id04 = `5820${zeros(32)}`;
/** [render, "", null part]. */
const null08 = '83016000';
const null04 = (index = '00'): string => `840160${index}00`;
const single08 = '850160016040';
const single04 = (index: string): string => `860160${index}016040`;

type Items08 = Partial<
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

type Items04 = Partial<
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
const value = (hex: string): string => message08({ extensions: `a120${hex}` });

/** [disposition, language, 3, semantics, [parts]]. */
const multi08 = (parts: readonly string[], semantics = '00'): string =>
  `85016003${semantics}${head(parts.length)}${parts.join('')}`;

/** The head of an array. */
function head(count: number): string {
  if (count < 24) return (0x80 + count).toString(16);
  const hex = count.toString(16);
  return count < 256 ? `98${hex.padStart(2, '0')}` : `99${hex.padStart(4, '0')}`;
}

const external08 = (changed: Partial<Record<string, string>> = {}): string => {
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

const external04 = (url: string): string => `8f0160000260${url}000000404040004060`;

/** So many parts in a message: a root with chooseOne over the rest, in several levels where one is too wide. */
const manyParts = (count: number): string =>
  multi08(Array.from({ length: count - 1 }, () => null08));
const nested08 = (depth: number): string =>
  depth === 1 ? null08 : multi08([nested08(depth - 1), null08]);

const year = 366 * 86_400;
const now = 1_700_000_000_000;
const uint32 = (number: number): string => `1a${number.toString(16).padStart(8, '0')}`;

const c = (
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

const d8 = 'draft08';
const d4 = 'draft04';

/** The cases of each rule, those that are accepted among them. */
export const contentCases: Readonly<Record<string, readonly ContentCase[]>> = {
  C1: [
    c('the smallest message', d8, message08()),
    c('the smallest message', d4, message04()),
    c('six items', d8, message08().replace(/^87/, '86').slice(0, -8), 'wrongLength', ''),
    c('eight items', d8, message08({ after: 'f6' }).replace(/^87/, '88'), 'wrongLength', ''),
    c('no array', d8, `a7${'f6'.repeat(14)}`, 'wrongType', ''),
    c('a byte more', d8, message08({ after: '00' }), 'trailingBytes', ''),
    c('a second message', d4, message04() + message04(), 'trailingBytes', ''),
    c('a salt of 15 bytes', d8, message08({ salt: `4f${zeros(15)}` }), 'wrongSize', '/0'),
    c('a salt of 17 bytes', d8, message08({ salt: `51${zeros(17)}` }), 'wrongSize', '/0'),
    c('a text as salt', d8, message08({ salt: `70${'61'.repeat(16)}` }), 'wrongType', '/0'),
    c('an id in replaces', d8, message08({ replaces: id08 })),
    c('an id of 31 bytes', d8, message08({ replaces: `581f01${zeros(30)}` }), 'wrongSize', '/1'),
    c('an id of 33 bytes', d8, message08({ replaces: `582101${zeros(32)}` }), 'wrongSize', '/1'),
    c('a number in replaces', d8, message08({ replaces: '00' }), 'wrongType', '/1'),
    c('false in replaces', d4, message04({ replaces: 'f4' }), 'wrongType', '/0'),
    c('a topic', d8, message08({ topicId: '43010203' })),
    c('null as topic', d8, message08({ topicId: 'f6' }), 'wrongType', '/2'),
    c('a relative expiry', d8, message08({ expires: '82f5183c' })),
    c('an expiry of one item', d8, message08({ expires: '81f5' }), 'wrongLength', '/3'),
    c('an expiry of three items', d8, message08({ expires: '83f50000' }), 'wrongLength', '/3'),
    c('a number for relative', d8, message08({ expires: '820100' }), 'wrongType', '/3/relative'),
    c('null for relative', d8, message08({ expires: '82f600' }), 'wrongType', '/3/relative'),
    c('a negative time', d8, message08({ expires: '82f520' }), 'wrongType', '/3/time'),
    c('a float as time', d8, message08({ expires: '82f5f93c00' }), 'wrongType', '/3/time'),
    c(
      'a time of 33 bits',
      d8,
      message08({ expires: '82f41b0000000100000000' }),
      'wrongSize',
      '/3/time',
    ),
    c('a plain number as expiry', d8, message08({ expires: '00' }), 'wrongType', '/3'),
    c('an array as expiry', d4, message04({ expires: '82f500' }), 'wrongType', '/2'),
    c('null as expiry', d4, message04({ expires: 'f6' }), 'wrongType', '/2'),
    c('an expiry of 33 bits', d4, message04({ expires: '1b0000000100000000' }), 'wrongSize', '/2'),
    c('an id to reply to', d8, message08({ inReplyTo: id08 })),
    c('a reply of draft04', d8, message08({ inReplyTo: `83${id04}01${id04}` }), 'wrongType', '/4'),
    c('a reply', d4, message04({ inReplyTo: `83${id04}01${id04}` })),
    c('a reply of draft08', d4, message04({ inReplyTo: id08 }), 'wrongType', '/3'),
    c('a reply of two items', d4, message04({ inReplyTo: `82${id04}01` }), 'wrongLength', '/3'),
    c(
      'a short id in a reply',
      d4,
      message04({ inReplyTo: `834001${id04}` }),
      'wrongSize',
      '/3/message',
    ),
    c('a text as hash', d4, message04({ inReplyTo: `83${id04}0160` }), 'wrongType', '/3/hash'),
    c('two ids last seen', d4, message04({ lastSeen: `82${id04}${id04}` })),
    c('a short id last seen', d4, message04({ lastSeen: `82${id04}40` }), 'wrongSize', '/4/1'),
    c('null last seen', d4, message04({ lastSeen: 'f6' }), 'wrongType', '/4'),
    c('an extension', d8, value('01')),
    c('an array as extensions', d8, message08({ extensions: '80' }), 'wrongType', '/5'),
    c('null as extensions', d8, message08({ extensions: 'f6' }), 'wrongType', '/5'),
    c('a number as sender', d8, message08({ extensions: 'a10100' }), 'wrongType', '/5/1'),
    c('bytes as room', d8, message08({ extensions: 'a10240' }), 'wrongType', '/5/2'),
    c('an extension', d4, message04({ extensions: 'a1616140' })),
    c('an integer key', d4, message04({ extensions: 'a10140' }), 'wrongType', '/5'),
    c('a text as value', d4, message04({ extensions: 'a1616160' }), 'wrongType', '/5/a'),
    c('a single part', d8, message08({ body: single08 })),
    c('null as body', d8, message08({ body: 'f6' }), 'wrongType', '/6'),
    c('a part of two items', d8, message08({ body: '820160' }), 'wrongLength', '/6'),
    c('a part of four items', d8, message08({ body: '8401600000' }), 'wrongLength', '/6'),
    c('a single part of three items', d8, message08({ body: '83016001' }), 'wrongLength', '/6'),
    c('a null part of five items', d8, message08({ body: '850160006040' }), 'wrongLength', '/6'),
    c('a part of draft04', d8, message08({ body: null04() }), 'wrongLength', '/6'),
    c('a part of draft08', d4, message04({ body: null08 }), 'wrongLength', '/6'),
    c('disposition 255', d8, message08({ body: '8318ff6000' })),
    c('disposition 256', d8, message08({ body: '831901006000' }), 'wrongSize', '/6/disposition'),
    c('a text as disposition', d8, message08({ body: '83606000' }), 'wrongType', '/6/disposition'),
    c('bytes as language', d8, message08({ body: '83014000' }), 'wrongType', '/6/language'),
    c(
      'null as language, with enough bytes behind it for a long text',
      d8,
      message08({ body: '8301f600', after: zeros(200) }),
      'wrongType',
      '/6/language',
    ),
    c(
      'an array as language, with enough bytes behind it for a long text',
      d4,
      message04({ body: '8401800000', after: zeros(200) }),
      'wrongType',
      '/6/language',
    ),
    c('a text as cardinality', d8, message08({ body: '83016060' }), 'wrongType', '/6/cardinality'),
    c(
      'bytes as content type',
      d8,
      message08({ body: '850160014040' }),
      'wrongType',
      '/6/contentType',
    ),
    c('a text as content', d8, message08({ body: '850160016060' }), 'wrongType', '/6/content'),
    c('an external part', d8, message08({ body: external08() })),
    c(
      'a tagged URL',
      d8,
      message08({ body: external08({ url: 'd82060' }) }),
      'wrongType',
      '/6/url',
    ),
    c('bytes as URL', d8, message08({ body: external08({ url: '40' }) }), 'wrongType', '/6/url'),
    c(
      'a time of 33 bits',
      d8,
      message08({ body: external08({ expires: '1b0000000100000000' }) }),
      'wrongSize',
      '/6/expires',
    ),
    c('a size of 64 bits', d8, message08({ body: external08({ size: '1bffffffffffffffff' }) })),
    c(
      'a negative size',
      d8,
      message08({ body: external08({ size: '20' }) }),
      'wrongType',
      '/6/size',
    ),
    c(
      'an AEAD of 17 bits',
      d8,
      message08({ body: external08({ encAlg: '1a00010000' }) }),
      'wrongSize',
      '/6/encAlg',
    ),
    c('a text as key', d8, message08({ body: external08({ key: '60' }) }), 'wrongType', '/6/key'),
    c(
      'a text as nonce',
      d8,
      message08({ body: external08({ nonce: '60' }) }),
      'wrongType',
      '/6/nonce',
    ),
    c('a text as data', d8, message08({ body: external08({ aad: '60' }) }), 'wrongType', '/6/aad'),
    c(
      'a hash of 9 bits',
      d8,
      message08({ body: external08({ hashAlg: '190100' }) }),
      'wrongSize',
      '/6/hashAlg',
    ),
    c(
      'null as hash',
      d8,
      message08({ body: external08({ contentHash: 'f6' }) }),
      'wrongType',
      '/6/contentHash',
    ),
    c(
      'bytes as description',
      d8,
      message08({ body: external08({ description: '40' }) }),
      'wrongType',
      '/6/description',
    ),
    c(
      'bytes as file name',
      d8,
      message08({ body: external08({ filename: '40' }) }),
      'wrongType',
      '/6/filename',
    ),
    c(
      'no file name',
      d8,
      message08({ body: external08().replace(/^8f/, '8e').slice(0, -2) }),
      'wrongLength',
      '/6',
    ),
    c('an external part', d4, message04({ body: external04('d82060') })),
    c('a plain URL', d4, message04({ body: external04('60') }), 'wrongType', '/6/url'),
    c('a URL of another tag', d4, message04({ body: external04('d82160') }), 'wrongType', '/6/url'),
    c('two parts', d8, message08({ body: multi08([null08, single08]) })),
    c('one part', d8, message08({ body: multi08([null08]) }), 'wrongLength', '/6/parts'),
    c('no part', d8, message08({ body: multi08([]) }), 'wrongLength', '/6/parts'),
    c('a map of parts', d8, message08({ body: '8501600300a0' }), 'wrongType', '/6/parts'),
    c(
      'a number among the parts',
      d8,
      message08({ body: '8501600300820083016000' }),
      'wrongType',
      '/6/0',
    ),
    c(
      'a text as semantics',
      d8,
      message08({ body: '850160036080' }),
      'wrongType',
      '/6/partSemantics',
    ),
    c(
      'a part index of 17 bits',
      d4,
      message04({ body: null04('1a00010000') }),
      'wrongSize',
      '/6/partIndex',
    ),
  ],
  C2: [
    c('the length of the array in two bytes', d8, `9807${message08().slice(2)}`, 'notShortest', ''),
    c(
      'the length of the array in nine bytes',
      d8,
      `9b0000000000000007${message08().slice(2)}`,
      'notShortest',
      '',
    ),
    c(
      'a salt with a longer length',
      d8,
      message08({ salt: `5810${zeros(16)}` }),
      'notShortest',
      '/0',
    ),
    c('a topic with a longer length', d8, message08({ topicId: '590001ff' }), 'notShortest', '/2'),
    c('a time in two bytes', d8, message08({ expires: '82f51817' }), 'notShortest', '/3/time'),
    c('a time in three bytes', d8, message08({ expires: '82f51900ff' }), 'notShortest', '/3/time'),
    c(
      'a time in five bytes',
      d8,
      message08({ expires: '82f51a0000ffff' }),
      'notShortest',
      '/3/time',
    ),
    c(
      'a time in nine bytes',
      d8,
      message08({ expires: '82f51b00000000ffffffff' }),
      'notShortest',
      '/3/time',
    ),
    c(
      'a language with a longer length',
      d8,
      message08({ body: '8301780000' }),
      'notShortest',
      '/6/language',
    ),
    c(
      'a content with a longer length',
      d8,
      message08({ body: '85016001605a0000000100' }),
      'notShortest',
      '/6/content',
    ),
    c('a long tag', d8, value('d81701'), 'notShortest', '/5/-1'),
    c('the shortest tag', d8, value('d701')),
    c('an array of indefinite length', d8, `9f${message08().slice(2)}ff`, 'indefiniteLength', ''),
    c(
      'extensions of indefinite length',
      d8,
      message08({ extensions: 'bfff' }),
      'indefiniteLength',
      '/5',
    ),
    c('a topic in chunks', d8, message08({ topicId: '5f41004101ff' }), 'indefiniteLength', '/2'),
    c(
      'a language in chunks',
      d8,
      message08({ body: '83017f6161ff00' }),
      'indefiniteLength',
      '/6/language',
    ),
    c(
      'a language in chunks that are not UTF-8 either',
      d8,
      message08({ body: '83017f61ffff00' }),
      'indefiniteLength',
      '/6/language',
    ),
    c('an array of indefinite length inside', d8, value('9f01ff'), 'indefiniteLength', '/5/-1'),
    c('a map of indefinite length inside', d8, value('bf0101ff'), 'indefiniteLength', '/5/-1'),
    c('keys in order', d8, message08({ extensions: 'a303002000616100' })),
    c('keys out of order', d8, message08({ extensions: 'a204000300' }), 'unsortedKeys', '/5'),
    c(
      'a text before an integer',
      d8,
      message08({ extensions: 'a26161000300' }),
      'unsortedKeys',
      '/5',
    ),
    c('the order of RFC 7049', d8, message08({ extensions: 'a22000186400' }), 'unsortedKeys', '/5'),
    c('the same integer twice', d8, message08({ extensions: 'a203000300' }), 'duplicateKey', '/5'),
    c('the same text twice', d8, message08({ extensions: 'a2616100616100' }), 'duplicateKey', '/5'),
    c(
      'the same negative integer twice',
      d8,
      message08({ extensions: 'a220002000' }),
      'duplicateKey',
      '/5',
    ),
    c('the same name twice', d4, message04({ extensions: 'a2616140616140' }), 'duplicateKey', '/5'),
    c('names out of order', d4, message04({ extensions: 'a2616240616140' }), 'unsortedKeys', '/5'),
    c(
      'a key out of order that may not be one either',
      d8,
      message08({ extensions: 'a2616100410000' }),
      'unsortedKeys',
      '/5',
    ),
    c('keys out of order inside', d8, value('a202000100'), 'unsortedKeys', '/5/-1'),
    c('the same bytes twice as keys', d8, value('a2410100410100'), 'duplicateKey', '/5/-1'),
    c(
      'a key with a longer length',
      d8,
      message08({ extensions: 'a178016100' }),
      'notShortest',
      '/5',
    ),
    c('a half as a float', d8, value('f93e00')),
    c('a single that fits a half', d8, value('fa3fc00000'), 'notShortest', '/5/-1'),
    c('a single that needs to be one', d8, value('fa47c35000')),
    c('a double that fits a single', d8, value('fb40f86a0000000000'), 'notShortest', '/5/-1'),
    c('a double that needs to be one', d8, value('fb3ff199999999999a')),
    c('infinity as a single', d8, value('fa7f800000'), 'notShortest', '/5/-1'),
    c('infinity as a half', d8, value('f97c00')),
    c('a subnormal single that fits a half', d8, value('fa33800000'), 'notShortest', '/5/-1'),
    c('NaN as a single', d8, value('fa7fc00000'), 'notShortest', '/5/-1'),
    c('NaN as a double', d8, value('fb7ff8000000000000'), 'notShortest', '/5/-1'),
    c('a big integer of nine bytes', d8, value(`c249${'01'}${zeros(8)}`)),
    c('a big integer that fits', d8, value('c24101'), 'bigIntFits', '/5/-1'),
    c('a big integer of 8 bytes', d8, value(`c248ff${zeros(7)}`), 'bigIntFits', '/5/-1'),
    c('an empty big integer', d8, value('c240'), 'bigIntFits', '/5/-1'),
    c(
      'a big integer with a zero before it',
      d8,
      value(`c24a0001${zeros(8)}`),
      'bigIntFits',
      '/5/-1',
    ),
    c('a negative big integer that fits', d8, value('c34101'), 'bigIntFits', '/5/-1'),
  ],
  C3: [
    c('a text of two bytes', d8, message08({ body: '830162c3a900' })),
    c('half of a character', d8, message08({ body: '830161c300' }), 'invalidUtf8', '/6/language'),
    c('a surrogate', d8, message08({ body: '830163eda08000' }), 'invalidUtf8', '/6/language'),
    c('an overlong form', d8, message08({ body: '830162c08000' }), 'invalidUtf8', '/6/language'),
    c('beyond Unicode', d8, message08({ body: '830164f490808000' }), 'invalidUtf8', '/6/language'),
    c(
      'a sender that is not UTF-8',
      d8,
      message08({ extensions: 'a10161ff' }),
      'invalidUtf8',
      '/5/1',
    ),
    c('a key that is not UTF-8', d8, message08({ extensions: 'a161ff00' }), 'invalidUtf8', '/5'),
    c('a value that is not UTF-8', d8, value('61ff'), 'invalidUtf8', '/5/-1'),
    c(
      'a text that is not UTF-8, where no text belongs',
      d8,
      message08({ salt: '61ff' }),
      'invalidUtf8',
      '/0',
    ),
    c('NaN', d8, value('f97e00')),
    c('NaN with a payload', d8, value('f97e01'), 'nanPayload', '/5/-1'),
    c('NaN with a sign', d8, value('f9fe00'), 'nanPayload', '/5/-1'),
    c('a signalling NaN', d8, value('f97c01'), 'nanPayload', '/5/-1'),
    c('NaN with a payload as a single', d8, value('fa7fc00001'), 'nanPayload', '/5/-1'),
    c('NaN with a payload as a double', d8, value('fb7ff8000000000001'), 'nanPayload', '/5/-1'),
    c('an array of doubles', d8, value(`d85648${'7ff8000000000001'}`)),
    c('a typed array that is none', d8, value('d85601'), 'tagContent', '/5/-1/0'),
    c('a big integer that holds a text', d8, value('c26161'), 'tagContent', '/5/-1/0'),
    c('the largest key', d8, message08({ extensions: 'a11b001fffffffffffff00' })),
    c(
      'a key of 2^53',
      d8,
      message08({ extensions: 'a11b002000000000000000' }),
      'keyNotAllowed',
      '/5',
    ),
    c('the smallest key', d8, message08({ extensions: 'a13b001ffffffffffffe00' })),
    c(
      'a key of −2^53',
      d8,
      message08({ extensions: 'a13b001fffffffffffff00' }),
      'keyNotAllowed',
      '/5',
    ),
    c('a key of 255 octets', d8, message08({ extensions: `a178ff${'61'.repeat(255)}00` })),
    c(
      'a key of 256 octets',
      d8,
      message08({ extensions: `a1790100${'61'.repeat(256)}00` }),
      'keyNotAllowed',
      '/5',
    ),
    c('an empty key', d8, message08({ extensions: 'a16000' }), 'keyNotAllowed', '/5'),
    c('an empty name', d4, message04({ extensions: 'a16040' }), 'keyNotAllowed', '/5'),
    c('bytes as key', d8, message08({ extensions: 'a1410000' }), 'keyNotAllowed', '/5'),
    c('bytes as key inside', d8, value('a1410000')),
    c('null as key', d8, message08({ extensions: 'a1f600' }), 'keyNotAllowed', '/5'),
    c('a float as key', d8, value('a1f93e0000'), 'keyNotAllowed', '/5/-1'),
    c('an array as key', d8, value('a18000'), 'keyNotAllowed', '/5/-1'),
    c('true as key', d8, value('a1f500'), 'keyNotAllowed', '/5/-1'),
    c('a tagged key', d8, value('a1d8206100'), 'keyNotAllowed', '/5/-1'),
    c('an empty text as key inside', d8, value('a16000')),
    c('null as value', d8, value('f6')),
    c('undefined', d8, value('f7'), 'simpleNotAllowed', '/5/-1'),
    c('an unassigned simple value', d8, value('e0'), 'simpleNotAllowed', '/5/-1'),
    c('an unassigned simple value in two bytes', d8, value('f8ff'), 'simpleNotAllowed', '/5/-1'),
    c(
      'undefined, where no simple value belongs',
      d8,
      message08({ topicId: 'f7' }),
      'simpleNotAllowed',
      '/2',
    ),
  ],
  C4: [
    c('four levels of parts', d8, message08({ body: nested08(4) })),
    c('five levels of parts', d8, message08({ body: nested08(5) }), 'tooDeep', '/6/0/0/0/0'),
    c('four levels in the extensions', d8, value('81818100')),
    c('five levels in the extensions', d8, value('81818180'), 'tooDeep', '/5/-1/0/0/0'),
    c('a tag on the fifth level', d8, value('818181c100'), 'tooDeep', '/5/-1/0/0/0'),
    c('a map on the fifth level', d8, value('a101a101a101a0'), 'tooDeep', '/5/-1/1/1/1'),
    c('a tag on the fourth level', d8, value('8181c100')),
    c('a million arrays', d8, value(`${'81'.repeat(1_000_000)}00`), 'tooDeep', '/5/-1/0/0/0', {
      maxBytes: 2_000_000,
    }),
  ],
  C5: [
    c('1,024 parts', d8, message08({ body: manyParts(1024) })),
    c('1,025 parts', d8, message08({ body: manyParts(1025) }), 'tooMany', '/6/1023'),
    c('a topic of 4,096 bytes', d8, message08({ topicId: `591000${zeros(4096)}` })),
    c(
      'a topic of 4,097 bytes',
      d8,
      message08({ topicId: `591001${zeros(4097)}` }),
      'tooLarge',
      '/2',
    ),
    c(
      'a topic of 4,097 bytes',
      d4,
      message04({ topicId: `591001${zeros(4097)}` }),
      'tooLarge',
      '/1',
    ),
    c('a value of 4,095 bytes', d4, message04({ extensions: `a16161590fff${zeros(4095)}` })),
    c(
      'a value of 4,096 bytes',
      d4,
      message04({ extensions: `a16161591000${zeros(4096)}` }),
      'tooLarge',
      '/5/a',
    ),
    c(
      '65,535 ids last seen',
      d4,
      message04({ lastSeen: `99ffff${id04.repeat(65_535)}` }),
      undefined,
      undefined,
      { maxBytes: 1 << 22 },
    ),
    c(
      '65,536 ids last seen',
      d4,
      message04({ lastSeen: `9a00010000${id04.repeat(65_536)}` }),
      'tooMany',
      '/4',
      { maxBytes: 1 << 22 },
    ),
    c('as large as allowed', d8, message08(), undefined, undefined, {
      maxBytes: message08().length / 2,
    }),
    c('larger than allowed', d8, message08(), 'tooLarge', '', {
      maxBytes: message08().length / 2 - 1,
    }),
  ],
  C6: [
    c(
      '366 days ahead',
      d8,
      message08({ expires: `82f4${uint32(now / 1000 + year)}` }),
      undefined,
      undefined,
      { now },
    ),
    c(
      'more than 366 days ahead',
      d8,
      message08({ expires: `82f4${uint32(now / 1000 + year + 1)}` }),
      'suspiciousExpiry',
      '/3/time',
      { now },
    ),
    c(
      '366 days ago',
      d8,
      message08({ expires: `82f4${uint32(now / 1000 - year)}` }),
      undefined,
      undefined,
      { now },
    ),
    c(
      'more than 366 days ago',
      d8,
      message08({ expires: `82f4${uint32(now / 1000 - year - 1)}` }),
      'suspiciousExpiry',
      '/3/time',
      { now },
    ),
    c('366 days after reading', d8, message08({ expires: `82f5${uint32(year)}` })),
    c(
      'more than 366 days after reading',
      d8,
      message08({ expires: `82f5${uint32(year + 1)}` }),
      'suspiciousExpiry',
      '/3/time',
    ),
    c(
      'more than 366 days ahead',
      d4,
      message04({ expires: uint32(now / 1000 + year + 1) }),
      'suspiciousExpiry',
      '/2',
      { now },
    ),
    c('never', d4, message04(), undefined, undefined, { now }),
    c('long ago, without a clock', d8, message08({ expires: '82f401' })),
    c('long ago, as a warning', d8, message08({ expires: '82f401' }), undefined, undefined, {
      now,
      expiry: 'warn',
    }),
  ],
  C7: [
    c('processAll', d8, message08({ body: multi08([null08, null08], '02') })),
    c(
      'part semantics 3',
      d8,
      message08({ body: multi08([null08, null08], '03') }),
      'unknownSemantics',
      '/6/partSemantics',
    ),
    c(
      'part semantics of 64 bits',
      d8,
      message08({ body: multi08([null08, null08], '1bffffffffffffffff') }),
      'unknownSemantics',
      '/6/partSemantics',
    ),
    c('cardinality 4', d8, message08({ body: '83016004' }), 'unknownCardinality', '/6/cardinality'),
    c(
      'cardinality 4',
      d4,
      message04({ body: '8401600004' }),
      'unknownCardinality',
      '/6/cardinality',
    ),
    c('an unknown disposition', d8, message08({ body: '8318636000' })),
    c('an unknown AEAD', d8, message08({ body: external08({ encAlg: '19ffff' }) })),
    c('an unknown content type', d8, message08({ body: '8501600163782f7940' })),
    c('a language that is none', d8, message08({ body: '83016321212100' })),
  ],
  C8: [
    c('an id of SHA-384', d8, message08({ replaces: `582007${zeros(31)}` }), 'unknownHash', '/1'),
    c('an id of no hash', d8, message08({ inReplyTo: `582000${zeros(31)}` }), 'unknownHash', '/4'),
    c('any id', d4, message04({ replaces: `5820${'ff'.repeat(32)}` })),
    c(
      'a reply without a hash',
      d4,
      message04({ inReplyTo: `83${id04}0040` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with an unknown hash',
      d4,
      message04({ inReplyTo: `83${id04}1863${id04}` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with a hash of 64 bits',
      d4,
      message04({ inReplyTo: `83${id04}1bffffffffffffffff${id04}` }),
      'unknownHash',
      '/3/hashAlg',
    ),
    c(
      'a reply with a short hash',
      d4,
      message04({ inReplyTo: `83${id04}0141ff` }),
      'hashLength',
      '/3/hash',
    ),
    c('a reply with SHA-512', d4, message04({ inReplyTo: `83${id04}085840${zeros(64)}` })),
  ],
  C9: [
    c('nothing', d8, '', 'truncated', ''),
    c('nothing but the head', d8, '87', 'truncated', ''),
    c('a reserved head', d8, message08({ salt: '1c' }), 'malformed', '/0'),
    c('another reserved head', d8, message08({ topicId: '5d' }), 'malformed', '/2'),
    c('a break', d8, message08({ replaces: 'ff' }), 'malformed', '/1'),
    c(
      'a break among the parts',
      d8,
      message08({ body: `850160030082${null08}ff` }),
      'malformed',
      '/6/1',
    ),
    c('an integer of indefinite length', d8, message08({ replaces: '1f' }), 'malformed', '/1'),
    c('a tag of indefinite length', d8, value('df00'), 'malformed', '/5/-1'),
    c('a simple value of 0 in two bytes', d8, value('f800'), 'malformed', '/5/-1'),
    c('a simple value of 31 in two bytes', d8, value('f81f'), 'malformed', '/5/-1'),
    c('a chunk of another type', d8, message08({ topicId: '5f6161ff' }), 'malformed', '/2'),
    c('a chunk in chunks', d8, message08({ topicId: '5f5f4100ffff' }), 'malformed', '/2'),
    c(
      'a chunk of another type behind one that is not UTF-8',
      d8,
      message08({ body: '83017f61ff4100ff00' }),
      'malformed',
      '/6/language',
    ),
    c(
      'a text whose length of two bytes is more than there is',
      d8,
      message08({ body: '830179ffff00', after: zeros(40) }),
      'truncated',
      '/6/language',
    ),
    c('chunks without an end', d8, `87${`50${zeros(16)}`}f65f4100`, 'truncated', '/2'),
    c('a length of 2^63', d8, message08({ topicId: '5b8000000000000000' }), 'truncated', '/2'),
    c(
      'a text of 2^63',
      d8,
      message08({ body: '83017b800000000000000000' }),
      'truncated',
      '/6/language',
    ),
    c(
      '2^63 parts',
      d8,
      message08({ body: '85016003009b8000000000000000' }),
      'truncated',
      '/6/parts',
    ),
    c('2^63 extensions', d8, message08({ extensions: 'bb8000000000000000' }), 'truncated', '/5'),
    c(
      '2^64 − 1 ids last seen',
      d4,
      message04({ lastSeen: '9bffffffffffffffff' }),
      'truncated',
      '/4',
    ),
    c(
      'a longer length than the input, not the shortest one either',
      d8,
      message08({ topicId: '5900ff' }),
      'truncated',
      '/2',
    ),
    c('a head that ends', d8, `87${`50${zeros(16)}`}f65a0000`, 'truncated', '/2'),
    c('a float that ends', d8, `87${`50${zeros(16)}`}f640f6f6a120fb3ff1`, 'truncated', '/5/-1'),
    c(
      'a key without a value',
      d8,
      message08({ extensions: 'a1', body: '', after: '03' }),
      'truncated',
      '/5',
    ),
  ],
  C10: [
    c(
      'indices depth first',
      d4,
      message04({ body: `86016000030082${single04('01')}${null04('02')}` }),
    ),
    c(
      'an index that begins with 1',
      d4,
      message04({ body: null04('01') }),
      'wrongPartIndex',
      '/6/partIndex',
    ),
    c(
      'an index twice',
      d4,
      message04({ body: `86016000030082${null04('01')}${null04('01')}` }),
      'wrongPartIndex',
      '/6/1/partIndex',
    ),
    c(
      'an index left out',
      d4,
      message04({ body: `86016000030082${null04('01')}${null04('03')}` }),
      'wrongPartIndex',
      '/6/1/partIndex',
    ),
    c('the sender it is of', d8, message08({ extensions: 'a1016161' }), undefined, undefined, {
      sender: 'a',
    }),
    c('another sender', d8, message08({ extensions: 'a1016161' }), 'wrongSender', '/5/1', {
      sender: 'b',
    }),
    c('no sender', d8, message08(), undefined, undefined, { sender: 'b', room: 'r' }),
    c('the room it is in', d8, message08({ extensions: 'a1026172' }), undefined, undefined, {
      room: 'r',
    }),
    c('another room', d8, message08({ extensions: 'a1026172' }), 'wrongRoom', '/5/2', {
      room: 'other',
    }),
  ],
};
