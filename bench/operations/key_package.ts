// Making a key package, signature and keys.

import {
  defaultCredentialTypes,
  encode,
  generateKeyPackageWithKey,
  getCiphersuiteImpl,
  keyPackageEncoder,
} from 'ts-mls';
import { createKeyPackage } from '../../ts/mls/index.ts';
import type { LoneOperation } from '../support/contest.ts';
import { identityOf, newParty } from '../support/pairs.ts';

export const keyPackage: LoneOperation = {
  name: 'key package',
  native: true,
  ours: () => {
    const { store, identity } = newParty('solo');
    return { run: () => createKeyPackage(store, identity) };
  },
  tsMls: async () => {
    const cipherSuite = await getCiphersuiteImpl('MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519');
    const credential = {
      credentialType: defaultCredentialTypes.basic,
      identity: identityOf('solo'),
    };
    const signatureKeyPair = await cipherSuite.signature.keygen();
    return {
      run: async () => {
        const { publicPackage } = await generateKeyPackageWithKey({
          credential,
          cipherSuite,
          signatureKeyPair,
        });
        encode(keyPackageEncoder, publicPackage);
      },
    };
  },
};
