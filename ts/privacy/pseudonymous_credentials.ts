// Credentials that name pseudonyms: whom they stand for, members find by the identity link.

import { PSEUDONYM_CREDENTIAL } from '../mls/index.ts';
import { RoomError } from '../room/index.ts';
import type { Credentials } from './mode.ts';
import { readPseudonymCredential } from './parts/pseudonym_credential.ts';

export const pseudonymousCredentials: Credentials = {
  type: PSEUDONYM_CREDENTIAL,
  hidesIdentities: true,
  keyPackageSets: 'pseudonymous',
  participant: ({ credential, signatureKey }, suite) => {
    if (credential.type !== PSEUDONYM_CREDENTIAL) {
      throw new RoomError('badCredential', undefined, { details: { found: credential.type } });
    }
    const { user, client } = readPseudonymCredential(credential.bytes, signatureKey, suite);
    return { user, client };
  },
};
