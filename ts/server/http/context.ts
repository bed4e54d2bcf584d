// What every route family needs: the provider it serves, the checks, the bounds, and when to stop.
import type { Provider } from '../../provider/index.ts';
import type { DeviceCheck } from '../auth/device.ts';
import type { PeerCheck } from '../auth/peer.ts';
import type { Logger } from '../log.ts';

/** The part of the provider that HTTP uses. */
export type ServedProvider = Pick<
  Provider,
  | 'fromPeer'
  | 'fromDevice'
  | 'fromAnybody'
  | 'mintDevice'
  | 'authenticate'
  | 'revokeDevice'
  | 'inspect'
  | 'mandate'
  | 'reports'
  | 'settleReport'
  | 'rotateFrankingKeys'
  | 'enterprise'
  | 'bans'
  | 'escrowCase'
>;

/** Throws `unauthorized` unless the header carries the admin token. */
export type AdminCheck = (authorization: string | undefined) => void;

export interface HttpContext {
  readonly domain: string;
  /** Base URL that the directory names. */
  readonly publicUrl: () => string;
  readonly provider: ServedProvider;
  readonly checkDevice: DeviceCheck;
  readonly checkPeer: PeerCheck;
  readonly checkAdmin: AdminCheck;
  readonly bounds: HttpBounds;
  readonly log: Logger;
  /** Whether the provider can take requests: false once it has lost its data to another process. */
  readonly healthy: () => boolean;
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
}

/** Sizes in bytes, times in milliseconds. */
export interface HttpBounds {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly requestTimeoutMs: number;
  readonly longPollsPerDevice: number;
  readonly connections: number;
  /** Pause after which a silent event stream shows that it lives. */
  readonly heartbeatMs: number;
}
