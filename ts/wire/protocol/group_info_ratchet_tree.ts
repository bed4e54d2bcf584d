// struct GroupInfoRatchetTreeTBE and PendingProposal: draft-ietf-mimi-protocol-06, "Claim group key
// information". The plaintext of a GroupInfoResponse.

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import { readGroupInfo } from '../mls/group_info.ts';
import { type HandshakeView, readMlsMessage, writeMlsMessage } from '../mls/mls_message.ts';
import { handshakeKind } from './handshake.ts';
import {
  type RatchetTreeOption,
  readRatchetTreeOption,
  writeRatchetTreeOption,
} from './ratchet_tree_option.ts';

/** A proposal that the hub accepted in this epoch. */
export interface PendingProposal {
  readonly proposal: HandshakeView;
  /** Milliseconds since the UNIX epoch. */
  readonly hubAcceptedTime: bigint;
}

export interface GroupInfoRatchetTreeTBE {
  /** A GroupInfo without ratchet_tree, without the header of an MLSMessage. */
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: RatchetTreeOption;
  readonly pendingProposals: readonly PendingProposal[];
}

function readPendingProposal(reader: Reader): PendingProposal {
  const at = reader.offset;
  const proposal = reader.struct('proposal', readMlsMessage);
  if (handshakeKind(proposal) !== 'proposal') {
    throw reader.error('wrongContent', 'Only proposals may be listed here.', 'proposal', at);
  }
  const hubAcceptedTime = reader.u64('hubAcceptedTime');
  return { proposal: proposal as HandshakeView, hubAcceptedTime };
}

function writePendingProposal(writer: Writer, value: PendingProposal): void {
  if (handshakeKind(value.proposal) !== 'proposal') {
    throw new WireError('unencodable', 'pendingProposals may hold proposals only.');
  }
  writeMlsMessage(writer, value.proposal);
  writer.u64(value.hubAcceptedTime, 'hubAcceptedTime');
}

export function readGroupInfoRatchetTreeTBE(reader: Reader): GroupInfoRatchetTreeTBE {
  return {
    groupInfo: reader.delimit('groupInfo', readGroupInfo),
    ratchetTree: reader.struct('ratchetTreeOption', readRatchetTreeOption),
    pendingProposals: reader.list('pendingProposals', readPendingProposal),
  };
}

export function writeGroupInfoRatchetTreeTBE(writer: Writer, value: GroupInfoRatchetTreeTBE): void {
  writer.embed(value.groupInfo, 'GroupInfo', readGroupInfo);
  writeRatchetTreeOption(writer, value.ratchetTree);
  writer.list(value.pendingProposals, 'pendingProposals', writePendingProposal);
}

export const encodeGroupInfoRatchetTreeTBE = encoder(writeGroupInfoRatchetTreeTBE);
export const decodeGroupInfoRatchetTreeTBE = treeDecoder(readGroupInfoRatchetTreeTBE);
