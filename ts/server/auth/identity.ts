// Who an authenticated device is: its user and its client, both of this provider's domain.

import { type DeviceIdentity, isReservedName } from '../../provider/index.ts';
import { type ClientUri, type MimiUriKind, parseMimiUri, type UserUri } from '../../wire/index.ts';

export type { DeviceIdentity } from '../../provider/index.ts';

/** The identity of two URIs, or undefined when one is not of its kind, not of `domain`, or of a form kept for queues. */
export function deviceIdentity(
  domain: string,
  user: string,
  client: string,
): DeviceIdentity | undefined {
  if (!isUri(user, 'user', domain) || !isUri(client, 'client', domain)) return undefined;
  if (isReservedName(user) || isReservedName(client)) return undefined;
  return { user: user as UserUri, client: client as ClientUri };
}

/** Whether `text` is a well-formed MIMI URI of `kind`, and of `domain` when one is given. */
export function isUri(
  text: string,
  kind: Exclude<MimiUriKind, 'group'>,
  domain?: string | undefined,
): boolean {
  try {
    const uri = parseMimiUri(text);
    return uri.kind === kind && (domain === undefined || uri.domain === domain);
  } catch {
    return false;
  }
}
