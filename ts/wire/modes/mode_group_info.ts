// struct ModeGroupInfo: ours, the plaintext of a GroupInfoResponse in rooms of other modes than `open`: what the draft
// has there, and what members have announced of the epoch's key.
//   struct { opaque state<V>; opaque announcements<V><V>; } ModeGroupInfo;

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface ModeGroupInfo {
  /** A GroupInfoRatchetTreeTBE. */
  readonly state: Uint8Array;
  readonly announcements: readonly Uint8Array[];
}

export const encodeModeGroupInfo = encoder((writer: Writer, value: ModeGroupInfo) => {
  writer.opaque(value.state, 'state');
  writer.opaqueList(value.announcements, 'announcements');
});

export const decodeModeGroupInfo = treeDecoder(
  (reader: Reader): ModeGroupInfo => ({
    state: reader.opaque('state'),
    announcements: reader.opaqueList('announcements'),
  }),
);
