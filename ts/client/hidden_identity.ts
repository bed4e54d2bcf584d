// A leaf for a room whose members stand behind pseudonyms: a key of its own, a credential that names the pseudonym, and
// the identity link by which members find out who it is. Nothing in it is used in another room.

import { type CipherSuite, generateSignatureKeyPair, hash, Identity } from '../mls/index.ts';
import { makeCredential, pseudonymKey, type RealSigner } from '../privacy/index.ts';
import type { ClientUri, RoomUri, UserUri } from '../wire/index.ts';
import { utf8 } from './bytes.ts';
import type { DeviceState } from './state/device_state.ts';

/** A leaf as it is made. */
export interface HiddenLeaf {
  readonly identity: Identity;
  readonly user: UserUri;
  readonly client: ClientUri;
  /** Of the identity link. */
  readonly linkKey: Uint8Array;
}

/** The device as the one that signs for its user. */
export function realSigner({ identity }: DeviceState): RealSigner {
  const { credential, signatureKey } = identity;
  return { credential, signatureKey, sign: (label, content) => identity.sign(label, content) };
}

/** The index of the pseudonym by which this account enters a room by itself: the same on all of its devices. */
export function roomIndex(room: RoomUri): Uint8Array {
  return hash(1, utf8(`room ${room}`));
}

/** Makes a leaf of the account's pseudonym with this index. Throws ClientError `noAccountSecret`. */
export function makeHiddenLeaf(
  state: DeviceState,
  suite: CipherSuite,
  index: Uint8Array,
): HiddenLeaf {
  const { account } = state;
  const leafKeys = generateSignatureKeyPair(suite);
  const { credential, participant, linkKey } = makeCredential({
    suite,
    domain: account.domain,
    pseudonymKey: pseudonymKey(suite, account.secret, index),
    leafSignatureKey: leafKeys.publicKey,
    real: realSigner(state),
  });
  const identity = Identity.import(state.mls, suite, credential, leafKeys);
  leafKeys.privateKey.fill(0);
  const { user, client } = participant;
  return { identity, user, client, linkKey };
}

const WEEK = 7 * 24 * 3600;
/** OpenMLS takes at most 84 days. */
const WEEKS = 12;

/** A lifetime of whole weeks, so that it does not tell one leaf from another; `now` in milliseconds. */
export function roundedLifetime(now: number): { notBefore: number; notAfter: number } {
  const notBefore = Math.floor(now / 1000 / WEEK) * WEEK;
  return { notBefore, notAfter: notBefore + WEEKS * WEEK };
}
