// What shows a hub that follows the group that slots without a handshake come from a member: a signature by its leaf.
//   struct { uint32 leaf_index; opaque signature<V>; } LeafProof;

import { type CipherSuite, type Member, verifyWithLabel } from '../mls/index.ts';
import { decoder, encoder, type Reader, WireError, type Writer } from '../wire/index.ts';
import { fullLabel, type Signer } from './parts/hpke.ts';

const LABEL = fullLabel('slots');

interface LeafProof {
  readonly leafIndex: number;
  readonly signature: Uint8Array;
}

const encode = encoder((writer: Writer, value: LeafProof) => {
  writer.u32(value.leafIndex, 'leafIndex');
  writer.opaque(value.signature, 'signature');
});

const decode = decoder(
  (reader: Reader): LeafProof => ({
    leafIndex: reader.u32('leafIndex'),
    signature: reader.opaque('signature'),
  }),
);

/** Signs the body of a ModeUpdate by the own leaf. */
export function leafProof(leafIndex: number, sign: Signer, body: Uint8Array): Uint8Array {
  return encode({ leafIndex, signature: sign(LABEL, body) });
}

/** The member that a body comes from; `undefined` when nothing shows that it is one. */
export function provenMember(
  members: readonly Member[],
  suite: CipherSuite,
  body: Uint8Array,
  proof: Uint8Array,
): Member | undefined {
  let read: LeafProof;
  try {
    read = decode(proof);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  const member = members.find(({ leafIndex }) => leafIndex === read.leafIndex);
  if (member === undefined) return undefined;
  const { signatureKey } = member;
  return verifyWithLabel(suite, signatureKey, LABEL, body, read.signature) ? member : undefined;
}
