// Whether a client and its user are of one provider; draft-ietf-mimi-protocol-06, "MIMI URI examples".

import { domainOf, WireError } from '../../wire/index.ts';
import type { LeafIdentity } from './view.ts';

/** A verdict is wanted for every text: what is no MIMI URI has no domain. */
export function sameDomain({ user, client }: LeafIdentity): boolean {
  try {
    return domainOf(user) === domainOf(client);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}
