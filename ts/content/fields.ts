// The behaviour fields that both profiles read alike: ids, topic, expiry (draft-ietf-mimi-content, "Message Behavior
// Fields" and "Security Considerations").

import type { CborReader } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import { ID_BYTES, MAX_EXPIRY_SECONDS, MAX_TOPIC_BYTES } from './limits.ts';
import type { Expiration, MessageId } from './model.ts';
import type { DecodeOptions } from './options.ts';
import type { Step } from './rules.ts';

/** Null or a message id. */
export function readOptionalId(reader: CborReader, name: Step): MessageId | undefined {
  return reader.skipNull() ? undefined : reader.fixedBytes(ID_BYTES, name);
}

export function readTopic(reader: CborReader, name: Step): Uint8Array {
  const start = reader.at;
  const topic = reader.byteString(name);
  if (topic.length <= MAX_TOPIC_BYTES) return topic;
  throw reader.fault('tooLarge', start, name, `at most ${MAX_TOPIC_BYTES} bytes`);
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

/** Null or a message id. */
export function writeOptionalId(writer: CborWriter, id: MessageId | undefined, name: Step): void {
  if (id === undefined) writer.null();
  else writer.byteString(id, name, ID_BYTES);
}

export function writeTopic(writer: CborWriter, topic: Uint8Array, name: Step): void {
  if (topic.length > MAX_TOPIC_BYTES) {
    throw writer.refusal('C5', name, `has more than ${MAX_TOPIC_BYTES} bytes`);
  }
  writer.byteString(topic, name);
}
