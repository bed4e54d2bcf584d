// The container of draft-ietf-mimi-content-04: replaces, topicId, expires, inReplyTo, lastSeen, extensions, body.

import type { CborReader } from './cbor/reader.ts';
import { type CborWriter, unencodable } from './cbor/writer.ts';
import { type KnownUris, readExtensions } from './extensions.ts';
import { type ExpiryJudge, judgeExpiry, readOptionalId, readTopic } from './fields.ts';
import { ID_BYTES, MAX_LAST_SEEN } from './limits.ts';
import type { Expiration, MessageId, MimiContent, ReplyReference } from './model.ts';
import { namedHashBytes } from './named_hash.ts';
import { readBody, writeBody } from './part.ts';

const ITEMS = 7;
const REPLY_ITEMS = 3;
const MAX_U32 = 0xffff_ffff;

export function readDraft04(reader: CborReader, known: KnownUris, judge: ExpiryJudge): MimiContent {
  const start = reader.at;
  const count = reader.fixedArray(ITEMS, '');
  const replaces = readOptionalId(reader, 0);
  const topicId = readTopic(reader, 1);
  const expires = readExpiry(reader, judge);
  const inReplyTo = readReply(reader);
  const lastSeen = readLastSeen(reader);
  const extensions = readExtensions(reader, 'draft04', known);
  const body = readBody(reader, 'draft04');
  reader.endFixedArray(count, start, ITEMS, '');
  return { profile: 'draft04', replaces, topicId, expires, inReplyTo, lastSeen, extensions, body };
}

function readExpiry(reader: CborReader, judge: ExpiryJudge): Expiration | undefined {
  const start = reader.at;
  const seconds = reader.uint(MAX_U32, 2);
  if (seconds === 0) return undefined;
  const expiration = { relative: false, seconds };
  judgeExpiry(reader, judge, start, 2, expiration);
  return expiration;
}

function readReply(reader: CborReader): ReplyReference | undefined {
  if (reader.skipNull()) return undefined;
  const start = reader.at;
  const count = reader.fixedArray(REPLY_ITEMS, 3);
  reader.trail.push(3);
  const messageId = reader.fixedBytes(ID_BYTES, 'message');
  const algorithmAt = reader.at;
  const hashAlg = Number(reader.uint64('hashAlg'));
  const length = namedHashBytes(hashAlg);
  if (length === undefined) {
    throw reader.fault(
      'unknownHash',
      algorithmAt,
      'hashAlg',
      'a Named Information hash, such as 1',
    );
  }
  const hashAt = reader.at;
  const hash = reader.byteString('hash');
  if (hash.length !== length) {
    throw reader.fault('hashLength', hashAt, 'hash', `${length} bytes`);
  }
  reader.trail.pop();
  reader.endFixedArray(count, start, REPLY_ITEMS, 3);
  return { messageId, hashAlg, hash };
}

function readLastSeen(reader: CborReader): MessageId[] {
  const start = reader.at;
  const count = reader.array(4, 'an array of message ids');
  if (count > MAX_LAST_SEEN)
    throw reader.fault('tooMany', start, 4, `at most ${MAX_LAST_SEEN} ids`);
  const ids: MessageId[] = [];
  if (count === 0) return ids;
  reader.trail.push(4);
  while (reader.more(count, ids.length)) {
    if (ids.length === MAX_LAST_SEEN) {
      throw reader.fault('tooMany', start, '', `at most ${MAX_LAST_SEEN} ids`);
    }
    ids.push(reader.fixedBytes(ID_BYTES, ids.length));
  }
  reader.endContainer(count);
  reader.trail.pop();
  return ids;
}

export function writeDraft04(writer: CborWriter, content: MimiContent): void {
  const { replaces, topicId, expires, inReplyTo, lastSeen, extensions, body } = content;
  writer.array(ITEMS);
  if (replaces === undefined) writer.null();
  else writer.fixedBytes(replaces, ID_BYTES, '/0');
  writer.byteString(topicId, '/1');
  writer.uint(expires?.seconds ?? 0, MAX_U32, '/2');
  if (inReplyTo === undefined) writer.null();
  else writeReply(writer, inReplyTo);
  if (lastSeen.length > MAX_LAST_SEEN) {
    throw unencodable('/4', 'C5', `has more than ${MAX_LAST_SEEN} ids`);
  }
  writer.array(lastSeen.length);
  for (const [index, id] of lastSeen.entries()) writer.fixedBytes(id, ID_BYTES, `/4/${index}`);
  writer.raw(extensions.encode('draft04'));
  writeBody(writer, body, 'draft04');
}

function writeReply(writer: CborWriter, { messageId, hashAlg = 0, hash }: ReplyReference): void {
  const length = namedHashBytes(hashAlg);
  if (length === undefined) {
    throw unencodable('/3/hashAlg', 'C8', 'must be a Named Information hash, such as 1');
  }
  if (hash?.length !== length) throw unencodable('/3/hash', 'C8', `must have ${length} bytes`);
  writer.array(REPLY_ITEMS);
  writer.fixedBytes(messageId, ID_BYTES, '/3/message');
  writer.uint(hashAlg, MAX_U32, '/3/hashAlg');
  writer.byteString(hash, '/3/hash');
}
