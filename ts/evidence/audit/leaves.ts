// Leaf nodes (RFC 9420, section 7.2) wherever they stand in bytes: in key packages, and in the paths of commits.

import { type LeafNodeView, Reader } from '../../wire/index.ts';
import { readLeafNode } from '../../wire/mls/leaf_node.ts';
import { attempt } from './frames.ts';

/** The cipher suite of all rooms of the audit. */
export const SUITE = 1;
/** A key of that suite with its length before it, of which a leaf has two at its beginning. */
const KEY_LENGTH = 32;
const SECOND_KEY_AT = 1 + KEY_LENGTH;

/** The leaf nodes in bytes. */
export function leavesIn(bytes: Uint8Array): LeafNodeView[] {
  const found: LeafNodeView[] = [];
  for (let at = 0; at + 2 * SECOND_KEY_AT < bytes.length; at++) {
    if (bytes[at] !== KEY_LENGTH || bytes[at + SECOND_KEY_AT] !== KEY_LENGTH) continue;
    const leaf = attempt(() => readLeafNode(new Reader(bytes.subarray(at))));
    if (leaf !== undefined) found.push(leaf);
  }
  return found;
}
