// The slots that members fill, by name and form. spec "Wrapper generations" and "Join links" name them C, H, L and R.
//   struct { opaque generation[32]; opaque sealed<V>; } GenerationSlot;

import { decodeEscrow, ESCROW, type EscrowParty } from '../../room/index.ts';
import {
  type ClientUri,
  decoder,
  encoder,
  escrowSlotName,
  type Reader,
  type Slot,
  type SlotName,
  type SlotWrite,
  type Writer,
} from '../../wire/index.ts';
import { PrivacyError } from '../errors.ts';
import { escrowLinkKey } from '../parts/escrow.ts';
import { decoding, hex, KEY_BYTES, sameBytes } from '../parts/structs.ts';
import {
  type EpochSlot,
  generationId,
  openForEpoch,
  openLinkKey,
  openPrevious,
  sealForEpoch,
  sealLinkKey,
  sealPrevious,
} from '../parts/wrapper.ts';

const utf8 = new TextEncoder();
const WRAPPER = utf8.encode('wrapper');
const PREVIOUS = utf8.encode('previous ');

interface GenerationSlot {
  readonly generation: Uint8Array;
  readonly sealed: Uint8Array;
}

const encodeGeneration = encoder((writer: Writer, value: GenerationSlot) => {
  writer.fixed(value.generation, KEY_BYTES, 'generation');
  writer.opaque(value.sealed, 'sealed');
});

const decodeGeneration = decoder(
  (reader: Reader): GenerationSlot => ({
    generation: reader.fixed(KEY_BYTES, 'generation'),
    sealed: reader.opaque('sealed'),
  }),
);

function named(prefix: Uint8Array, id: Uint8Array): Uint8Array {
  const name = new Uint8Array(prefix.length + id.length);
  name.set(prefix);
  name.set(id, prefix.length);
  return name;
}

const sameName = (slot: SlotName, other: SlotName): boolean =>
  slot.lifetime === other.lifetime && sameBytes(slot.name, other.name);

/** H: the wrapper key for the members of an epoch. */
export const WRAPPER_SLOT: SlotName = { lifetime: 'epoch', name: WRAPPER };

/** L: the key of a client's identity link. */
export const linkKeySlot = (client: ClientUri): SlotName => ({
  lifetime: 'client',
  name: utf8.encode(client),
});

/** C: the wrapper key of the generation before the one with this id. */
const previousSlot = (generation: Uint8Array): SlotName => ({
  lifetime: 'room',
  name: named(PREVIOUS, generation),
});

/** R: state for those who join by a link; only members and who has the link can name it. */
export const joinSlot = (name: Uint8Array): SlotName => ({ lifetime: 'epoch', name });

export function writeWrapper(slot: EpochSlot, wrapper: Uint8Array): SlotWrite {
  const sealed = sealForEpoch(slot, wrapper);
  return {
    ...WRAPPER_SLOT,
    value: encodeGeneration({ generation: generationId(wrapper), sealed }),
  };
}

export function writePrevious(
  groupId: Uint8Array,
  wrapper: Uint8Array,
  previous: Uint8Array,
): SlotWrite {
  const sealed = sealPrevious(groupId, wrapper, previous);
  return {
    ...previousSlot(generationId(wrapper)),
    value: encodeGeneration({ generation: generationId(previous), sealed }),
  };
}

function writeLinkKey(
  groupId: Uint8Array,
  wrapper: Uint8Array,
  client: ClientUri,
  linkKey: Uint8Array,
): SlotWrite {
  return { ...linkKeySlot(client), value: sealLinkKey({ groupId, client, wrapper }, linkKey) };
}

/** E: the escrow of a client's link key. */
const escrowSlot = (client: ClientUri): SlotName => ({
  lifetime: 'client',
  name: escrowSlotName(client),
});

/** What a group says of escrow: its parties, or `undefined`. */
export function escrowOf({ groupId, component }: EscrowGroup): Escrow | undefined {
  const data = component(ESCROW);
  return data === undefined ? undefined : { groupId, parties: decodeEscrow(data) };
}

/** What is read of a group. */
export interface EscrowGroup {
  readonly groupId: Uint8Array;
  readonly component: (id: number) => Uint8Array | undefined;
}

export interface Escrow {
  readonly groupId: Uint8Array;
  readonly parties: readonly EscrowParty[];
}

/** L of a client, and E where the room has escrow. */
export function writeLink(
  group: EscrowGroup,
  wrapper: Uint8Array,
  client: ClientUri,
  linkKey: Uint8Array,
): SlotWrite[] {
  const { groupId } = group;
  const escrow = escrowOf(group);
  const slots = [writeLinkKey(groupId, wrapper, client, linkKey)];
  if (escrow !== undefined) {
    const value = escrowLinkKey(escrow.parties, { groupId, client }, linkKey);
    slots.push({ ...escrowSlot(client), value });
  }
  return slots;
}

/** Whether the escrow of a link key is left as it must be, in a room that has escrow. */
export function isEscrowed(
  slots: readonly (SlotWrite | Slot)[],
  escrow: Escrow | undefined,
  client: ClientUri,
  linkKey: Uint8Array,
): boolean {
  if (escrow === undefined) return true;
  const { groupId, parties } = escrow;
  const wanted = escrowLinkKey(parties, { groupId, client }, linkKey);
  return versionsOf(slots, escrowSlot(client)).some((version) => sameBytes(version, wanted));
}

/** All versions of a slot, whether they come from an event or from the hub. */
export function versionsOf(
  slots: readonly (SlotWrite | Slot)[],
  name: SlotName,
): readonly Uint8Array[] {
  return slots
    .filter((slot) => sameName(slot, name))
    .flatMap((slot) => ('versions' in slot ? slot.versions : [slot.value]));
}

/** Whether slots lead from a generation to the one before it. */
export function leadsBack(slots: readonly (SlotWrite | Slot)[], wrapper: Uint8Array): boolean {
  return versionsOf(slots, previousSlot(generationId(wrapper))).length > 0;
}

/** The first version that opens; `undefined` when none does: a hub keeps what members send, good or bad. */
function firstOf<Value>(
  versions: readonly Uint8Array[],
  open: (version: Uint8Array) => Value,
): Value | undefined {
  for (const version of versions) {
    try {
      return open(version);
    } catch (error) {
      if (!(error instanceof PrivacyError)) throw error;
    }
  }
  return undefined;
}

/** The wrapper key that some member has left for this epoch. */
export function readWrapper(
  slots: readonly (SlotWrite | Slot)[],
  epoch: EpochSlot,
): Uint8Array | undefined {
  return firstOf(versionsOf(slots, WRAPPER_SLOT), (version) => {
    const { generation, sealed } = decoding('GenerationSlot', () => decodeGeneration(version));
    return openForEpoch(epoch, generation, sealed);
  });
}

/** Wrapper keys of former generations, newest first, as far as members have left them. */
export function readFormerWrappers(
  slots: readonly (SlotWrite | Slot)[],
  groupId: Uint8Array,
  newest: Uint8Array,
): Uint8Array[] {
  const wrappers: Uint8Array[] = [];
  const seen = new Set<string>();
  for (let wrapper: Uint8Array | undefined = newest; wrapper !== undefined; ) {
    const from: Uint8Array = wrapper;
    const id = generationId(from);
    if (seen.has(hex(id))) break;
    seen.add(hex(id));
    wrapper = firstOf(versionsOf(slots, previousSlot(id)), (version) => {
      const { generation, sealed } = decoding('GenerationSlot', () => decodeGeneration(version));
      return openPrevious({ groupId, wrapper: from, generation }, sealed);
    });
    if (wrapper !== undefined) wrappers.push(wrapper);
  }
  return wrappers;
}

/** The link key of a client, under one of these wrapper keys. */
export function readLinkKey(
  slots: readonly (SlotWrite | Slot)[],
  groupId: Uint8Array,
  wrappers: readonly Uint8Array[],
  client: ClientUri,
  expectedHash: Uint8Array,
): Uint8Array | undefined {
  const versions = versionsOf(slots, linkKeySlot(client));
  for (const wrapper of wrappers) {
    const key = firstOf(versions, (version) =>
      openLinkKey({ groupId, client, wrapper }, expectedHash, version),
    );
    if (key !== undefined) return key;
  }
  return undefined;
}
