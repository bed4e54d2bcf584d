// Welcome: RFC 9420, 12.4.3.1. Read only: the core makes and opens them.

import type { Reader } from '../codec/reader.ts';
import { treeDecoder } from '../codec/struct.ts';
import { skipHpkeCiphertext } from './hpke_ciphertext.ts';

/** A Welcome: for whom it is, not what it says. */
export interface WelcomeView {
  /** The whole Welcome, without the header of an MLSMessage. */
  readonly bytes: Uint8Array;
  readonly suite: number;
  /** The KeyPackageRef of each new member. */
  readonly newMembers: Uint8Array[];
}

function readNewMember(reader: Reader): Uint8Array {
  const newMember = reader.opaque('newMember');
  reader.struct('encryptedGroupSecrets', skipHpkeCiphertext);
  return newMember;
}

export function readWelcome(reader: Reader): WelcomeView {
  const start = reader.offset;
  const suite = reader.u16('cipherSuite');
  const newMembers = reader.list('secrets', readNewMember);
  reader.skipOpaque('encryptedGroupInfo');
  return { bytes: reader.since(start), suite, newMembers };
}

/** Reads a Welcome; its encrypted GroupInfo may hold a ratchet tree, so the larger limit holds. */
export const decodeWelcome = treeDecoder(readWelcome);
