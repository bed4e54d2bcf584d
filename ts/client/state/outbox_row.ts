// The row of a message that is sent but has not come back in the stream yet.

import type { Reader, Writer } from '../../wire/index.ts';
import { rowCodec } from './row_codec.ts';

/** A message encrypted for one epoch. */
export interface SealedMessage {
  /** The MLSMessage. */
  readonly message: Uint8Array;
  /** Its draft-04 message id. */
  readonly id: Uint8Array;
  readonly epoch: bigint;
}

export interface OutboxRow {
  /** Order of sending within the room. */
  readonly number: bigint;
  /** Stays the same when the message must be encrypted again for a later epoch. */
  readonly localId: Uint8Array;
  readonly content: Uint8Array;
  sealed: SealedMessage | undefined;
}

function writeSealed(writer: Writer, sealed: SealedMessage): void {
  writer.opaque(sealed.message, 'message');
  writer.opaque(sealed.id, 'id');
  writer.u64(sealed.epoch, 'epoch');
}

function readSealed(reader: Reader): SealedMessage {
  return {
    message: reader.opaque('message'),
    id: reader.opaque('id'),
    epoch: reader.u64('epoch'),
  };
}

function writeOutboxRow(writer: Writer, row: OutboxRow): void {
  writer.u64(row.number, 'number');
  writer.opaque(row.localId, 'localId');
  writer.opaque(row.content, 'content');
  writer.optional(row.sealed, writeSealed);
}

function readOutboxRow(reader: Reader): OutboxRow {
  return {
    number: reader.u64('number'),
    localId: reader.opaque('localId'),
    content: reader.opaque('content'),
    sealed: reader.optional('sealed', readSealed),
  };
}

export const outboxRows = rowCodec('outbox row', writeOutboxRow, readOutboxRow);
