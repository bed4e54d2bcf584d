// struct ModeUpdate: ours, the body of `update` in rooms whose mode hides more than draft-ietf-mimi-protocol-06's
// UpdateRequest can. It stands where an UpdateRequest stands; the first two octets, which are no protocol version,
// tell them apart.
//   enum { proposal(1), commit(2), slots(3), (255) } ModeUpdateKind;
//   struct {
//     uint16 marker = 0xE0E1; opaque mode<V>; opaque group_id<V>; uint64 epoch; ModeUpdateKind kind; uint8 joins;
//     opaque payloads<V><V>; opaque hub_part<V>; SealedWelcome welcomes<V>; opaque proof<V>;
//   } ModeUpdate;

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { treeDecoder } from '../codec/struct.ts';
import { Writer } from '../codec/writer.ts';
import { readSealedWelcome, type SealedWelcome, writeSealedWelcome } from './sealed_welcome.ts';

export const MODE_UPDATE_MARKER = 0xe0e1;

const kinds = enumTable({ proposal: 1, commit: 2, slots: 3 });

export type ModeUpdateKind = NameOf<typeof kinds>;

export interface ModeUpdate {
  /** The name of the room's mode. */
  readonly mode: string;
  readonly groupId: Uint8Array;
  /** Of the group before the update. */
  readonly epoch: bigint;
  readonly kind: ModeUpdateKind;
  /** Whether the sender is not a member yet: an external commit. */
  readonly joins: boolean;
  /** HandshakePayloads as the mode makes them travel: one of a commit, one without a handshake of `slots`. */
  readonly payloads: readonly Uint8Array[];
  /** What the hub alone gets, in the form of the mode; empty where it gets nothing. */
  readonly hubPart: Uint8Array;
  readonly welcomes: readonly SealedWelcome[];
  /** What shows that the sender may write, in the form of the mode; over all that stands before it. */
  readonly proof: Uint8Array;
}

export function readModeUpdate(reader: Reader): ModeUpdate {
  const marker = reader.u16('marker');
  if (marker !== MODE_UPDATE_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeUpdate.`, 'marker', 0);
  }
  return {
    mode: reader.text('mode'),
    groupId: reader.opaque('groupId'),
    epoch: reader.u64('epoch'),
    kind: reader.enum8(kinds, 'kind'),
    joins: reader.presence('joins'),
    payloads: reader.opaqueList('payloads'),
    hubPart: reader.opaque('hubPart'),
    welcomes: reader.list('welcomes', readSealedWelcome),
    proof: reader.opaque('proof'),
  };
}

function writeBody(writer: Writer, value: Omit<ModeUpdate, 'proof'>): void {
  writer.u16(MODE_UPDATE_MARKER, 'marker');
  writer.text(value.mode, 'mode');
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.epoch, 'epoch');
  writer.enum8(kinds, value.kind, 'kind');
  writer.presence(value.joins);
  writer.opaqueList(value.payloads, 'payloads');
  writer.opaque(value.hubPart, 'hubPart');
  writer.list(value.welcomes, 'welcomes', writeSealedWelcome);
}

/** All but the proof: what the proof is made over. */
export function encodeModeUpdateBody(value: Omit<ModeUpdate, 'proof'>): Uint8Array {
  const writer = new Writer();
  writeBody(writer, value);
  return writer.finish();
}

export function writeModeUpdate(writer: Writer, value: ModeUpdate): void {
  writeBody(writer, value);
  writer.opaque(value.proof, 'proof');
}

export function encodeModeUpdate(value: ModeUpdate): Uint8Array {
  const writer = new Writer();
  writeModeUpdate(writer, value);
  return writer.finish();
}

export const decodeModeUpdate = treeDecoder(readModeUpdate);

/** Whether the body of an `update` is a ModeUpdate; anything else is the draft's UpdateRequest, or damaged. */
export function isModeUpdate(body: Uint8Array): boolean {
  return body[0] === MODE_UPDATE_MARKER >> 8 && body[1] === (MODE_UPDATE_MARKER & 0xff);
}
