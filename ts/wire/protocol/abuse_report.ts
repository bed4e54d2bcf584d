// struct AbuseReport: draft-ietf-mimi-protocol-06, "Report Abuse".
// `reportingUser` is optional in the text and a plain IdentifierUri in the struct: an empty one stands for none.
// `reasonCode` is reserved(0) alone so far; any octet is read.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Frank, readFrank, writeFrank } from './frank.ts';

/** A message that is reported, as its receiver has it. */
export interface AbusiveMessage {
  /** The application data of the message. */
  readonly messageContent: Uint8Array;
  readonly frank: Frank;
  /** When the hub accepted it, in milliseconds since the UNIX epoch. */
  readonly acceptedTimestamp: bigint;
}

export interface AbuseReport {
  /** Empty where the reporter is not named. */
  readonly reportingUser: string;
  readonly allegedAbuserUri: string;
  /** AbuseType: 0 to 255. */
  readonly reasonCode: number;
  readonly note: string;
  readonly messages: readonly AbusiveMessage[];
  /** `abuse_extensions`: data by component. */
  readonly extensions: readonly { readonly id: number; readonly data: Uint8Array }[];
}

function readAbusiveMessage(reader: Reader): AbusiveMessage {
  return {
    messageContent: reader.opaque('messageContent'),
    frank: reader.struct('frank', readFrank),
    acceptedTimestamp: reader.u64('acceptedTimestamp'),
  };
}

function writeAbusiveMessage(writer: Writer, value: AbusiveMessage): void {
  writer.opaque(value.messageContent, 'messageContent');
  writeFrank(writer, value.frank);
  writer.u64(value.acceptedTimestamp, 'acceptedTimestamp');
}

export const encodeAbuseReport = encoder((writer: Writer, value: AbuseReport) => {
  writer.text(value.reportingUser, 'reportingUser');
  writer.text(value.allegedAbuserUri, 'allegedAbuserUri');
  writer.u8(value.reasonCode, 'reasonCode');
  writer.text(value.note, 'note');
  writer.list(value.messages, 'messages', writeAbusiveMessage);
  writer.list(value.extensions, 'abuseExtensions', (to, { id, data }) => {
    to.u16(id, 'componentId');
    to.opaque(data, 'data');
  });
});

export const decodeAbuseReport = decoder(
  (reader: Reader): AbuseReport => ({
    reportingUser: reader.text('reportingUser'),
    allegedAbuserUri: reader.text('allegedAbuserUri'),
    reasonCode: reader.u8('reasonCode'),
    note: reader.text('note'),
    messages: reader.list('messages', readAbusiveMessage),
    extensions: reader.list('abuseExtensions', (item) => ({
      id: item.u16('componentId'),
      data: item.opaque('data'),
    })),
  }),
);
