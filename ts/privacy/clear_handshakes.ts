// Handshakes as MLS makes them, which servers can read: a PublicMessage with the slots beside it.

import {
  decodeHandshakePayload,
  decodeHubPart,
  encodeHandshakePayload,
  encodeHubPart,
  WireError,
} from '../wire/index.ts';
import { PrivacyError } from './errors.ts';
import type { Handshakes, HubParts } from './mode.ts';

/** Decodes what a mode has opened or taken as it is. Throws PrivacyError `malformed`. */
export function decodeInner<Value>(decode: (bytes: Uint8Array) => Value, bytes: Uint8Array): Value {
  try {
    return decode(bytes);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new PrivacyError('malformed', undefined, { cause, details: { reason: cause.code } });
  }
}

const openClear = (bytes: Uint8Array) => decodeInner(decodeHandshakePayload, bytes);

export const clearHandshakes: Handshakes = {
  form: 'public',
  wrap: encodeHandshakePayload,
  openAsMember: openClear,
  openAsHub: openClear,
};

export const clearHubParts: HubParts = {
  seal: encodeHubPart,
  open: (bytes) => decodeInner(decodeHubPart, bytes),
};
