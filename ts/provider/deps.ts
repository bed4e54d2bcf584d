// What a provider is given by its surroundings: it has no hands of its own.

import type { Deployment } from './deployment.ts';
import type { BreakGlassConfig } from './enterprise/break_glass.ts';
import type { ProviderEvent } from './hub/context.ts';
import type { SomeLimits } from './limits.ts';
import type { PeerTransport } from './peers.ts';
import type { Store } from './store.ts';

/** What a provider is given by its surroundings. */
export interface ProviderDeps {
  /** The domain that this provider serves, such as `a.example`. */
  readonly domain: string;
  readonly store: Store;
  /** Milliseconds since the epoch of UNIX. */
  readonly clock: () => number;
  /** Cryptographically random bytes. */
  readonly random: (length: number) => Uint8Array;
  readonly peers: PeerTransport;
  readonly report: (event: ProviderEvent) => void;
  readonly limits?: SomeLimits | undefined;
  /** Whether this provider maps pseudonyms to its users; chosen before it serves anybody. Default `enterprise`. */
  readonly deployment?: Deployment | undefined;
  /** Who may order, in the enterprise deployment, that a pseudonym is opened; without it nobody may. */
  readonly breakGlass?: BreakGlassConfig | undefined;
  /** Into how many shards rooms are divided; fixed for the life of a store. Default 1. */
  readonly roomShards?: number | undefined;
  /** Names this process towards the store; may repeat only where nobody else can open it. Default: the domain. */
  readonly owner?: string | undefined;
  /** Calls back after `ms` milliseconds; returns how to cancel. Default: setTimeout. */
  readonly after?: ((ms: number, callback: () => void) => () => void) | undefined;
}
