// The examples of draft-ietf-mimi-content at -04 and -08 and of draft-mahy-mimi-message-status-01, as published: read and
// written byte for byte, made from scratch to the same bytes, and with the message ids that -08 gives them.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ContentError,
  contentMessageId,
  decodeContent,
  decodeDerivedValues,
  decodeStatusReport,
  encodeContent,
  encodeDerivedValues,
  encodeStatusReport,
  MessageStatus,
  namedRoom,
  namedSender,
  type Profile,
} from '../../ts/content/index.ts';
import { fromScratch } from './support/content_from_scratch.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const folderOf = (profile: Profile) => new URL(`content-${profile.slice(-2)}/`, import.meta.url);
const bytesOf = (url: URL): Uint8Array => new Uint8Array(readFileSync(url));

/** The generator of -04 lost the slashes between authority and path. */
const derivedUris = {
  draft04: {
    senderClientUri: 'mimi://example.com3b52249d-68f9-45ce-8bf5-c799f3cad7ec/0003',
    senderUri: 'mimi://example.comalice-smith',
    roomUri: 'mimi://example.comengineering_team',
  },
  draft08: {
    senderClientUri: 'mimi://example.com/d/3b52249d-68f9-45ce-8bf5-c799f3cad7ec/0003',
    senderUri: 'mimi://example.com/u/alice-smith',
    roomUri: 'mimi://example.com/r/engineering_team',
  },
};

function messagesOf(profile: Profile): [name: string, bytes: Uint8Array][] {
  return readdirSync(folderOf(profile))
    .filter((name) => name.endsWith('.cbor') && !/^(implied-original|report)\./.test(name))
    .map((name) => [name.replace('.cbor', ''), bytesOf(new URL(name, folderOf(profile)))]);
}

describe.each(['draft04', 'draft08'] as const)('%s', (profile) => {
  const messages = messagesOf(profile);

  test('there are fourteen messages', () => {
    expect(messages).toHaveLength(14);
  });

  test.each(messages)('%s is read and written byte for byte', (_, bytes) => {
    expect(hex(encodeContent(decodeContent(bytes, { profile })))).toBe(hex(bytes));
  });

  test.each(messages)('%s is made from scratch to the same bytes', (name, bytes) => {
    expect(hex(encodeContent(fromScratch(profile, name)))).toBe(hex(bytes));
  });

  test.each(messages)('%s, cut short anywhere, is refused', (_, bytes) => {
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeContent(bytes.subarray(0, end), { profile })).toThrow(ContentError);
    }
  });

  test('the derived values are read and written byte for byte', () => {
    const bytes = bytesOf(new URL('implied-original.cbor', folderOf(profile)));
    const values = decodeDerivedValues(bytes, profile);
    expect(values).toMatchObject({
      acceptedAt: 1_644_387_225_019,
      senderLeafIndex: 4,
      ...derivedUris[profile],
    });
    expect(hex(encodeDerivedValues(values, profile))).toBe(hex(bytes));
  });
});

describe('message ids of draft08', () => {
  const published = messagesOf('draft08').map(([name, bytes]) => {
    const edn = readFileSync(new URL(`${name}.edn`, folderOf('draft08')), 'utf8');
    const digits = /message ID = h'([^']+)'/.exec(edn)?.[1]?.replace(/[^0-9a-f]/g, '');
    return [name, bytes, digits] as const;
  });

  test.each(published)('%s has the id that the draft gives it', (_, bytes, digits) => {
    const { extensions } = decodeContent(bytes, { profile: 'draft08' });
    const sender = namedSender(extensions) ?? '';
    const room = namedRoom(extensions) ?? '';
    expect(hex(contentMessageId(bytes, { sender, room }))).toBe(digits);
  });

  test('the id in the derived values is stale: it is that of the original message before an edit of the draft', () => {
    const bytes = bytesOf(new URL('implied-original.cbor', folderOf('draft08')));
    const { messageId } = decodeDerivedValues(bytes, 'draft08');
    const [, , original] = published.find(([name]) => name === 'original') ?? [];
    expect(hex(messageId)).not.toBe(original);
  });
});

describe('reports', () => {
  test('the delivery report of draft04 is read and written byte for byte', () => {
    const bytes = bytesOf(new URL('report.cbor', folderOf('draft04')));
    const report = decodeStatusReport(bytes, 'draft04');
    expect(report.timestamp).toBe(1_644_284_703_227);
    const { read, unread, expired } = MessageStatus;
    expect(report.statuses.map(({ status }) => status)).toEqual([read, read, unread, expired]);
    expect(hex(encodeStatusReport(report))).toBe(hex(bytes));
  });

  test('the status report of draft-mahy-mimi-message-status-01 is read and written byte for byte', () => {
    const bytes = bytesOf(new URL('status-01/status.cbor', import.meta.url));
    const report = decodeStatusReport(bytes, 'draft08');
    expect(report.statuses).toHaveLength(4);
    expect(hex(encodeStatusReport(report))).toBe(hex(bytes));
  });

  test('a report that breaks a rule is refused', () => {
    const bytes = bytesOf(new URL('status-01/status.cbor', import.meta.url));
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeStatusReport(bytes.subarray(0, end), 'draft08')).toThrow(ContentError);
    }
    expect(() => decodeStatusReport(bytes, 'draft04')).toThrow(ContentError);
  });
});
