// What shows a hub that follows the group whose update, or request, it gets: a signature by a leaf. Providers on the way
// can take nothing out of an update, and put nothing in.
//   struct { uint32 leaf_index; opaque signature<V>; } LeafProof;

import { type CipherSuite, type Member, verifyWithLabel } from '../mls/index.ts';
import {
  decoder,
  encodeHubPart,
  encodeModeUpdateBody,
  encoder,
  type HubPart,
  type ModeUpdate,
  type Reader,
  WireError,
  type Writer,
} from '../wire/index.ts';
import { fullLabel, type Signer } from './parts/hpke.ts';

/** Stands for the leaf of who joins by an update: it has none yet. */
export const NEWCOMER = 0xffff_ffff;

/** What is signed: each purpose its own. */
export type Proven = 'update proof' | 'slots request proof' | 'message proof' | 'report proof';

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

/** What the proof of an update is made over: all of it, the hub's part as it is before it is sealed. */
export function provenContent(
  update: Omit<ModeUpdate, 'hubPart' | 'proof'>,
  part: HubPart,
): Uint8Array {
  const hubPart = encodeHubPart({ ...part, proof: new Uint8Array() });
  return encodeModeUpdateBody({ ...update, hubPart });
}

/** Signs a content by the own leaf, or as NEWCOMER. */
export function leafProof(
  purpose: Proven,
  leafIndex: number,
  sign: Signer,
  content: Uint8Array,
): Uint8Array {
  return encode({ leafIndex, signature: sign(fullLabel(purpose), content) });
}

/** The leaf that has signed; `undefined` when the signature is none of these leaves'. */
export function provenLeaf<Leaf extends Pick<Member, 'leafIndex' | 'signatureKey'>>(
  purpose: Proven,
  leaves: readonly Leaf[],
  suite: CipherSuite,
  content: Uint8Array,
  proof: Uint8Array,
): Leaf | undefined {
  let read: LeafProof;
  try {
    read = decode(proof);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  const leaf = leaves.find(({ leafIndex }) => leafIndex === read.leafIndex);
  if (leaf === undefined) return undefined;
  const label = fullLabel(purpose);
  const holds = verifyWithLabel(suite, leaf.signatureKey, label, content, read.signature);
  return holds ? leaf : undefined;
}
