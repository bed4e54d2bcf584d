// struct RoomSlotsRequest and RoomSlots: ours, the endpoint `roomSlots` by which members and those who join by a link
// read what other members have left at the hub.
//   struct { SlotName names<V>; uint8 all; } RoomSlotsRequest;
//   struct { uint64 epoch; Slot slots<V>; } RoomSlots;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import {
  readSlot,
  readSlotName,
  type Slot,
  type SlotName,
  writeSlot,
  writeSlotName,
} from './slot.ts';

export interface RoomSlotsRequest {
  /** The slots to read; of those of an epoch, the current one's. */
  readonly names: readonly SlotName[];
  /** Whether all slots are wanted, for which the asking provider must take part in the room. */
  readonly all: boolean;
}

export interface RoomSlots {
  /** The room's epoch. */
  readonly epoch: bigint;
  readonly slots: readonly Slot[];
}

export const encodeRoomSlotsRequest = encoder((writer: Writer, value: RoomSlotsRequest) => {
  writer.list(value.names, 'names', writeSlotName);
  writer.presence(value.all);
});

export const decodeRoomSlotsRequest = decoder(
  (reader: Reader): RoomSlotsRequest => ({
    names: reader.list('names', readSlotName),
    all: reader.presence('all'),
  }),
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
