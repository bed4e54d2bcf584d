// KeyPackage: RFC 9420, 10. Read only: the core makes and verifies them.

import type { Reader } from '../codec/reader.ts';
import { decoder } from '../codec/struct.ts';
import type { Credential } from './credential.ts';
import { delimitExtensions } from './extension.ts';
import { type LeafNodeView, type Lifetime, readLeafNode } from './leaf_node.ts';
import { readVersion } from './version.ts';

/** A key package, its syntax checked and nothing else. */
export interface KeyPackageView {
  /** The whole KeyPackage, without the header of an MLSMessage. */
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly suite: number;
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNodeView;
  /** Of the leaf. */
  readonly credential: Credential;
  /** Of the leaf. */
  readonly signatureKey: Uint8Array;
  /** Of the leaf. */
  readonly lifetime: Lifetime;
  /** For `decodeExtensions`. */
  readonly extensions: Uint8Array;
  readonly signature: Uint8Array;
}

/** Besides malformed input, refuses a leaf of another source than `key_package` (`wrongContent`). */
export function readKeyPackage(reader: Reader): KeyPackageView {
  const start = reader.offset;
  const version = readVersion(reader);
  const suite = reader.u16('cipherSuite');
  const initKey = reader.opaque('initKey');
  const leafAt = reader.offset;
  const leafNode = reader.struct('leafNode', readLeafNode);
  if (leafNode.source !== 'keyPackage') {
    const rule = `The leaf of a key package has source ${leafNode.source} (RFC 9420, 7.2).`;
    throw reader.error('wrongContent', rule, 'leafNode', leafAt);
  }
  const extensions = delimitExtensions(reader);
  const signature = reader.opaque('signature');
  const { credential, signatureKey, lifetime } = leafNode;
  return {
    bytes: reader.since(start),
    version,
    suite,
    initKey,
    leafNode,
    credential,
    signatureKey,
    lifetime,
    extensions,
    signature,
  };
}

export const decodeKeyPackage = decoder(readKeyPackage);
