// struct GroupInfoOption: draft-ietf-mimi-protocol-06, "Update Room State".

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readGroupInfo } from '../mls/group_info.ts';
import {
  type PartialGroupInfo,
  readPartialGroupInfo,
  writePartialGroupInfo,
} from './partial_group_info.ts';

const representations = enumTable({ full: 1, partial: 2 });

/** The GroupInfo of the epoch that a commit begins. */
export type GroupInfoOption =
  | {
      readonly representation: 'full';
      /** A GroupInfo, without the header of an MLSMessage. */
      readonly groupInfo: Uint8Array;
    }
  | ({ readonly representation: 'partial' } & PartialGroupInfo);

export function readGroupInfoOption(reader: Reader): GroupInfoOption {
  const representation = reader.enum8(representations, 'representation');
  if (representation === 'full') {
    return { representation, groupInfo: reader.delimit('groupInfo', readGroupInfo) };
  }
  return { representation, ...reader.struct('partialGroupInfo', readPartialGroupInfo) };
}

export function writeGroupInfoOption(writer: Writer, value: GroupInfoOption): void {
  writer.enum8(representations, value.representation, 'representation');
  if (value.representation === 'full') writer.embed(value.groupInfo, 'GroupInfo', readGroupInfo);
  else writePartialGroupInfo(writer, value);
}

export const encodeGroupInfoOption = encoder(writeGroupInfoOption);
export const decodeGroupInfoOption = treeDecoder(readGroupInfoOption);
