// The container of draft-ietf-mimi-content-08: salt, replaces, topicId, expires, inReplyTo, extensions, body.

import { ARRAY, type CborReader } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import { readExtensions } from './extensions.ts';
import { judgeExpiry, readOptionalId, writeOptionalId, writeTopic } from './fields.ts';
import { MAX_TOPIC_BYTES, MAX_U32, SALT_BYTES } from './limits.ts';
import type { Expiration, MessageId, MimiContent } from './model.ts';
import type { DecodeOptions } from './options.ts';
import { readBody, writeBody } from './part.ts';

const ITEMS = 7;

export function readDraft08(reader: CborReader, options: DecodeOptions): MimiContent {
  reader.fixedArray(ITEMS, '');
  const salt = reader.fixedBytes(SALT_BYTES, 0);
  const replaces = readOptionalId(reader, 'draft08', 1);
  const topicId = reader.byteString(2, MAX_TOPIC_BYTES);
  const expires = readExpiration(reader, options);
  const inReplyTo = readOptionalId(reader, 'draft08', 4);
  const extensions = readExtensions(reader, 'draft08', options);
  const body = readBody(reader, 'draft08');
  return {
    profile: 'draft08',
    salt,
    replaces,
    topicId,
    expires,
    inReplyTo: inReplyTo === undefined ? undefined : { messageId: inReplyTo },
    lastSeen: none,
    extensions,
    body,
  };
}

const none: readonly MessageId[] = [];

function readExpiration(reader: CborReader, options: DecodeOptions): Expiration | undefined {
  if (reader.skipNull()) return undefined;
  reader.fixedArray(2, 3);
  reader.trail.push(3);
  const relative = reader.boolean('relative');
  const timeAt = reader.at;
  const seconds = reader.uint(MAX_U32, 'time');
  const expiration = { relative, seconds };
  judgeExpiry(reader, options, timeAt, 'time', expiration);
  reader.trail.pop();
  return expiration;
}

export function writeDraft08(writer: CborWriter, content: MimiContent): void {
  const { salt, replaces, topicId, expires, inReplyTo, lastSeen, extensions, body } = content;
  writer.head(ARRAY, ITEMS);
  writer.byteString(salt, 0, SALT_BYTES);
  writeOptionalId(writer, replaces, 'draft08', 1);
  writeTopic(writer, topicId, 2);
  if (expires === undefined) writer.null();
  else {
    writer.head(ARRAY, 2);
    writer.boolean(expires.relative);
    writer.uint(expires.seconds, MAX_U32, 3);
  }
  if (lastSeen.length > 0 || inReplyTo?.hash || inReplyTo?.hashAlg) {
    throw writer.refusal('C1', 4, 'is not in draft08');
  }
  writeOptionalId(writer, inReplyTo?.messageId, 'draft08', 4);
  writer.raw(extensions.bytes);
  writeBody(writer, body, 'draft08');
}
