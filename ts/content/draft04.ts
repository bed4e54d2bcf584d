// The container of draft-ietf-mimi-content-04: replaces, topicId, expires, inReplyTo, lastSeen, extensions, body.

import { ARRAY, type CborReader } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import { readExtensions } from './extensions.ts';
import { judgeExpiry, readOptionalId, writeOptionalId, writeTopic } from './fields.ts';
import { ID_BYTES, MAX_LAST_SEEN, MAX_TOPIC_BYTES, MAX_U32 } from './limits.ts';
import type { Expiration, MessageId, MimiContent, ReplyReference } from './model.ts';
import { namedHashBytes } from './named_hash.ts';
import type { DecodeOptions } from './options.ts';
import { readBody, writeBody } from './part.ts';

const ITEMS = 7;
const REPLY_ITEMS = 3;

export function readDraft04(reader: CborReader, options: DecodeOptions): MimiContent {
  reader.fixedArray(ITEMS, '');
  const replaces = readOptionalId(reader, 'draft04', 0);
  const topicId = reader.byteString(1, MAX_TOPIC_BYTES);
  const expires = readExpiry(reader, options);
  const inReplyTo = readReply(reader);
  const lastSeen = readLastSeen(reader);
  const extensions = readExtensions(reader, 'draft04', options);
  const body = readBody(reader, 'draft04');
  return { profile: 'draft04', replaces, topicId, expires, inReplyTo, lastSeen, extensions, body };
}

function readExpiry(reader: CborReader, options: DecodeOptions): Expiration | undefined {
  const start = reader.at;
  const seconds = reader.uint(MAX_U32, 2);
  if (seconds === 0) return undefined;
  const expiration = { relative: false, seconds };
  judgeExpiry(reader, options, start, 2, expiration);
  return expiration;
}

function readReply(reader: CborReader): ReplyReference | undefined {
  if (reader.skipNull()) return undefined;
  reader.fixedArray(REPLY_ITEMS, 3);
  reader.trail.push(3);
  const messageId = reader.fixedBytes(ID_BYTES, 'message');
  const algorithmAt = reader.at;
  const hashAlg = Number(reader.uint64('hashAlg'));
  const length = namedHashBytes(hashAlg);
  if (length === undefined) {
    throw reader.fault('unknownHash', algorithmAt, 'hashAlg', 'a known hash');
  }
  const hashAt = reader.at;
  const hash = reader.byteString('hash');
  if (hash.length !== length) {
    throw reader.fault('hashLength', hashAt, 'hash', `${length} bytes`);
  }
  reader.trail.pop();
  return { messageId, hashAlg, hash };
}

function readLastSeen(reader: CborReader): MessageId[] {
  const start = reader.at;
  const count = reader.count(ARRAY, 4);
  if (count > MAX_LAST_SEEN)
    throw reader.fault('tooMany', start, 4, `at most ${MAX_LAST_SEEN} ids`);
  reader.trail.push(4);
  const ids: MessageId[] = [];
  while (ids.length < count) ids.push(reader.fixedBytes(ID_BYTES, ids.length));
  reader.trail.pop();
  return ids;
}

export function writeDraft04(writer: CborWriter, content: MimiContent): void {
  const { salt, replaces, topicId, expires, inReplyTo, lastSeen, extensions, body } = content;
  if (salt !== undefined) throw writer.refusal('C1', '', 'is not in draft04');
  writer.head(ARRAY, ITEMS);
  writeOptionalId(writer, replaces, 'draft04', 0);
  writeTopic(writer, topicId, 1);
  if (expires?.relative || expires?.seconds === 0) {
    throw writer.refusal('C1', 2, 'is not in draft04');
  }
  writer.uint(expires?.seconds ?? 0, MAX_U32, 2);
  if (inReplyTo === undefined) writer.null();
  else writeReply(writer, inReplyTo);
  if (lastSeen.length > MAX_LAST_SEEN) {
    throw writer.refusal('C5', 4, `has more than ${MAX_LAST_SEEN} ids`);
  }
  writer.head(ARRAY, lastSeen.length);
  for (const id of lastSeen) writer.byteString(id, 4, ID_BYTES);
  writer.raw(extensions.bytes);
  writeBody(writer, body, 'draft04');
}

function writeReply(writer: CborWriter, { messageId, hashAlg = 0, hash }: ReplyReference): void {
  const length = namedHashBytes(hashAlg);
  if (length === undefined || hash?.length !== length) {
    throw writer.refusal('C8', 3, 'needs a known hash');
  }
  writer.head(ARRAY, REPLY_ITEMS);
  writer.byteString(messageId, 3, ID_BYTES);
  writer.uint(hashAlg, MAX_U32, 3);
  writer.byteString(hash, 3);
}
