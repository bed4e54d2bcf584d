// Who a real credential names: the user and client of the ClientIdentity in a `basic` credential (RFC 9420, 5.3).

import {
  BASIC_CREDENTIAL,
  type ClientUri,
  type Credential,
  decodeClientIdentity,
  type UserUri,
  WireError,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';

/**
 * A user's client and its signature key, as a statement signed by that key says. That the key is the user's is for
 * the reader to find out: from the user's provider, or from what it knows of the contact.
 */
export interface RealIdentity {
  readonly user: UserUri;
  readonly client: ClientUri;
  readonly signatureKey: Uint8Array;
}

/** Throws PrivacyError `badRealCredential` (rule: type, content). */
export function realIdentity(credential: Credential, signatureKey: Uint8Array): RealIdentity {
  if (credential.type !== BASIC_CREDENTIAL) throw refused('badRealCredential', 'type');
  try {
    const { userUri, clientUri } = decodeClientIdentity(credential.bytes);
    return { user: userUri, client: clientUri, signatureKey };
  } catch (error) {
    // Without the cause: its message would carry the real name into a log.
    if (error instanceof WireError) throw refused('badRealCredential', 'content');
    throw error;
  }
}
