// Who a leaf stands for in a room of mode `open`: the user and the client that its credential names.
// Section "Authentication" of draft-ietf-mimi-protocol-06 leaves the form open; ours is ClientIdentity.

import type { Credential, Member } from '../mls/index.ts';
import {
  type ClientUri,
  decodeClientIdentity,
  domainOf,
  type UserUri,
  WireError,
} from '../wire/index.ts';
import { RoomError } from './errors.ts';

/** RFC 9420 section 5.3: the registered credential type `basic`. */
const BASIC_CREDENTIAL = 1;

/** One client of one user. */
export interface Participant {
  readonly user: UserUri;
  readonly client: ClientUri;
}

/** A participant at its place in the tree. */
export interface RosterEntry extends Participant {
  readonly leafIndex: number;
}

/**
 * The user and client that a credential names.
 * @throws RoomError `badCredential` when it is of another type, does not decode, or joins two domains.
 */
export function participantOf(credential: Credential): Participant {
  if (credential.type !== BASIC_CREDENTIAL) {
    throw new RoomError('badCredential', undefined, { details: { found: credential.type } });
  }
  try {
    const identity = decodeClientIdentity(credential.bytes);
    if (domainOf(identity.userUri) !== domainOf(identity.clientUri)) {
      throw new RoomError('badCredential', 'The user and the client of a leaf are of two domains.');
    }
    return { user: identity.userUri, client: identity.clientUri };
  } catch (error) {
    if (error instanceof WireError)
      throw new RoomError('badCredential', undefined, { cause: error });
    throw error;
  }
}

/** The participants of a group by leaf. @throws RoomError `badCredential`. */
export function rosterOf(members: readonly Member[]): Map<number, RosterEntry> {
  const roster = new Map<number, RosterEntry>();
  for (const { leafIndex, credential } of members) {
    roster.set(leafIndex, { leafIndex, ...participantOf(credential) });
  }
  return roster;
}
