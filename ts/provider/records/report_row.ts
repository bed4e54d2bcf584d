// The row of a report of abuse that the hub has checked: docs/franking.md, "Reports".

import type { Reader, RoomUri, Writer } from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

/** A message as it was reported; that it was sent in this room, at this time, by whom it names, is proven. */
export interface ReportedMessage {
  readonly content: Uint8Array;
  /** In milliseconds since the epoch of UNIX. */
  readonly acceptedAt: number;
  /** Its place in the room's log; 0 where the frank's form has none. */
  readonly position: number;
}

/** A report that an operator is to deal with. */
export interface KeptReport extends Report {
  /** By which it is dealt with: hexadecimal. */
  readonly id: string;
}

/** What is kept of a report. */
export interface Report {
  readonly room: RoomUri;
  readonly receivedAt: number;
  /** Who reports, as far as the room's mode shows it; empty otherwise. */
  readonly reporter: string;
  /** The provider that brought the report. */
  readonly from: string;
  readonly allegedAbuser: string;
  /** Whether the hub knew who sent the messages, or took the sender's word. */
  readonly senderChecked: boolean;
  readonly reasonCode: number;
  readonly note: string;
  readonly messages: readonly ReportedMessage[];
}

export const encodeReportRow = rowEncoder((writer: Writer, report: Report) => {
  writer.text(report.room, 'room');
  writer.u64(BigInt(report.receivedAt), 'received_at');
  writer.text(report.reporter, 'reporter');
  writer.text(report.from, 'from');
  writer.text(report.allegedAbuser, 'alleged_abuser');
  writer.u8(report.senderChecked ? 1 : 0, 'sender_checked');
  writer.u8(report.reasonCode, 'reason_code');
  writer.text(report.note, 'note');
  writer.list(report.messages, 'messages', (to, { content, acceptedAt, position }) => {
    to.opaque(content, 'content');
    to.u64(BigInt(acceptedAt), 'accepted_at');
    to.u64(BigInt(position), 'position');
  });
});

export const decodeReportRow = rowDecoder(
  (reader: Reader): Report => ({
    room: reader.text('room') as RoomUri,
    receivedAt: Number(reader.u64('received_at')),
    reporter: reader.text('reporter'),
    from: reader.text('from'),
    allegedAbuser: reader.text('alleged_abuser'),
    senderChecked: reader.u8('sender_checked') === 1,
    reasonCode: reader.u8('reason_code'),
    note: reader.text('note'),
    messages: reader.list('messages', (item) => ({
      content: item.opaque('content'),
      acceptedAt: Number(item.u64('accepted_at')),
      position: Number(item.u64('position')),
    })),
  }),
);
