// What a newcomer by a join link says: to the hub, the token that names the slot with its state; to the members, in
// the authenticated data of its external commit, which link it is and that it holds the secret.
//   struct { opaque link_id<V>; opaque proof<V>; } LinkClaim;

import { findLink, type JoinLink } from '../room/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../wire/index.ts';
import { secretHash } from './parts/join_link.ts';
import { equalInConstantTime } from './parts/seal.ts';
import { decoding, KEY_BYTES, labelledHash } from './parts/structs.ts';

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

/** The claim in a commit's authenticated data; `undefined` when there is none. Throws PrivacyError `malformed`. */
export function readLinkClaim(authenticatedData: Uint8Array): LinkClaim | undefined {
  if (authenticatedData.length === 0) return undefined;
  return decoding('LinkClaim', () => decode(authenticatedData));
}

/** Whether a claim holds the link's secret itself, as in rooms where servers see everything anyway. */
export function showsSecret(links: readonly JoinLink[], { linkId, proof }: LinkClaim): boolean {
  const link = findLink(links, linkId);
  if (link === undefined || proof.length !== KEY_BYTES) return false;
  return equalInConstantTime(secretHash(proof), link.secretHash);
}

/** The slot's name for a link, 32 bytes; whoever can name it has the token. */
export function joinTokenSlot(token: Uint8Array): Uint8Array {
  return labelledHash('join link slot', (writer) => writer.opaque(token, 'token'));
}
