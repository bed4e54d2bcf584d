// The container of draft-ietf-mimi-content-08: salt, replaces, topicId, expires, inReplyTo, extensions, body.

import type { CborReader } from './cbor/reader.ts';
import { type CborWriter, unencodable } from './cbor/writer.ts';
import { type KnownUris, readExtensions } from './extensions.ts';
import { type ExpiryJudge, judgeExpiry, readOptionalId, readTopic } from './fields.ts';
import { ID_BYTES, SALT_BYTES } from './limits.ts';
import type { Expiration, MessageId, MimiContent } from './model.ts';
import { readBody, writeBody } from './part.ts';

const ITEMS = 7;
const MAX_U32 = 0xffff_ffff;
/** SHA-256 in the IANA Named Information registry: the first byte of every id. */
export const SHA_256 = 1;

export function readDraft08(reader: CborReader, known: KnownUris, judge: ExpiryJudge): MimiContent {
  const start = reader.at;
  const count = reader.fixedArray(ITEMS, '');
  const salt = reader.fixedBytes(SALT_BYTES, 0);
  const replaces = readId(reader, 1);
  const topicId = readTopic(reader, 2);
  const expires = readExpiration(reader, judge);
  const inReplyTo = readId(reader, 4);
  const extensions = readExtensions(reader, 'draft08', known);
  const body = readBody(reader, 'draft08');
  reader.endFixedArray(count, start, ITEMS, '');
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

/** Null or an id that names its hash algorithm (rule C8). */
function readId(reader: CborReader, name: number): MessageId | undefined {
  const start = reader.at;
  const id = readOptionalId(reader, name);
  if (id === undefined || id[0] === SHA_256) return id;
  throw reader.fault('unknownHash', start, name, '01, SHA-256, as the first byte');
}

function readExpiration(reader: CborReader, judge: ExpiryJudge): Expiration | undefined {
  if (reader.skipNull()) return undefined;
  const start = reader.at;
  const count = reader.fixedArray(2, 3);
  reader.trail.push(3);
  const relative = reader.boolean('relative');
  const timeAt = reader.at;
  const seconds = reader.uint(MAX_U32, 'time');
  const expiration = { relative, seconds };
  judgeExpiry(reader, judge, timeAt, 'time', expiration);
  reader.trail.pop();
  reader.endFixedArray(count, start, 2, 3);
  return expiration;
}

export function writeDraft08(writer: CborWriter, content: MimiContent): void {
  const { salt, replaces, topicId, expires, inReplyTo, extensions, body } = content;
  writer.array(ITEMS);
  writer.fixedBytes(salt, SALT_BYTES, '/0');
  writeId(writer, replaces, '/1');
  writer.byteString(topicId, '/2');
  if (expires === undefined) writer.null();
  else {
    writer.array(2);
    writer.boolean(expires.relative);
    writer.uint(expires.seconds, MAX_U32, '/3/time');
  }
  if (inReplyTo?.hash !== undefined || inReplyTo?.hashAlg !== undefined) {
    throw unencodable('/4', 'C1', 'has no place for a hash in draft08');
  }
  writeId(writer, inReplyTo?.messageId, '/4');
  writer.raw(extensions.encode('draft08'));
  writeBody(writer, body, 'draft08');
}

function writeId(writer: CborWriter, id: MessageId | undefined, path: string): void {
  if (id === undefined) {
    writer.null();
    return;
  }
  writer.fixedBytes(id, ID_BYTES, path);
  if (id[0] !== SHA_256) throw unencodable(path, 'C8', 'must begin with 01, SHA-256');
}
