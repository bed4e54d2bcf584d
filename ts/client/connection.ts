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
  | 'reportAbuse'
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
  | 'issueTokens'
  | 'openQueue'
  | 'leaveSet'
  | 'closeQueue'
  | 'declarePseudonym';

export interface CallOptions {
  /** Stops the call; it then throws `aborted` or `unknown`. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the request is about a room that hides identities, where neither the request nor what came before says it. */
  readonly hidden?: boolean | undefined;
}

/** What a connection offers whose provider must not learn which account a set of pseudonymous key packages is of. */
export interface UnlinkedSets {
  /** An `uploadKeyPackageSets` for one place of the stock, which the token hash of the body names. Throws as `call`. */
  upload(tokenHash: Uint8Array, body: Uint8Array): Promise<Uint8Array>;
  /** Takes this device's part out of what was uploaded under a token; nothing happens where there is none. */
  end(tokenHash: Uint8Array): Promise<void>;
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
  /** Where requests about rooms that hide identities go another way than those of the account: `unlinkedConnection`. */
  readonly unlinked?: UnlinkedSets | undefined;
}
