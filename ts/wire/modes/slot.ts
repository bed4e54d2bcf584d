// struct Slot: ours, a place at the hub that members fill for each other with ciphertext that the hub cannot read:
// wrapped keys, state for those who join by a link. The hub appends a few versions to a slot and overwrites none;
// readers take the first that verifies.
//   enum { epoch(1), client(2), room(3), (255) } SlotLifetime;
//   struct { SlotLifetime lifetime; opaque name<V>; opaque value<V>; } SlotWrite;
//   struct { SlotLifetime lifetime; opaque name<V>; uint64 epoch; opaque versions<V><V>; } Slot;

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import type { Writer } from '../codec/writer.ts';
import type { ClientUri } from '../uri.ts';

const lifetimes = enumTable({ epoch: 1, client: 2, room: 3 });

/** How long the hub keeps a slot: until the next epoch, while the client of that name is in, or for good. */
export type SlotLifetime = NameOf<typeof lifetimes>;

export interface SlotName {
  readonly lifetime: SlotLifetime;
  readonly name: Uint8Array;
}

/** A version that is to be appended to a slot. */
export interface SlotWrite extends SlotName {
  readonly value: Uint8Array;
}

/** A slot as the hub has it. */
export interface Slot extends SlotName {
  /** The epoch that the slot is of; 0 where it belongs to none. */
  readonly epoch: bigint;
  /** In the order they came. */
  readonly versions: readonly Uint8Array[];
}

const utf8 = new TextEncoder();

/** The name of the slot with the escrow of a client's link key. No client URI begins like that. */
export const escrowSlotName = (client: ClientUri): Uint8Array => utf8.encode(`escrow ${client}`);

/** The names that slots of a client may have: its link key, and the escrow of it. */
export const clientSlotNames = (client: ClientUri): Uint8Array[] => [
  utf8.encode(client),
  escrowSlotName(client),
];

export function readSlotName(reader: Reader): SlotName {
  return { lifetime: reader.enum8(lifetimes, 'lifetime'), name: reader.opaque('name') };
}

export function writeSlotName(writer: Writer, { lifetime, name }: SlotName): void {
  writer.enum8(lifetimes, lifetime, 'lifetime');
  writer.opaque(name, 'name');
}

export function readSlotWrite(reader: Reader): SlotWrite {
  return { ...readSlotName(reader), value: reader.opaque('value') };
}

export function writeSlotWrite(writer: Writer, value: SlotWrite): void {
  writeSlotName(writer, value);
  writer.opaque(value.value, 'value');
}

export function readSlot(reader: Reader): Slot {
  return {
    ...readSlotName(reader),
    epoch: reader.u64('epoch'),
    versions: reader.opaqueList('versions'),
  };
}

export function writeSlot(writer: Writer, value: Slot): void {
  writeSlotName(writer, value);
  writer.u64(value.epoch, 'epoch');
  writer.opaqueList(value.versions, 'versions');
}
