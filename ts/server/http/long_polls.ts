// How many event requests a device may hold open at once, and when one of them is to end.
import type { FastifyReply } from 'fastify';
import { ServerError } from '../errors.ts';

/** Counts the open event requests of each device. */
export class LongPolls {
  readonly #limit: number;
  readonly #open = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place for `client`; answers how to give it back. Throws `tooManyRequests`. */
  enter(client: string): () => void {
    const open = this.#open.get(client) ?? 0;
    if (open >= this.#limit) {
      throw new ServerError('tooManyRequests', undefined, { details: { retryAfterMs: 1000 } });
    }
    this.#open.set(client, open + 1);
    return () => {
      const left = (this.#open.get(client) ?? 1) - 1;
      if (left === 0) this.#open.delete(client);
      else this.#open.set(client, left);
    };
  }
}

/** A signal for one request: aborted when its caller has gone or the server closes. `release` unhooks it. */
export function endOfRequest(
  reply: FastifyReply,
  closing: AbortSignal,
): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  reply.raw.once('close', abort);
  closing.addEventListener('abort', abort, { once: true });
  if (closing.aborted) abort();
  return {
    signal: controller.signal,
    release: () => {
      reply.raw.off('close', abort);
      closing.removeEventListener('abort', abort);
    },
  };
}
