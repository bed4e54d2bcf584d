// struct CreateRoom of the local client API: ours; the answer is an UpdateRoomResponse. The draft leaves
// the creation of a room to the hub and its users ("Alice Creates a Room").
//   struct { IdentifierUri roomUri; opaque groupInfo<V>; opaque ratchetTree<V>; } CreateRoom;

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

/** A new room and its MLS group at epoch 0. */
export interface CreateRoom {
  readonly roomUri: string;
  /** A GroupInfo, without the header of an MLSMessage. */
  readonly groupInfo: Uint8Array;
  /** The ratchet tree vector, its own length included. */
  readonly ratchetTree: Uint8Array;
}

export function readCreateRoom(reader: Reader): CreateRoom {
  return {
    roomUri: reader.struct('roomUri', readIdentifierUri),
    groupInfo: reader.opaque('groupInfo'),
    ratchetTree: reader.opaque('ratchetTree'),
  };
}

export function writeCreateRoom(writer: Writer, value: CreateRoom): void {
  writeIdentifierUri(writer, value.roomUri);
  writer.opaque(value.groupInfo, 'groupInfo');
  writer.opaque(value.ratchetTree, 'ratchetTree');
}

export const encodeCreateRoom = encoder(writeCreateRoom);
export const decodeCreateRoom = treeDecoder(readCreateRoom);
