// struct ModeRoom: ours, the body of `createRoom` for rooms of other modes than `open`.
//   struct {
//     uint16 marker = 0xE0E3; IdentifierUri roomUri; opaque mode<V>; uint16 cipher_suite;
//     opaque hub_part<V>;
//   } ModeRoom;

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

export const MODE_ROOM_MARKER = 0xe0e3;

export interface ModeRoom {
  readonly roomUri: string;
  readonly mode: string;
  readonly suite: number;
  /** What the hub alone gets, in the form of the mode. */
  readonly hubPart: Uint8Array;
}

export function readModeRoom(reader: Reader): ModeRoom {
  const marker = reader.u16('marker');
  if (marker !== MODE_ROOM_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeRoom.`, 'marker', 0);
  }
  return {
    roomUri: reader.struct('roomUri', readIdentifierUri),
    mode: reader.text('mode'),
    suite: reader.u16('cipherSuite'),
    hubPart: reader.opaque('hubPart'),
  };
}

export function writeModeRoom(writer: Writer, value: ModeRoom): void {
  writer.u16(MODE_ROOM_MARKER, 'marker');
  writeIdentifierUri(writer, value.roomUri);
  writer.text(value.mode, 'mode');
  writer.u16(value.suite, 'suite');
  writer.opaque(value.hubPart, 'hubPart');
}

export const encodeModeRoom = encoder(writeModeRoom);
export const decodeModeRoom = treeDecoder(readModeRoom);

/** Whether the body of a `createRoom` is a ModeRoom; anything else is a CreateRoom, or damaged. */
export function isModeRoom(body: Uint8Array): boolean {
  return body[0] === MODE_ROOM_MARKER >> 8 && body[1] === (MODE_ROOM_MARKER & 0xff);
}
