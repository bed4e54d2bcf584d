// struct UpdateRequest and HandshakeBundle: draft-ietf-mimi-protocol-06, "Update Room State".
// UpdateRequest selects on `room.protocol`, a property of the room and not a field: no protocol octet
// is on the wire, and the request is its HandshakeBundle.

import type { Reader } from '../codec/reader.ts';
import { encoder, treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import { type HandshakeView, readMlsMessage, writeMlsMessage } from '../mls/mls_message.ts';
import { readWelcome } from '../mls/welcome.ts';
import {
  type GroupInfoOption,
  readGroupInfoOption,
  writeGroupInfoOption,
} from './group_info_option.ts';
import { handshakeKind, readProposals, writeProposals } from './handshake.ts';
import {
  type RatchetTreeOption,
  readRatchetTreeOption,
  writeRatchetTreeOption,
} from './ratchet_tree_option.ts';

/** A commit and what the hub needs to serve those who join by it. */
export interface CommitUpdate {
  readonly kind: 'commit';
  readonly message: HandshakeView;
  /** A Welcome, without the header of an MLSMessage. */
  readonly welcome?: Uint8Array | undefined;
  readonly groupInfo: GroupInfoOption;
  readonly ratchetTree: RatchetTreeOption;
}

/** One proposal or several. */
export interface ProposalUpdate {
  readonly kind: 'proposal';
  readonly message: HandshakeView;
  readonly moreProposals: readonly HandshakeView[];
}

/** `kind` is the content type of `message`. */
export type UpdateRequest = CommitUpdate | ProposalUpdate;

/** Besides malformed input, refuses a message that is neither proposal nor commit (`wrongContent`). */
export function readUpdateRequest(reader: Reader): UpdateRequest {
  const at = reader.offset;
  const message = reader.struct('proposalOrCommit', readMlsMessage);
  const kind = handshakeKind(message);
  if (kind === undefined) {
    const rule = 'An update carries a proposal or a commit.';
    throw reader.error('wrongContent', rule, 'proposalOrCommit', at);
  }
  const handshake = message as HandshakeView;
  if (kind === 'proposal') {
    return { kind, message: handshake, moreProposals: readProposals(reader, 'moreProposals') };
  }
  return {
    kind,
    message: handshake,
    welcome: reader.presence('welcome') ? reader.delimit('welcome', readWelcome) : undefined,
    groupInfo: reader.struct('groupInfoOption', readGroupInfoOption),
    ratchetTree: reader.struct('ratchetTreeOption', readRatchetTreeOption),
  };
}

export function writeUpdateRequest(writer: Writer, value: UpdateRequest): void {
  if (handshakeKind(value.message) !== value.kind) {
    throw new WireError('unencodable', `The message of this update must be a ${value.kind}.`);
  }
  writeMlsMessage(writer, value.message);
  if (value.kind === 'proposal') {
    writeProposals(writer, value.moreProposals, 'moreProposals');
    return;
  }
  writer.optional(value.welcome, (to, bytes) => to.embed(bytes, 'Welcome', readWelcome));
  writeGroupInfoOption(writer, value.groupInfo);
  writeRatchetTreeOption(writer, value.ratchetTree);
}

export const encodeUpdateRequest = encoder(writeUpdateRequest);
export const decodeUpdateRequest = treeDecoder(readUpdateRequest);
