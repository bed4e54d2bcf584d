// The behaviour fields that both profiles read alike: ids, topic, expiry (draft-ietf-mimi-content, "Message Behavior
// Fields" and "Security Considerations").

import type { CborReader, Step } from './cbor/reader.ts';
import { unencodable } from './cbor/writer.ts';
import { ID_BYTES, MAX_EXPIRY_SECONDS, MAX_TOPIC_BYTES } from './limits.ts';
import type { MessageId, MimiContent } from './model.ts';

/** Decides on suspicious expiries. */
export interface ExpiryJudge {
  /** Milliseconds since the epoch. */
  readonly now: number | undefined;
  /** Throws, or tells somebody. */
  readonly tell: (fault: Error) => void;
}

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

/** Rule C6, for an item that begins at `start`. */
export function judgeExpiry(
  reader: CborReader,
  judge: ExpiryJudge,
  start: number,
  name: Step,
  { relative, seconds }: { readonly relative: boolean; readonly seconds: number },
): void {
  const now = relative ? 0 : judge.now === undefined ? undefined : judge.now / 1000;
  if (now === undefined) return;
  const ahead = seconds - now;
  if (ahead <= MAX_EXPIRY_SECONDS && ahead >= -MAX_EXPIRY_SECONDS) return;
  const found = relative
    ? `${seconds} s after reading`
    : `${Math.round(ahead / 86_400)} days from now`;
  judge.tell(reader.fault('suspiciousExpiry', start, name, 'at most 366 days from now', found));
}

/** What an encoder can say of an expiry without a clock. */
export function checkEncodedExpiry({
  profile,
  expires,
  salt,
  lastSeen,
  topicId,
}: MimiContent): void {
  if (expires !== undefined && profile === 'draft04') {
    if (expires.relative) throw unencodable('/2', 'C1', 'cannot be relative in draft04');
    if (expires.seconds === 0) throw unencodable('/2', 'C1', 'of 0 means never in draft04');
  }
  if (profile === 'draft04' && salt !== undefined) {
    throw unencodable('/', 'C1', 'has no place for a salt in draft04');
  }
  if (profile === 'draft08' && lastSeen.length > 0) {
    throw unencodable('/', 'C1', 'has no place for lastSeen in draft08');
  }
  if (topicId.length > MAX_TOPIC_BYTES) {
    throw unencodable(
      profile === 'draft04' ? '/1' : '/2',
      'C5',
      `has more than ${MAX_TOPIC_BYTES} bytes`,
    );
  }
}
