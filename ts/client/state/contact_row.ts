// The row of another user that this one is connected with, has asked, or was asked by.

import type { Reader, UserUri, Writer } from '../../wire/index.ts';
import { nameCodec, rowCodec } from './row_codec.ts';

const STATES = ['asked', 'asking', 'connected', 'blocked'] as const;
const states = nameCodec(STATES);

/** `asked`: waits for the other's answer. `asking`: waits for ours. `blocked`: neither is heard nor can ask. */
export type ContactState = (typeof STATES)[number];

export interface ContactRow {
  readonly user: UserUri;
  readonly state: ContactState;
  /** The other's real signature key, as its requests and answers show it; empty before that. */
  readonly signatureKey: Uint8Array;
  /** The key that the other gives its contacts, 32 bytes; empty before it is known. */
  readonly connectionKey: Uint8Array;
  /** What the answer to an own request is opened with, or the other's request that is not answered yet; secret. */
  readonly open: Uint8Array;
  /** The sealed answer that is not on its way yet; empty where there is none. */
  readonly answer: Uint8Array;
}

function writeContactRow(writer: Writer, row: ContactRow): void {
  writer.text(row.user, 'user');
  states.write(writer, row.state);
  writer.opaque(row.signatureKey, 'signatureKey');
  writer.opaque(row.connectionKey, 'connectionKey');
  writer.opaque(row.open, 'open');
  writer.opaque(row.answer, 'answer');
}

function readContactRow(reader: Reader): ContactRow {
  return {
    user: reader.text('user') as UserUri,
    state: states.read(reader),
    signatureKey: reader.opaque('signatureKey').slice(),
    connectionKey: reader.opaque('connectionKey').slice(),
    open: reader.opaque('open').slice(),
    answer: reader.opaque('answer').slice(),
  };
}

export const contactRows = rowCodec('contact row', writeContactRow, readContactRow);
