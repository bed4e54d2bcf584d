// ContentType, Sender, PublicMessage and PrivateMessage: RFC 9420, 6, 6.2 and 6.3.

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { skipCommit } from './commit.ts';
import type { Credential } from './credential.ts';
import type { LeafNodeView } from './leaf_node.ts';
import { skipProposal } from './proposal.ts';

const contentTypes = enumTable({ application: 1, proposal: 2, commit: 3 });
const senderTypes = enumTable({ member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 });

/** ContentType (RFC 9420, 6). */
export type ContentType = NameOf<typeof contentTypes>;

/** Sender (RFC 9420, 6): `index` is the position in the `external_senders` extension. */
export type MlsSender =
  | { readonly type: 'member'; readonly leafIndex: number }
  | { readonly type: 'external'; readonly index: number }
  | { readonly type: 'newMemberProposal' }
  | { readonly type: 'newMemberCommit' };

/** What a PublicMessage says in the clear; signature and membership tag are the core's to verify. */
export interface PublicMessageFields {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: MlsSender;
  readonly authenticatedData: Uint8Array;
  readonly contentType: ContentType;
  /** ProposalType, when it is a proposal. */
  readonly proposalType: number | undefined;
  /** When it is a commit. */
  readonly confirmationTag: Uint8Array | undefined;
  /** Of the committer's new leaf, when it is a commit with a path: who a newcomer says it is. */
  readonly committer: Credential | undefined;
  /** The signature key of that leaf. */
  readonly committerKey: Uint8Array | undefined;
}

/** What a PrivateMessage says in the clear. */
export interface PrivateMessageFields {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  readonly authenticatedData: Uint8Array;
}

function readSender(reader: Reader): MlsSender {
  const type = reader.enum8(senderTypes, 'senderType');
  switch (type) {
    case 'member':
      return { type, leafIndex: reader.u32('leafIndex') };
    case 'external':
      return { type, index: reader.u32('senderIndex') };
    default:
      return { type };
  }
}

export function readPublicMessage(reader: Reader): PublicMessageFields {
  const groupId = reader.opaque('groupId');
  const epoch = reader.u64('epoch');
  const sender = reader.struct('sender', readSender);
  const authenticatedData = reader.opaque('authenticatedData');
  const contentType = reader.enum8(contentTypes, 'contentType');
  let proposalType: number | undefined;
  let leaf: LeafNodeView | undefined;
  if (contentType === 'application') reader.skipOpaque('applicationData');
  else if (contentType === 'proposal') proposalType = reader.struct('proposal', skipProposal);
  else leaf = reader.struct('commit', skipCommit);
  reader.skipOpaque('signature');
  const confirmationTag = contentType === 'commit' ? reader.opaque('confirmationTag') : undefined;
  if (sender.type === 'member') reader.skipOpaque('membershipTag');
  return {
    groupId,
    epoch,
    sender,
    authenticatedData,
    contentType,
    proposalType,
    confirmationTag,
    committer: leaf?.credential,
    committerKey: leaf?.signatureKey,
  };
}

export function readPrivateMessage(reader: Reader): PrivateMessageFields {
  const groupId = reader.opaque('groupId');
  const epoch = reader.u64('epoch');
  const contentType = reader.enum8(contentTypes, 'contentType');
  const authenticatedData = reader.opaque('authenticatedData');
  reader.skipOpaque('encryptedSenderData');
  reader.skipOpaque('ciphertext');
  return { groupId, epoch, contentType, authenticatedData };
}
