// By which URIs the id of a draft08 message is computed.
import {
  type Extensions,
  type MessageIdContext,
  namedRoom,
  namedSender,
} from '../../content/index.ts';

/** The authenticated URIs where they are given, else those that the message names; undefined where one is missing. */
export function idContext(
  extensions: Extensions,
  given: { readonly sender?: string | undefined; readonly room?: string | undefined } = {},
): MessageIdContext | undefined {
  const sender = given.sender ?? namedSender(extensions);
  const room = given.room ?? namedRoom(extensions);
  return sender === undefined || room === undefined ? undefined : { sender, room };
}
