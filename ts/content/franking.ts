// What a message says for its franking: salt, sender and room. draft-ietf-mimi-protocol-06, "Client creation and
// sending"; in draft04, which has no fields for them, they are extensions of ours.

import { decodeContent } from './container.ts';
import { extensionBytes, namedRoom, namedSender } from './extension_values.ts';
import { SALT_BYTES } from './limits.ts';
import type { MimiContent } from './model.ts';
import { ContentError } from './rules.ts';

/** The names of the extensions of a draft04 message; their values are byte strings. */
export const FrankingKeys = { salt: 'salt', sender: 'senderUri', room: 'roomUri' } as const;

export interface FrankingFields {
  /** 16 bytes, known to sender and receivers only. */
  readonly salt: Uint8Array;
  /** Whom the message names as its sender, a pseudonym where the room has such. */
  readonly sender: string;
  readonly room: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The fields of a message of either profile; `undefined` where it lacks one of them, or is no MIMI content. Nothing
 * shows that they are true.
 */
export function frankingFieldsOf(bytes: Uint8Array): FrankingFields | undefined {
  const content = decodeEither(bytes);
  if (content === undefined) return undefined;
  const { extensions } = content;
  const old = content.profile === 'draft04';
  const salt = old ? extensionBytes(extensions, FrankingKeys.salt) : content.salt;
  const sender = old
    ? textOf(extensionBytes(extensions, FrankingKeys.sender))
    : namedSender(extensions);
  const room = old ? textOf(extensionBytes(extensions, FrankingKeys.room)) : namedRoom(extensions);
  if (salt?.length !== SALT_BYTES || sender === undefined || room === undefined) return undefined;
  return { salt, sender, room };
}

function decodeEither(bytes: Uint8Array): MimiContent | undefined {
  for (const profile of ['draft08', 'draft04'] as const) {
    try {
      return decodeContent(bytes, { profile });
    } catch (error) {
      if (!(error instanceof ContentError) || error.kind !== 'payload') throw error;
    }
  }
  return undefined;
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
