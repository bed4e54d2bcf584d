// struct GroupInfoResponse and GroupInfoResponseTBS: draft-ietf-mimi-protocol-06, "Claim group key
// information". The first field is `Protocol version` but selected on as `protocol`: one octet, one
// thing. The TBS has no `select (status)`: as only a success is signed, it is the success response
// without its signature. `room_id` is the room's MIMI URI in UTF-8.

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import {
  type ExternalSender,
  readExternalSender,
  writeExternalSender,
} from '../mls/external_sender.ts';
import {
  type HpkeCiphertext,
  readHpkeCiphertext,
  writeHpkeCiphertext,
} from '../mls/hpke_ciphertext.ts';
import { type Protocol, readProtocol, writeProtocol } from './protocol.ts';

const statuses = enumTable({ success: 1, notAuthorized: 2, noSuchRoom: 3 });

/** GroupInfoCode. */
export type GroupInfoCode = NameOf<typeof statuses>;

/** What the hub signs, with the label "GroupInfoResponseTBS". */
export interface GroupInfoResponseTBS {
  readonly protocol: Protocol;
  readonly status: 'success';
  readonly roomId: string;
  readonly cipherSuite: number;
  readonly hubSender: ExternalSender;
  /** EncryptWithLabel of a GroupInfoRatchetTreeTBE to the requester's key. */
  readonly encryptedGroupInfoAndTree: HpkeCiphertext;
}

export type GroupInfoResponse =
  | (GroupInfoResponseTBS & {
      /** SignWithLabel(hub's key, "GroupInfoResponseTBS", the encoded TBS). */
      readonly signature: Uint8Array;
    })
  | {
      readonly protocol: Protocol;
      readonly status: 'notAuthorized' | 'noSuchRoom';
      readonly roomId: string;
    };

export function readGroupInfoResponse(reader: Reader): GroupInfoResponse {
  const protocol = readProtocol(reader);
  const roomId = reader.text('roomId');
  const status = reader.enum8(statuses, 'status');
  if (status !== 'success') return { protocol, roomId, status };
  return {
    protocol,
    roomId,
    status,
    cipherSuite: reader.u16('cipherSuite'),
    hubSender: reader.struct('hubSender', readExternalSender),
    encryptedGroupInfoAndTree: reader.struct('encryptedGroupInfoAndTree', readHpkeCiphertext),
    signature: reader.opaque('signature'),
  };
}

function writeHead(writer: Writer, roomId: string, status: GroupInfoCode): void {
  writeProtocol(writer);
  writer.text(roomId, 'roomId');
  writer.enum8(statuses, status, 'status');
}

export function writeGroupInfoResponseTBS(writer: Writer, value: GroupInfoResponseTBS): void {
  writeHead(writer, value.roomId, value.status);
  writer.u16(value.cipherSuite, 'cipherSuite');
  writeExternalSender(writer, value.hubSender);
  writeHpkeCiphertext(writer, value.encryptedGroupInfoAndTree);
}

export function writeGroupInfoResponse(writer: Writer, value: GroupInfoResponse): void {
  if (value.status !== 'success') {
    writeHead(writer, value.roomId, value.status);
    return;
  }
  writeGroupInfoResponseTBS(writer, value);
  writer.opaque(value.signature, 'signature');
}

/** The signature's input. A decoded response encodes to the very bytes received, so it serves both sides. */
export const encodeGroupInfoResponseTBS = encoder(writeGroupInfoResponseTBS);
export const encodeGroupInfoResponse = encoder(writeGroupInfoResponse);
/** Reads a response; the ciphertext holds a ratchet tree, so the larger limit holds. */
export const decodeGroupInfoResponse = treeDecoder(readGroupInfoResponse);
