// What a newcomer by a join link says in the authenticated data of its external commit: which link it is, and that it
// holds its secret.
//   struct { opaque link_id<V>; opaque proof<V>; } LinkClaim;

import type { CipherSuite } from '../mls/index.ts';
import { findLink, type JoinLink } from '../room/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../wire/index.ts';
import { PrivacyError } from './errors.ts';
import { decodeLinkPublic, verifyJoinProof } from './parts/join_link.ts';
import { decoding } from './parts/structs.ts';

export interface LinkClaim {
  readonly linkId: Uint8Array;
  /** As `joinProof` makes it. */
  readonly proof: Uint8Array;
}

export const encodeLinkClaim = encoder((writer: Writer, value: LinkClaim) => {
  writer.opaque(value.linkId, 'linkId');
  writer.opaque(value.proof, 'proof');
});

const decode = decoder(
  (reader: Reader): LinkClaim => ({
    linkId: reader.opaque('linkId'),
    proof: reader.opaque('proof'),
  }),
);

/** The claim in a commit's own data; `undefined` when there is none. Throws PrivacyError `malformed`. */
function readLinkClaim(authenticatedData: Uint8Array): LinkClaim | undefined {
  if (authenticatedData.length === 0) return undefined;
  return decoding('LinkClaim', () => decode(authenticatedData));
}

/** The external commit of a newcomer, as far as its claim of a link is bound to it. */
export interface ClaimingCommit {
  readonly groupId: Uint8Array;
  /** In which it was sent. */
  readonly epoch: bigint;
  /** Behind the SafeAAD, where the room asks for one. */
  readonly authenticatedData: Uint8Array;
  readonly leafSignatureKey: Uint8Array;
}

/**
 * The link that a newcomer claims in its commit's authenticated data, and whether it has shown that it holds it: the hub
 * and all members find the same. Throws PrivacyError `malformed`.
 */
export function claimedLink(
  suite: CipherSuite,
  links: readonly JoinLink[],
  { groupId, epoch, authenticatedData, leafSignatureKey }: ClaimingCommit,
): { readonly id: Uint8Array; readonly proven: boolean } | undefined {
  const claim = readLinkClaim(authenticatedData);
  if (claim === undefined) return undefined;
  const { linkId, proof } = claim;
  const link = findLink(links, linkId);
  if (link === undefined) return { id: linkId, proven: false };
  try {
    const keys = decodeLinkPublic(link.publicPart);
    verifyJoinProof(suite, keys, { groupId, linkId, epoch, leafSignatureKey }, proof);
    return { id: linkId, proven: true };
  } catch (error) {
    if (error instanceof PrivacyError) return { id: linkId, proven: false };
    throw error;
  }
}
