// MIMI message ids, computed over the bytes as received:
// draft-ietf-mimi-content-04, section 3.3 and draft-ietf-mimi-content-08, "Message ID".

import { core } from './instance.ts';
import type { CipherSuite } from './types.ts';

/** The first 32 bytes of the suite's hash over the MLSMessage. Throws MlsError `wrongSuite`. */
export function messageIdDraft04(suite: CipherSuite, mlsMessage: Uint8Array): Uint8Array {
  return core((glue) => glue.messageIdDraft04(suite, mlsMessage));
}

/**
 * The ids of n messages that lie in one buffer: message i is `buffer[offsets[i] .. offsets[i + 1]]`.
 * `offsets` has n + 1 rising entries; the answer is n times 32 bytes. Throws MlsError `invalidArgument`.
 */
export function messageIdsDraft04(
  suite: CipherSuite,
  buffer: Uint8Array,
  offsets: Uint32Array,
): Uint8Array {
  return core((glue) => glue.messageIdsDraft04(suite, buffer, offsets));
}

export interface MessageIdInput {
  /** From the authenticated context, not from the container. At most 65,535 UTF-8 octets each. */
  readonly senderUri: string;
  readonly roomUri: string;
  /** The content container, as received. */
  readonly container: Uint8Array;
  /** 16 bytes, the container's first item. */
  readonly salt: Uint8Array;
}

/** 0x01 and the first 31 bytes of SHA-256 over URIs, container and salt. Throws MlsError `invalidArgument`. */
export function messageIdDraft08(input: MessageIdInput): Uint8Array {
  return core((glue) =>
    glue.messageIdDraft08(input.senderUri, input.roomUri, input.container, input.salt),
  );
}
