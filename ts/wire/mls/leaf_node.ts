// LeafNode and Lifetime: RFC 9420, 7.2. Read only: the core makes them.

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder } from '../codec/struct.ts';
import { readCapabilities } from './capabilities.ts';
import { type Credential, readCredential } from './credential.ts';
import { delimitExtensions } from './extension.ts';

/** LeafNodeSource (RFC 9420, 7.2). */
const leafNodeSource = enumTable({ keyPackage: 1, update: 2, commit: 3 });

/** Validity in seconds since the UNIX epoch. */
export interface Lifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}

interface LeafNodeFields {
  /** The whole LeafNode. */
  readonly bytes: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  /** For `decodeCapabilities`. */
  readonly capabilities: Uint8Array;
  /** For `decodeExtensions`. */
  readonly extensions: Uint8Array;
  readonly signature: Uint8Array;
}

/** A leaf node, its syntax checked and nothing else: the signature is the core's to verify. */
export type LeafNodeView = LeafNodeFields &
  (
    | { readonly source: 'keyPackage'; readonly lifetime: Lifetime }
    | { readonly source: 'update' }
    | { readonly source: 'commit'; readonly parentHash: Uint8Array }
  );

export function readLeafNode(reader: Reader): LeafNodeView {
  const start = reader.offset;
  const encryptionKey = reader.opaque('encryptionKey');
  const signatureKey = reader.opaque('signatureKey');
  const credential = reader.struct('credential', readCredential);
  const capabilities = reader.delimit('capabilities', readCapabilities);
  const origin = readOrigin(reader);
  const extensions = delimitExtensions(reader);
  const signature = reader.opaque('signature');
  const bytes = reader.since(start);
  return {
    bytes,
    encryptionKey,
    signatureKey,
    credential,
    capabilities,
    extensions,
    signature,
    ...origin,
  };
}

function readOrigin(reader: Reader) {
  const source = reader.enum8(leafNodeSource, 'leafNodeSource');
  switch (source) {
    case 'keyPackage':
      return {
        source,
        lifetime: { notBefore: reader.u64('notBefore'), notAfter: reader.u64('notAfter') },
      };
    case 'update':
      return { source };
    case 'commit':
      return { source, parentHash: reader.opaque('parentHash') };
  }
}

export const decodeLeafNode = decoder(readLeafNode);
