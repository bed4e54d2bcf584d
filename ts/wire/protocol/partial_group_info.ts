// struct PartialGroupInfo: draft-mahy-mls-ratchet-tree-options, "Conveying the GroupInfo".

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Extension, readExtensions, writeExtensions } from '../mls/extension.ts';

const presences = enumTable({ noRatchetTree: 0, present: 1, removed: 2, added: 3 });

/** Whether the ratchet_tree extension stands in this GroupInfo and stood in the last. */
export type RatchetTreePresence = NameOf<typeof presences>;

/** Of a GroupInfo, what a hub that follows the group cannot make itself. */
export interface PartialGroupInfo {
  readonly ratchetTreePresence: RatchetTreePresence;
  /** The GroupInfo's extensions without ratchet_tree. */
  readonly extensions: readonly Extension[];
  /** The committer's signature over the whole GroupInfo. */
  readonly signature: Uint8Array;
}

export function readPartialGroupInfo(reader: Reader): PartialGroupInfo {
  return {
    ratchetTreePresence: reader.enum8(presences, 'ratchetTreePresence'),
    extensions: readExtensions(reader),
    signature: reader.opaque('signature'),
  };
}

export function writePartialGroupInfo(writer: Writer, value: PartialGroupInfo): void {
  writer.enum8(presences, value.ratchetTreePresence, 'ratchetTreePresence');
  writeExtensions(writer, value.extensions);
  writer.opaque(value.signature, 'signature');
}

export const encodePartialGroupInfo = encoder(writePartialGroupInfo);
export const decodePartialGroupInfo = decoder(readPartialGroupInfo);
