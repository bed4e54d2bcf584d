// Users, keys and groups for the tests of the parts: real ones.

import {
  type CipherSuite,
  Group,
  generateSignatureKeyPair,
  type KeyPair,
} from '../../../../ts/mls/index.ts';
import { signerOf } from '../../../../ts/privacy/parts/hpke.ts';
import type { RealSigner } from '../../../../ts/privacy/parts/identity_link.ts';
import { pseudonymKey } from '../../../../ts/privacy/parts/pseudonym.ts';
import {
  type MadeCredential,
  makeCredential,
} from '../../../../ts/privacy/parts/pseudonym_credential.ts';
import { randomSecret } from '../../../../ts/privacy/parts/seal.ts';
import {
  clientUri,
  encodeClientIdentity,
  type UserUri,
  userUri,
} from '../../../../ts/wire/index.ts';
import { bytes, device, members } from '../../mls/devices.ts';

export const suites: readonly CipherSuite[] = [1, 2, 3];
export const groupId: Uint8Array = bytes('mimi://a.example/g/club');
export const otherGroupId: Uint8Array = bytes('mimi://a.example/g/other');
export { bytes };

export interface Person extends RealSigner {
  readonly user: UserUri;
  readonly keys: KeyPair;
}

/** A device of a user of a.example, with its own signature key. */
export function person(name: string, suite: CipherSuite = 1, domain = 'a.example'): Person {
  const keys = generateSignatureKeyPair(suite);
  const user = userUri(domain, name);
  const identity = { userUri: user, clientUri: clientUri(domain, `${name}-phone`) };
  return {
    user,
    keys,
    credential: { type: 1, bytes: encodeClientIdentity(identity) },
    signatureKey: keys.publicKey,
    sign: signerOf(suite, keys.privateKey),
  };
}

export interface Pseudonymous extends MadeCredential {
  readonly suite: CipherSuite;
  readonly real: Person;
  /** U. */
  readonly pseudonymKey: KeyPair;
  readonly leafSignatureKey: Uint8Array;
}

/** A credential of `name` with everything that belongs to it. */
export function pseudonymous(name: string, suite: CipherSuite = 1): Pseudonymous {
  const real = person(name, suite);
  const keys = pseudonymKey(suite, randomSecret(), bytes('first'));
  const leafSignatureKey = generateSignatureKeyPair(suite).publicKey;
  const domain = 'a.example';
  const input = { suite, domain, pseudonymKey: keys, leafSignatureKey, real };
  return { ...makeCredential(input), suite, real, pseudonymKey: keys, leafSignatureKey };
}

/** Handshakes of one group in one epoch, as its members and an outsider make them. */
export interface GroupMessages {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly commit: Uint8Array;
  readonly proposal: Uint8Array;
  readonly externalCommit: Uint8Array;
  readonly application: Uint8Array;
  /** The GroupInfo of the epoch. */
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array;
}

export function groupMessages(suite: CipherSuite = 1): GroupMessages {
  const [alice, bob] = members(suite, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error('two members');
  const { group } = alice;
  const { epoch } = group;
  const ratchetTree = group.ratchetTree();
  const groupInfo = group.groupInfo();
  const application = group.encrypt(bytes('hello'));
  const carol = device(suite, 'carol');
  const join = Group.joinExternally(carol.store, carol.identity, groupInfo, ratchetTree);
  const proposal = bob.group.propose({ update: true });
  const { commit } = group.commit({ update: true });
  return {
    groupId: group.groupId,
    epoch,
    commit,
    proposal,
    externalCommit: join.commit,
    application,
    groupInfo,
    ratchetTree,
  };
}
