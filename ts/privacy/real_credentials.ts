// Credentials that name the real user and client, in the clear: ClientIdentity in a Basic credential.

import { participantOf } from '../room/index.ts';
import { BASIC_CREDENTIAL, type SetKind } from '../wire/index.ts';
import type { Credentials } from './mode.ts';

/** `sets`: how key packages are handed out; `undefined` by protocol-06's key material request. */
export function realCredentials(sets: SetKind | undefined): Credentials {
  return {
    type: BASIC_CREDENTIAL,
    hidesIdentities: false,
    keyPackageSets: sets,
    participant: ({ credential }) => participantOf(credential),
  };
}
