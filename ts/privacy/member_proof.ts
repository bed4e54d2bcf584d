// What shows the hub that a member makes a request: its leaf's signature where the hub follows the group, the write key of
// the epoch where it does not.

import { refused } from './errors.ts';
import { leafProof, type Proven } from './leaf_proof.ts';
import type { Sender } from './member/compose.ts';
import { writeMac } from './parts/write_key.ts';

/** A kind of request: by what its signatures, and by what its MACs are told from others. */
export interface ProvenRequest {
  readonly purpose: Proven;
  readonly endpoint: string;
}

/** Proves that this member asks for this content. Throws PrivacyError `invalidArgument` without keys of the epoch. */
export function memberProof(
  { group, membership, identity }: Pick<Sender, 'group' | 'membership' | 'identity'>,
  { purpose, endpoint }: ProvenRequest,
  content: Uint8Array,
): Uint8Array {
  if (membership.mode.hub === 'verifies') {
    const sign = (label: string, signed: Uint8Array) => identity.sign(label, signed);
    return leafProof(purpose, group.ownLeafIndex, sign, content);
  }
  const { writeKey } = membership.current.keys ?? {};
  if (writeKey === undefined) throw refused('invalidArgument', 'no epoch keys');
  const { groupId, epoch } = group;
  return writeMac(writeKey, { endpoint, groupId, epoch, body: content });
}
