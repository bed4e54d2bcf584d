// Unlinked devices: queues that this provider serves without knowing whose they are. Each has a user and a client URI of
// its own, made at random, so that rooms, Welcomes, sets and `sync` work for it as for any device.

import { type ClientUri, clientUri, type UserUri, userUri } from '../../wire/index.ts';
import { toHex } from '../bytes.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';

/** Random bytes of a queue's name. */
const NAME_BYTES = 16;
const CLIENT = /\/d\/q-[0-9a-f]{32}$/;
const SET_OWNER = /\/u\/s-[0-9a-f]{32}$/;
/** Queues and owners of sets, and what stands for a pseudonym wherever one may be named. */
const RESERVED = /\/[ud]\/([qs]-)?[0-9a-f]{32}$/;

/** A new unlinked device of a provider. */
export function newUnlinkedDevice(
  domain: string,
  random: (length: number) => Uint8Array,
): DeviceIdentity {
  const name = `q-${toHex(random(NAME_BYTES))}`;
  return { user: userUri(domain, name), client: clientUri(domain, name) };
}

/** Whether a device is an unlinked one: nobody else has a name of this form. */
export function isUnlinked({ client }: { readonly client: ClientUri }): boolean {
  return CLIENT.test(client);
}

/** Whether a user or client URI has a form that no account may have: of queues, owners of sets, and pseudonyms. */
export function isReservedName(uri: string): boolean {
  return RESERVED.test(uri);
}

/**
 * In whose name the sets under a claim token stand that unlinked devices upload. All devices of one user come to the same,
 * and nobody sees whose they are, nor that the sets under two tokens are of one user.
 */
export function setOwner(domain: string, tokenHash: Uint8Array): UserUri {
  return userUri(domain, `s-${toHex(tokenHash.subarray(0, NAME_BYTES))}`);
}

/** Whether sets stand in the name of their token and not of a user. */
export function isSetOwner(user: UserUri): boolean {
  return SET_OWNER.test(user);
}
