// Who is in a group, by leaf, as the mode's credentials name them.

import type { CipherSuite, Member } from '../mls/index.ts';
import type { Participant, RosterEntry } from '../room/index.ts';
import type { Credentials } from './mode.ts';
import { hex, sameBytes } from './parts/structs.ts';

interface Known {
  readonly credential: Uint8Array;
  readonly names: Participant;
}

/**
 * Reads rosters; what a leaf says is remembered by its signature key, since reading a pseudonymous credential
 * verifies a signature and most leaves stay as they are from epoch to epoch.
 */
export class RosterReader {
  readonly #credentials: Credentials;
  #known = new Map<string, Known>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** The participants by leaf. Throws RoomError `badCredential`, PrivacyError. */
  read(members: readonly Member[], suite: CipherSuite): Map<number, RosterEntry> {
    const roster = new Map<number, RosterEntry>();
    const seen = new Map<string, Known>();
    for (const { leafIndex, credential, signatureKey } of members) {
      const key = hex(signatureKey);
      const before = this.#known.get(key);
      const names =
        before !== undefined && sameBytes(before.credential, credential.bytes)
          ? before.names
          : this.#credentials.participant({ credential, signatureKey }, suite);
      seen.set(key, { credential: credential.bytes, names });
      roster.set(leafIndex, { leafIndex, ...names });
    }
    this.#known = seen;
    return roster;
  }
}
