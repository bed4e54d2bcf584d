// struct HandshakePayload and HubPart: ours, what a ModeUpdate carries inside the form that its mode gives it.
//   struct { opaque handshake<V>; SlotWrite slots<V>; } HandshakePayload;
//   struct {
//     opaque context_hash<V>; opaque group_info<V>; opaque ratchet_tree<V>; opaque announcement<V>;
//     opaque next_write_key<V>; uint32 seen; SlotWrite slots<V>; opaque proof<V>;
//   } HubPart;

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readSlotWrite, type SlotWrite, writeSlotWrite } from './slot.ts';

/** A handshake and what its sender leaves at the hub with it, for hub and members. */
export interface HandshakePayload {
  /** An MLSMessage; empty where there are slots only. */
  readonly handshake: Uint8Array;
  readonly slots: readonly SlotWrite[];
}

/** What the hub alone gets; each field is empty where the mode or the update has none. */
export interface HubPart {
  /** SHA-256 of the GroupContext that the commit begins. */
  readonly contextHash: Uint8Array;
  /** A GroupInfo, without the header of an MLSMessage. */
  readonly groupInfo: Uint8Array;
  /** Of a new room only. */
  readonly ratchetTree: Uint8Array;
  /** The next epoch's public key, signed by the committer. */
  readonly announcement: Uint8Array;
  /** The next epoch's write key, under the present one. */
  readonly nextWriteKey: Uint8Array;
  /** Of a commit: how many proposals of the epoch its maker has seen, where the hub sees none of them itself. */
  readonly seen: number;
  /** Slots that followers are not shown. */
  readonly slots: readonly SlotWrite[];
  /** What shows a hub that follows the group whose update it is; over all of the update besides. */
  readonly proof: Uint8Array;
}

const NONE = new Uint8Array();

/** A part with what is given, and nothing else. */
export function hubPartOf(fields: Partial<HubPart>): HubPart {
  return {
    contextHash: NONE,
    groupInfo: NONE,
    ratchetTree: NONE,
    announcement: NONE,
    nextWriteKey: NONE,
    seen: 0,
    slots: [],
    proof: NONE,
    ...fields,
  };
}

export const encodeHandshakePayload = encoder((writer: Writer, value: HandshakePayload) => {
  writer.opaque(value.handshake, 'handshake');
  writer.list(value.slots, 'slots', writeSlotWrite);
});

export const decodeHandshakePayload = treeDecoder(
  (reader: Reader): HandshakePayload => ({
    handshake: reader.opaque('handshake'),
    slots: reader.list('slots', readSlotWrite),
  }),
);

export const encodeHubPart = encoder((writer: Writer, value: HubPart) => {
  writer.opaque(value.contextHash, 'contextHash');
  writer.opaque(value.groupInfo, 'groupInfo');
  writer.opaque(value.ratchetTree, 'ratchetTree');
  writer.opaque(value.announcement, 'announcement');
  writer.opaque(value.nextWriteKey, 'nextWriteKey');
  writer.u32(value.seen, 'seen');
  writer.list(value.slots, 'slots', writeSlotWrite);
  writer.opaque(value.proof, 'proof');
});

export const decodeHubPart = treeDecoder(
  (reader: Reader): HubPart => ({
    contextHash: reader.opaque('contextHash'),
    groupInfo: reader.opaque('groupInfo'),
    ratchetTree: reader.opaque('ratchetTree'),
    announcement: reader.opaque('announcement'),
    nextWriteKey: reader.opaque('nextWriteKey'),
    seen: reader.u32('seen'),
    slots: reader.list('slots', readSlotWrite),
    proof: reader.opaque('proof'),
  }),
);

/** Slots by themselves, where the handshake travels beside them. */
export const encodeSlotWrites = encoder((writer: Writer, slots: readonly SlotWrite[]) => {
  writer.list(slots, 'slots', writeSlotWrite);
});

export const decodeSlotWrites = treeDecoder((reader: Reader): SlotWrite[] =>
  reader.list('slots', readSlotWrite),
);
