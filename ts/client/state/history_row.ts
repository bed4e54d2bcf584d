// The row of an event that a room's history keeps: a message, or a gap where one could not be read.

import type { ClientUri, Reader, UserUri, Writer } from '../../wire/index.ts';
import { nameCodec, rowCodec } from './row_codec.ts';

/** A message of the room, as its history keeps it. */
export interface ReceivedMessage {
  /** Draft-04 message id, in hexadecimal. */
  readonly id: string;
  readonly sender: UserUri;
  readonly client: ClientUri;
  /** Who is behind a pseudonymous sender, where its identity link opens. */
  readonly real?: { readonly user: UserUri; readonly client: ClientUri } | undefined;
  /** What the sender passed to `send`. */
  readonly content: Uint8Array;
  readonly epoch: bigint;
  /** When the hub accepted it, in milliseconds since the epoch. */
  readonly acceptedAt: number;
  /** Its place in the log. */
  readonly seq: bigint;
  /** Whether this device sent it. */
  readonly own: boolean;
  /** Of an own message: the id that `send` gave. */
  readonly localId?: string | undefined;
  /** In a franked room: the hub's stamp, a Frank, which was checked and is needed to report the message. */
  readonly frank?: Uint8Array | undefined;
}

/** A place in the log that this device could not read. */
export interface Gap {
  readonly seq: bigint;
  /** Stable code of the reason. */
  readonly code: string;
}

export type HistoryRow =
  | { readonly kind: 'message'; readonly message: ReceivedMessage }
  | { readonly kind: 'gap'; readonly gap: Gap };

const kinds = nameCodec(['message', 'gap']);

function writeHistoryRow(writer: Writer, row: HistoryRow): void {
  kinds.write(writer, row.kind);
  if (row.kind === 'gap') {
    writer.u64(row.gap.seq, 'seq');
    writer.text(row.gap.code, 'code');
    return;
  }
  const { message } = row;
  writer.u64(message.seq, 'seq');
  writer.text(message.id, 'id');
  writer.text(message.sender, 'sender');
  writer.text(message.client, 'client');
  writer.optional(message.real, (to, { user, client }) => {
    to.text(user, 'user');
    to.text(client, 'client');
  });
  writer.opaque(message.content, 'content');
  writer.u64(message.epoch, 'epoch');
  writer.u64(BigInt(message.acceptedAt), 'acceptedAt');
  writer.optional(message.own ? (message.localId ?? '') : undefined, (w, id) =>
    w.text(id, 'localId'),
  );
  writer.optional(message.frank, (to, frank) => to.opaque(frank, 'frank'));
}

function realOf(reader: Reader): Pick<ReceivedMessage, 'real'> {
  const real = reader.optional('real', (item) => ({
    user: item.text('user') as UserUri,
    client: item.text('client') as ClientUri,
  }));
  return real === undefined ? {} : { real };
}

function readHistoryRow(reader: Reader): HistoryRow {
  const kind = kinds.read(reader);
  const seq = reader.u64('seq');
  if (kind === 'gap') return { kind, gap: { seq, code: reader.text('code') } };
  const message = {
    seq,
    id: reader.text('id'),
    sender: reader.text('sender') as UserUri,
    client: reader.text('client') as ClientUri,
    ...realOf(reader),
    content: reader.opaque('content'),
    epoch: reader.u64('epoch'),
    acceptedAt: Number(reader.u64('acceptedAt')),
  };
  const localId = reader.optional('localId', (r) => r.text('localId'));
  const own = localId !== undefined;
  // Rows of earlier releases end here.
  const frank = reader.exhausted
    ? undefined
    : reader.optional('frank', (item) => item.opaque('frank'));
  const franked = frank === undefined ? message : { ...message, frank };
  return { kind, message: own ? { ...franked, own, localId } : { ...franked, own } };
}

export const historyRows = rowCodec('history row', writeHistoryRow, readHistoryRow);
