// The local client API over HTTP: POST /client/v1/{operation}[/{id}] with the device's bearer token.
// Uses only `fetch`, so that it runs in every runtime.

import type { CallOptions, ClientOperation, Connection } from './connection.ts';
import { ClientError } from './errors.ts';

export interface HttpConnectionOptions {
  /** Where the provider listens, for instance `https://chat.example`; a path before /client/v1 is kept. */
  readonly baseUrl: string | URL;
  /** The bearer token of the device or queue; without one, for what anybody may ask. */
  readonly token?: string | undefined;
  /** Instead of the runtime's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** After how many milliseconds without an answer a call is given up as `unknown`. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** The largest answer that is read, in bytes. Default 64 MiB. */
  readonly maxAnswerBytes?: number | undefined;
}

const MEDIA_TYPE = 'application/octet-stream';

/** Error codes of Node, Deno and Bun that say that no request was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
]);

/** A connection over HTTP. Throws ClientError `insecure` for plain HTTP to anywhere but loopback. */
export function httpConnection(options: HttpConnectionOptions): Connection {
  const base = new URL(options.baseUrl);
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && isLoopback(base.hostname))) {
    throw new ClientError('insecure', undefined, { details: { origin: base.origin } });
  }
  const root = `${base.origin}${base.pathname.replace(/\/+$/, '')}/client/v1`;
  const send = options.fetch ?? globalThis.fetch;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const maxAnswerBytes = options.maxAnswerBytes ?? 64 << 20;
  const headers: Record<string, string> = { 'content-type': MEDIA_TYPE };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;

  return {
    async call(
      operation: ClientOperation,
      id: string | undefined,
      body: Uint8Array,
      { signal }: CallOptions = {},
    ): Promise<Uint8Array> {
      const path = id === undefined ? operation : `${operation}/${encodeURIComponent(id)}`;
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const response = await send(`${root}/${path}`, {
          method: 'POST',
          headers,
          // Neither cookies nor a connection that shares them.
          credentials: 'omit',
          body: body as Uint8Array<ArrayBuffer>,
          redirect: 'error',
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        const answer = await readAtMost(response, maxAnswerBytes);
        if (response.ok) return answer;
        throw refusal(response, answer);
      } catch (error) {
        if (error instanceof ClientError) throw error;
        throw notAnswered(error);
      }
    },
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Reads the body; one that is longer than `limit` is not taken into memory. */
async function readAtMost(response: Response, limit: number): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new ClientError('badAnswer', `The provider’s answer exceeds ${limit} bytes.`);
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What a status other than 2xx means to a device. */
function refusal(response: Response, body: Uint8Array): ClientError {
  const { status } = response;
  const details = { status, ...reasonOf(body) };
  if (status === 401) return new ClientError('unauthorized', undefined, { details: { status } });
  if (status === 429 || status === 503) {
    const retryAfterMs = retryAfter(response.headers.get('retry-after'));
    return new ClientError('unavailable', undefined, { details: { ...details, retryAfterMs } });
  }
  // A 5xx of the provider or of a proxy before it does not say how far the request got.
  return new ClientError(status >= 500 ? 'unknown' : 'refused', undefined, { details });
}

/** The machine-readable part of the provider's error body, as far as it has one. */
function reasonOf(body: Uint8Array): { code?: string; rule?: string; layer?: string } {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    const error = (parsed as { error?: Record<string, unknown> } | null)?.error ?? {};
    const texts = (['code', 'rule', 'layer'] as const).flatMap((name) => {
      const value = error[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    return Object.fromEntries(texts);
  } catch {
    return {};
  }
}

/** Retry-After in seconds (RFC 9110, 10.2.3), as milliseconds; the form with a date is not used here. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

function notAnswered(error: unknown): ClientError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (typeof code === 'string' && NOT_SENT.has(code)) {
      return new ClientError('unavailable', undefined, { cause: error });
    }
  }
  return new ClientError('unknown', undefined, { cause: error });
}
