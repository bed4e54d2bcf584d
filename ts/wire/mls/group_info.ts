// GroupContext: RFC 9420, 8.1. GroupInfo: RFC 9420, 12.4.3. Read only: the core makes and verifies them.

import type { Reader } from '../codec/reader.ts';
import { decoder, treeDecoder } from '../codec/struct.ts';
import { delimitExtensions } from './extension.ts';
import { readVersion } from './version.ts';

/** The list of 20,000 participants has about as many URIs: what a GroupContext may take, in bytes. */
export const MAX_CONTEXT_BYTES = 16 << 20;

/** The state of a group that all members share. */
export interface GroupContextView {
  /** The whole GroupContext. */
  readonly bytes: Uint8Array;
  readonly suite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  /** For `decodeExtensions`. */
  readonly extensions: Uint8Array;
}

/** A GroupInfo, its syntax checked and nothing else. */
export interface GroupInfoView {
  /** The whole GroupInfo, without the header of an MLSMessage. */
  readonly bytes: Uint8Array;
  readonly groupContext: GroupContextView;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly suite: number;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  /** The GroupInfo's own extensions (`external_pub`, …), for `decodeExtensions`. */
  readonly extensions: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** Leaf index of the signer. */
  readonly signer: number;
  readonly signature: Uint8Array;
}

export function readGroupContext(reader: Reader): GroupContextView {
  const start = reader.offset;
  readVersion(reader);
  const suite = reader.u16('cipherSuite');
  const groupId = reader.opaque('groupId');
  const epoch = reader.u64('epoch');
  const treeHash = reader.opaque('treeHash');
  const confirmedTranscriptHash = reader.opaque('confirmedTranscriptHash');
  const extensions = delimitExtensions(reader);
  const bytes = reader.since(start);
  return { bytes, suite, groupId, epoch, treeHash, confirmedTranscriptHash, extensions };
}

export function readGroupInfo(reader: Reader): GroupInfoView {
  const start = reader.offset;
  const groupContext = reader.struct('groupContext', readGroupContext);
  const extensions = delimitExtensions(reader);
  const confirmationTag = reader.opaque('confirmationTag');
  const signer = reader.u32('signer');
  const signature = reader.opaque('signature');
  const { groupId, epoch, suite, treeHash, confirmedTranscriptHash } = groupContext;
  return {
    bytes: reader.since(start),
    groupContext,
    groupId,
    epoch,
    suite,
    treeHash,
    confirmedTranscriptHash,
    extensions,
    confirmationTag,
    signer,
    signature,
  };
}

/** Reads a GroupInfo; it may embed a ratchet tree, so the larger limit holds. */
export const decodeGroupInfo = treeDecoder(readGroupInfo);

const decodeContext = decoder(readGroupContext);

/** Reads a GroupContext. Throws WireError. */
export const decodeGroupContext = (bytes: Uint8Array): GroupContextView =>
  decodeContext(bytes, { maxBytes: MAX_CONTEXT_BYTES });
