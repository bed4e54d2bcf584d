// Which user pseudonym a room is created or joined by, where the provider of the device can see it.

import { HubGroup, MlsError } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { readPseudonymCredential } from '../../privacy/parts/pseudonym_credential.ts';
import { decodeMlsMessage, type HubPart, type UserUri, WireError } from '../../wire/index.ts';

/** By whom a room is created; `undefined` where its group does not read: the hub says why when it decides. */
export function creatorSeen({ groupInfo, ratchetTree }: HubPart): UserUri | undefined {
  return seen(() => {
    const group = HubGroup.track(groupInfo, ratchetTree);
    try {
      const [creator] = group.members();
      if (creator === undefined) return undefined;
      const { credential, signatureKey } = creator;
      return readPseudonymCredential(credential.bytes, signatureKey, group.suite).user;
    } finally {
      group[Symbol.dispose]();
    }
  });
}

/** Suites that differ in how they sign: Ed25519 and P-256. A commit does not say of which suite it is. */
const SIGNING_SUITES = [1, 2] as const;

/** By whom an external commit enters; `undefined` where it does not read. */
export function joinerSeen(handshake: Uint8Array): UserUri | undefined {
  const message = seen(() => decodeMlsMessage(handshake));
  if (message?.wireFormat !== 'publicMessage') return undefined;
  const { committer, committerKey } = message;
  if (committer === undefined || committerKey === undefined) return undefined;
  for (const suite of SIGNING_SUITES) {
    const found = seen(() => readPseudonymCredential(committer.bytes, committerKey, suite));
    if (found !== undefined) return found.user;
  }
  return undefined;
}

function seen<Found>(read: () => Found | undefined): Found | undefined {
  try {
    return read();
  } catch (error) {
    const ours =
      error instanceof MlsError || error instanceof PrivacyError || error instanceof WireError;
    if (ours && error.kind !== 'bug') return undefined;
    throw error;
  }
}
