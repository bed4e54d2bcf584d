// How this provider calls others: HTTP/1.1 by undici with connections kept alive, one pool per peer.
// Host names the target, From the source (draft-ietf-mimi-protocol-06, "Transport layer").
import { type Dispatcher, Pool } from 'undici';
import {
  type PeerEndpoint,
  type PeerReply,
  type PeerTransport,
  ProviderError,
} from '../provider/index.ts';
import type { PeerConfig } from './config.ts';
import { BINARY } from './http/binary_body.ts';
import { parseRetryAfter } from './retry_after.ts';

export interface HttpPeerTransportOptions {
  /** Our own domain. */
  readonly source: string;
  readonly peers: readonly PeerConfig[];
  /** Until the whole answer must be there, waiting for a connection included; milliseconds. */
  readonly timeoutMs: number;
  /** Largest answer that is taken, in bytes. */
  readonly maxAnswerBytes: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Connections to one peer; more requests wait for one of them. */
const CONNECTIONS_PER_PEER = 16;

/** Until a connection must stand, in milliseconds. */
const CONNECT_TIMEOUT_MS = 3000;

/** How long an idle connection is kept, in milliseconds: shorter than the server side keeps it. */
const KEEP_ALIVE_MS = 30_000;

/** A peer transport over HTTP; `close` ends its connections, failing what is under way. */
export class HttpPeerTransport implements PeerTransport {
  readonly domains: readonly string[];
  readonly #options: HttpPeerTransportOptions;
  readonly #peers = new Map<string, { pool: Pool; secret: string }>();

  constructor(options: HttpPeerTransportOptions) {
    this.#options = options;
    this.domains = options.peers.map(({ domain }) => domain);
    for (const { domain, url, secret } of options.peers) {
      const pool = new Pool(url, {
        connections: CONNECTIONS_PER_PEER,
        pipelining: 1,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: options.timeoutMs,
        bodyTimeout: options.timeoutMs,
        connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs), servername: domain },
      });
      this.#peers.set(domain, { pool, secret });
    }
  }

  /**
   * Throws `unknownPeer` for a domain that is not configured, `peerUnavailable` when the request was surely
   * not processed, `peerUnknown` when it was sent and no whole answer came.
   */
  async post(
    target: string,
    endpoint: PeerEndpoint,
    id: string,
    body: Uint8Array,
  ): Promise<PeerReply> {
    const peer = this.#peers.get(target);
    if (peer === undefined) throw new ProviderError('unknownPeer');
    const exchange = new Exchange(this.#options);
    peer.pool.dispatch(
      {
        method: 'POST',
        path: `/v1/${endpoint}/${encodeURIComponent(id)}`,
        headers: {
          host: target,
          from: `mimi@${this.#options.source}`,
          authorization: `Bearer ${peer.secret}`,
          'content-type': BINARY,
        },
        body,
      },
      exchange,
    );
    return exchange.answer;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#peers.values()].map(({ pool }) => pool.destroy()));
  }
}

/**
 * One request and its answer. It notes the moment before the first byte is written: a failure until then
 * surely reached nobody, a failure later leaves the outcome open. The error's own code cannot tell the two
 * apart, because a socket may break on either side of that moment.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<PeerReply>;
  readonly #options: HttpPeerTransportOptions;
  readonly #timer: NodeJS.Timeout;
  #resolve!: (answer: PeerReply) => void;
  #reject!: (error: ProviderError) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #failed = false;
  #status = 0;
  #retryAfter: string | undefined;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(options: HttpPeerTransportOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#fail(new Error('timeout')), options.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while waiting for a connection: the answer said "not processed", so it must not go out now.
    if (this.#failed) controller.abort(new Error('timeout'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.byteLength;
    if (this.#length > this.#options.maxAnswerBytes) this.#fail(new Error('answer too large'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const body = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      body.set(chunk, offset);
      offset += chunk.byteLength;
    }
    const retryAfterMs = parseRetryAfter(this.#retryAfter, this.#options.clock());
    this.#resolve({
      status: this.#status,
      body,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(cause: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    clearTimeout(this.#timer);
    const sent = this.#controller !== undefined;
    this.#reject(new ProviderError(sent ? 'peerUnknown' : 'peerUnavailable', undefined, { cause }));
    this.#controller?.abort(cause);
  }
}
