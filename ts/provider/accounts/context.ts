// What the operations for accounts whose rooms hide identities share: surroundings, keys, the way to other providers.

import type { Limits } from '../limits.ts';
import type { PeerTransport } from '../peers.ts';
import type { SigningKeys } from '../records/account_rows.ts';
import type { AccountsContext } from './devices.ts';
import type { FrankingKeyring } from './franking_keys.ts';

/** The accounts of one provider, and its way to other providers. */
export interface HiddenAccountsContext extends AccountsContext {
  readonly limits: Limits;
  /** Milliseconds since the epoch of UNIX. */
  readonly clock: () => number;
  readonly peers: PeerTransport;
  readonly keys: SigningKeys;
  readonly franking: FrankingKeyring;
  /** Whether this provider maps pseudonyms to its users. */
  readonly maps: boolean;
}
