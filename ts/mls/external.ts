// Proposals of an external sender (RFC 9420, section 12.1.8.1), which the group's ExternalSenders extension names.

import { maxU32, wholeNumber } from './arguments.ts';
import { core } from './instance.ts';
import type { CipherSuite } from './types.ts';

export interface ExternalRemoval {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** The sender's place in the ExternalSenders extension. */
  readonly senderIndex: number;
  /** Whom to remove. */
  readonly leafIndex: number;
}

/**
 * The MLSMessage of a Remove by an external sender, such as the hub, signed with its key of the group's suite.
 * Throws MlsError `wrongSuite`, `invalidArgument`.
 */
export function externalRemove(
  suite: CipherSuite,
  privateKey: Uint8Array,
  { groupId, epoch, senderIndex, leafIndex }: ExternalRemoval,
): Uint8Array {
  const sender = wholeNumber(senderIndex, maxU32, 'senderIndex');
  const leaf = wholeNumber(leafIndex, maxU32, 'leafIndex');
  return core((glue) => glue.externalRemove(suite, privateKey, groupId, epoch, sender, leaf));
}
