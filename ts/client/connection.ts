// How a device reaches its own provider: one call for each operation of the local client API.

/** The operations of the local client API. */
export type ClientOperation =
  | 'register'
  | 'uploadKeyPackages'
  | 'keyMaterial'
  | 'createRoom'
  | 'update'
  | 'submitMessage'
  | 'groupInfo'
  | 'roomSlots'
  | 'sync'
  | 'consent'
  | 'unsubscribe'
  | 'providerKeys'
  | 'uploadKeyPackageSets'
  | 'claimKeyPackages'
  | 'publishContact'
  | 'contact'
  | 'letter'
  | 'letters'
  | 'note'
  | 'declarePseudonym';

export interface CallOptions {
  /** Stops the call; it then throws `aborted` or `unknown`. */
  readonly signal?: AbortSignal | undefined;
}

/** A device's way to its provider. The bytes in both directions are the structs of ts/wire. */
export interface Connection {
  /**
   * Makes one request. `id` is the URI that the operation is about, where it has one.
   * Throws ClientError: `unauthorized`, `refused` (details.code, details.rule), `unavailable` (surely not
   * processed; details.retryAfterMs), `unknown` (sent, but no answer: the outcome is open).
   */
  call(
    operation: ClientOperation,
    id: string | undefined,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array>;
}
