// The behaviour fields that both profiles read alike: ids, topic, expiry (draft-ietf-mimi-content, "Message Behavior
// Fields" and "Security Considerations").

import type { CborReader } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import { ID_BYTES, MAX_EXPIRY_SECONDS, MAX_TOPIC_BYTES } from './limits.ts';
import type { Expiration, MessageId, Profile } from './model.ts';
import { SHA_256 } from './named_hash.ts';
import type { DecodeOptions } from './options.ts';
import type { Step } from './rules.ts';

/** An id; the first byte of those of draft08 names their hash (rule C8). */
export function readId(reader: CborReader, profile: Profile, name: Step): MessageId {
  const start = reader.at;
  const id = reader.fixedBytes(ID_BYTES, name);
  if (profile === 'draft04' || id[0] === SHA_256) return id;
  throw reader.fault('unknownHash', start, name, '01, SHA-256');
}

/** Null or a message id. */
export function readOptionalId(
  reader: CborReader,
  profile: Profile,
  name: Step,
): MessageId | undefined {
  return reader.skipNull() ? undefined : readId(reader, profile, name);
}

/** Rule C6, for an item that begins at `start`: throws, or tells. */
export function judgeExpiry(
  reader: CborReader,
  { now, expiry, onWarning }: DecodeOptions,
  start: number,
  name: Step,
  { relative, seconds }: Expiration,
): void {
  const from = relative ? 0 : now === undefined ? seconds : now / 1000;
  if (Math.abs(seconds - from) <= MAX_EXPIRY_SECONDS) return;
  const fault = reader.fault('suspiciousExpiry', start, name, 'at most 366 days', `${seconds} s`);
  if (expiry !== 'warn') throw fault;
  onWarning?.(fault);
}

export function writeId(writer: CborWriter, id: MessageId, profile: Profile, name: Step): void {
  writer.byteString(id, name, ID_BYTES);
  if (profile === 'draft08' && id[0] !== SHA_256) {
    throw writer.refusal('C8', name, 'must begin with 01');
  }
}

/** Null or a message id. */
export function writeOptionalId(
  writer: CborWriter,
  id: MessageId | undefined,
  profile: Profile,
  name: Step,
): void {
  if (id === undefined) writer.null();
  else writeId(writer, id, profile, name);
}

export function writeTopic(writer: CborWriter, topic: Uint8Array, name: Step): void {
  if (topic.length > MAX_TOPIC_BYTES) {
    throw writer.refusal('C5', name, `has more than ${MAX_TOPIC_BYTES} bytes`);
  }
  writer.byteString(topic, name);
}
