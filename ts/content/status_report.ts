// Delivery and read receipts: draft-ietf-mimi-content-04, "Delivery Reporting and Read Receipts", which has a timestamp,
// and draft-mahy-mimi-message-status-01, which has none. Media type application/mimi-message-status.

import { ARRAY, CborReader } from './cbor/reader.ts';
import { CborWriter } from './cbor/writer.ts';
import { readId, writeId } from './fields.ts';
import { DEFAULT_MAX_BYTES, MAX_U8 } from './limits.ts';
import type { MessageId, Profile } from './model.ts';
import { readTimestamp, type Timestamp, writeTimestamp } from './timestamp.ts';

export const statusMediaType = 'application/mimi-message-status';

/** The statuses that are named; up to 255 others may come. */
export const MessageStatus = {
  unread: 0,
  delivered: 1,
  read: 2,
  expired: 3,
  deleted: 4,
  hidden: 5,
  error: 6,
} as const;

const PAIR = 2;

export interface StatusReport {
  /** Which draft it is of: draft04 has the time, draft08 rooms use draft-mahy-mimi-message-status-01. */
  readonly profile: Profile;
  /** When the report was made, in milliseconds since the epoch; draft04 only. */
  readonly timestamp?: Timestamp | undefined;
  readonly statuses: readonly { readonly messageId: MessageId; readonly status: number }[];
}

/** Reads a report. Throws ContentError. */
export function decodeStatusReport(
  bytes: Uint8Array,
  profile: Profile,
  maxBytes = DEFAULT_MAX_BYTES,
): StatusReport {
  const reader = new CborReader(bytes);
  if (bytes.length > maxBytes) throw reader.fault('tooLarge', 0, '', `at most ${maxBytes} bytes`);
  let timestamp: Timestamp | undefined;
  if (profile === 'draft04') {
    reader.fixedArray(2, '');
    timestamp = readTimestamp(reader, profile, 0);
    reader.trail.push(1);
  }
  const count = reader.count(ARRAY, '');
  const statuses: StatusReport['statuses'][number][] = [];
  for (let index = 0; index < count; index += 1) {
    reader.fixedArray(PAIR, index);
    reader.trail.push(index);
    const messageId = readId(reader, profile, 'messageId');
    const status = reader.uint(MAX_U8, 'status');
    reader.trail.pop();
    statuses.push({ messageId, status });
  }
  if (profile === 'draft04') reader.trail.pop();
  reader.finish();
  return { profile, timestamp, statuses };
}

/** Writes a report. Throws ContentError `unencodable`. */
export function encodeStatusReport({ profile, timestamp, statuses }: StatusReport): Uint8Array {
  const writer = new CborWriter();
  if (profile === 'draft04') {
    writer.head(ARRAY, 2);
    writeTimestamp(writer, timestamp ?? -1, profile, 0);
  }
  writer.head(ARRAY, statuses.length);
  for (const [index, { messageId, status }] of statuses.entries()) {
    writer.head(ARRAY, PAIR);
    writer.trail.push(index);
    writeId(writer, messageId, profile, 'messageId');
    writer.uint(status, MAX_U8, 'status');
    writer.trail.pop();
  }
  return writer.finish();
}
