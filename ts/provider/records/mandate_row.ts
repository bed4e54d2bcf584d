// The mandate of a room that waits for a commit: what the operator wants, and the mandate as it was made last.
//   struct { uint8 version; opaque user<V>; uint32 role; opaque mandate<V>; } OpenMandate;

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';

const VERSION = 1;

export interface OpenMandate {
  /** As the room names it. */
  readonly user: string;
  /** The role that the user is to have; 0 outside the list. */
  readonly role: number;
  readonly mandate: Uint8Array;
}

export const encodeOpenMandate = encoder((writer: Writer, row: OpenMandate) => {
  writer.u8(VERSION, 'version');
  writer.text(row.user, 'user');
  writer.u32(row.role, 'role');
  writer.opaque(row.mandate, 'mandate');
});

export const decodeOpenMandate = decoder((reader: Reader): OpenMandate => {
  const version = reader.u8('version');
  if (version !== VERSION) {
    throw reader.error('unknownValue', `Rows of version ${version} are not known.`, 'version');
  }
  return {
    user: reader.text('user'),
    role: reader.u32('role'),
    mandate: reader.opaque('mandate').slice(),
  };
});
