// struct RoomSlotsRequest and RoomSlots: ours, the endpoint `roomSlots`. Who joins by a link reads the slots that it can
// name; a member reads all of them, sealed to a key of its own: names of slots are those of clients.
//   struct {
//     uint8 all;
//     select (RoomSlotsRequest.all) { case 0: opaque names<V><V>; case 1: opaque response_key<V>; opaque proof<V>; };
//   } RoomSlotsRequest;
//   struct { uint64 epoch; Slot slots<V>; } RoomSlots;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readSlot, type Slot, writeSlot } from './slot.ts';

export type RoomSlotsRequest =
  /** Names of slots of the present epoch. */
  | { readonly all: false; readonly names: readonly Uint8Array[] }
  | {
      readonly all: true;
      /** HPKE: the answer is sealed to it. */
      readonly responseKey: Uint8Array;
      /** What shows that a member asks, in the form of the mode. */
      readonly proof: Uint8Array;
    };

export interface RoomSlots {
  /** The room's epoch. */
  readonly epoch: bigint;
  readonly slots: readonly Slot[];
}

export const encodeRoomSlotsRequest = encoder((writer: Writer, value: RoomSlotsRequest) => {
  writer.presence(value.all);
  if (value.all) {
    writer.opaque(value.responseKey, 'responseKey');
    writer.opaque(value.proof, 'proof');
  } else {
    writer.opaqueList(value.names, 'names');
  }
});

export const decodeRoomSlotsRequest = decoder(
  (reader: Reader): RoomSlotsRequest =>
    reader.presence('all')
      ? { all: true, responseKey: reader.opaque('responseKey'), proof: reader.opaque('proof') }
      : { all: false, names: reader.opaqueList('names') },
);

export const encodeRoomSlots = encoder((writer: Writer, value: RoomSlots) => {
  writer.u64(value.epoch, 'epoch');
  writer.list(value.slots, 'slots', writeSlot);
});

export const decodeRoomSlots = treeDecoder(
  (reader: Reader): RoomSlots => ({
    epoch: reader.u64('epoch'),
    slots: reader.list('slots', readSlot),
  }),
);
