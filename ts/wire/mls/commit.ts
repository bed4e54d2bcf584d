// Commit: RFC 9420, 12.4. UpdatePath: RFC 9420, 7.6.

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { skipHpkeCiphertext } from './hpke_ciphertext.ts';
import { type LeafNodeView, readLeafNode } from './leaf_node.ts';
import { skipProposal } from './proposal.ts';

const proposalOrRef = enumTable({ proposal: 1, reference: 2 });

function skipProposalOrRef(reader: Reader): void {
  if (reader.enum8(proposalOrRef, 'type') === 'proposal') reader.struct('proposal', skipProposal);
  else reader.skipOpaque('reference');
}

function skipUpdatePathNode(reader: Reader): void {
  reader.skipOpaque('encryptionKey');
  reader.skipList('encryptedPathSecret', skipHpkeCiphertext);
}

function readUpdatePath(reader: Reader): LeafNodeView {
  const leafNode = reader.struct('leafNode', readLeafNode);
  reader.skipList('nodes', skipUpdatePathNode);
  return leafNode;
}

/** Steps over a commit and gives the committer's new leaf, where it has a path. */
export function skipCommit(reader: Reader): LeafNodeView | undefined {
  reader.skipList('proposals', skipProposalOrRef);
  return reader.optional('path', readUpdatePath);
}
