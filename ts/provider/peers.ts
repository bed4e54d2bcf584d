// How a provider reaches other providers; the server gives it HTTP, a simulation gives it faults.

/** The operations between providers for accounts whose rooms hide identities: ours. */
export type AccountEndpoint = 'providerKeys' | 'claimKeyPackages' | 'contact' | 'letter';

/** The operations between providers: those of draft-ietf-mimi-protocol-06, and ours for accounts. */
export type PeerEndpoint =
  | 'keyMaterial'
  | 'update'
  | 'submitMessage'
  | 'groupInfo'
  | 'notify'
  | 'roomSlots'
  | 'reportAbuse'
  | AccountEndpoint;

export interface PeerReply {
  /** HTTP status. */
  readonly status: number;
  readonly body: Uint8Array;
  /** From Retry-After, where the answer has one. */
  readonly retryAfterMs?: number | undefined;
}

export interface PeerTransport {
  /** The domains that can be reached. */
  readonly domains: readonly string[];
  /**
   * Posts a request; `id` is the URI of the path, a user's or a room's.
   * @throws ProviderError `peerUnavailable` (surely not processed), `peerUnknown` (outcome not known).
   */
  post(target: string, endpoint: PeerEndpoint, id: string, body: Uint8Array): Promise<PeerReply>;
}
