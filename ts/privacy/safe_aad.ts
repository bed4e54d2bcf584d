// The authenticated data of messages: where the room says so, it begins with a SafeAAD (draft-ietf-mls-extensions, "Safe
// Additional Authenticated Data (AAD)"), which the core writes and asks for. What is ours stands behind it.

import { FRANK_AAD, SAFE_AAD } from '../room/index.ts';
import { decodeSafeAad, encodeSafeAad, readSafeAad } from '../wire/index.ts';
import { decoding, KEY_BYTES } from './parts/structs.ts';

/** A group, as far as its components can be read. */
interface WithComponents {
  component(id: number): Uint8Array | undefined;
}

/** The data of a message with this tag, 32 bytes. */
export const frankedAad = (tag: Uint8Array): Uint8Array =>
  encodeSafeAad([{ id: FRANK_AAD, data: tag }]);

/** What stands behind the SafeAAD of a handshake; all of it where the room asks for none. Throws PrivacyError `malformed`. */
export function behindSafeAad(group: WithComponents, authenticatedData: Uint8Array): Uint8Array {
  if (group.component(SAFE_AAD) === undefined) return authenticatedData;
  return decoding('SafeAAD', () => readSafeAad(authenticatedData).rest);
}

/** The franking tag in a message's authenticated data; `undefined` where there is none. Throws PrivacyError `malformed`. */
export function frankingTagIn(authenticatedData: Uint8Array): Uint8Array | undefined {
  const items = decoding('SafeAAD', () => decodeSafeAad(authenticatedData));
  const tag = items.find(({ id }) => id === FRANK_AAD)?.data;
  return tag?.length === KEY_BYTES ? tag : undefined;
}
