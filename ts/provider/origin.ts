// Who an input comes from, and for whom it may speak.

import type { Mode } from '../privacy/index.ts';
import { type ClientUri, domainOf, type UserUri } from '../wire/index.ts';
import { ProviderError } from './errors.ts';
import type { DeviceIdentity } from './records/account_rows.ts';

/** An authenticated sender: a local device, or another provider for its users. */
export type Origin =
  | { readonly kind: 'device'; readonly device: DeviceIdentity }
  | { readonly kind: 'peer'; readonly domain: string };

/**
 * Checks that an origin may speak for a user, and for a client where one is named.
 * @throws ProviderError `wrongDevice`, `wrongPeer`.
 */
export function requireSpeaksFor(origin: Origin, user: UserUri, client?: ClientUri): void {
  if (speaksFor(origin, user, client)) return;
  throw new ProviderError(origin.kind === 'device' ? 'wrongDevice' : 'wrongPeer');
}

/** Whether an origin may speak for a user, and for a client where one is named. */
export function speaksFor(origin: Origin, user: UserUri, client?: ClientUri): boolean {
  if (origin.kind === 'peer') {
    return (
      domainOf(user) === origin.domain &&
      (client === undefined || domainOf(client) === origin.domain)
    );
  }
  return user === origin.device.user && (client === undefined || client === origin.device.client);
}

/**
 * Whether an origin may bring a handshake of a leaf: of the client that the leaf names, or, behind a pseudonym, of
 * its provider, since the leaf's own signature is all that tells its clients apart.
 */
export function mayBring(
  context: { readonly domain: string },
  origin: Origin,
  { credentials }: Mode,
  user: UserUri,
  client: ClientUri,
): boolean {
  if (!credentials.hidesIdentities) return speaksFor(origin, user, client);
  const domain = originDomain(context, origin);
  return domainOf(user) === domain && domainOf(client) === domain;
}

/** The provider that an origin belongs to. */
export function originDomain(context: { readonly domain: string }, origin: Origin): string {
  return origin.kind === 'peer' ? origin.domain : context.domain;
}
