// What a provider answers: an HTTP status and a body.

/** An answer: an HTTP status and a body, empty where the operation has none. */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfterMs?: number | undefined;
}

/** An answer with a body, empty where the operation has none. */
export function ok(body: Uint8Array): Reply {
  return { status: 200, body };
}
