// Message ids over received bytes. draft-ietf-mimi-content-04, "Message ID and Accepted Timestamp": a hash of the
// ciphertext, which the hub has, too. draft-ietf-mimi-content-08, "Message ID": a hash of URIs and content.

import { MlsError, messageIdDraft08 } from '../mls/index.ts';
import { CborReader } from './cbor/reader.ts';
import { hasLoneSurrogate } from './cbor/text.ts';
import { SALT_BYTES } from './limits.ts';
import type { MessageId } from './model.ts';
import { ContentError } from './rules.ts';

export { messageIdDraft04, messageIdsDraft04 } from '../mls/index.ts';

/** What the id of a draft08 message is computed from. */
export interface MessageIdContext {
  /** Of the authenticated sender and of the room, not those that the message names. At most 65,535 octets each. */
  readonly sender: string;
  readonly room: string;
}

/**
 * The id of a draft08 message: 0x01 and the first 31 bytes of SHA-256. `container` are the bytes as received, whose
 * first item, the salt, is all that is looked at. Throws ContentError `invalidArgument` for a URI of more than 65,535
 * octets or with half a surrogate pair, and the faults of the salt.
 */
export function contentMessageId(
  container: Uint8Array,
  { sender, room }: MessageIdContext,
): MessageId {
  const reader = new CborReader(container);
  reader.fixedArray(7, '');
  const salt = reader.fixedBytes(SALT_BYTES, 0);
  if (hasLoneSurrogate(sender + room)) {
    throw new ContentError('invalidArgument', 'A URI holds half of a surrogate pair.');
  }
  try {
    return messageIdDraft08({ senderUri: sender, roomUri: room, container, salt });
  } catch (cause) {
    if (!(cause instanceof MlsError) || cause.code !== 'invalidArgument') throw cause;
    throw new ContentError('invalidArgument', cause.message, { cause });
  }
}
