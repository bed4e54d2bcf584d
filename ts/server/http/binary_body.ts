// Bodies of TLS structs: application/octet-stream in and out, never parsed here.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProviderError, type Reply } from '../../provider/index.ts';
import { retryAfterSeconds } from './error_reply.ts';

export const BINARY = 'application/octet-stream';

/** Lets the routes of `app` take binary bodies; any other content type gets 415. */
export function acceptBinary(app: FastifyInstance): void {
  app.addContentTypeParser(BINARY, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    // A plain view: `slice` of a Buffer does not copy, which the layers below count on.
    done(null, new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  });
}

/** The body of a request; empty when there was none, for the decoder to judge. */
export function binaryBody(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
}

/**
 * Sends what the provider answered. Where that is a hub's refusal of us, the device must not read it as a
 * refusal of its own token: throws ProviderError `peerRefused`.
 */
export function sendReply(reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.status === 401) {
    throw new ProviderError('peerRefused', undefined, { details: { status: answer.status } });
  }
  reply.code(answer.status);
  if (answer.retryAfterMs !== undefined) {
    reply.header('retry-after', retryAfterSeconds(answer.retryAfterMs));
  }
  if (answer.body.byteLength === 0) return reply.send();
  const { buffer, byteOffset, byteLength } = answer.body;
  // A refusal can only come from another provider, whose refusals are JSON like ours.
  reply.type(answer.status < 400 ? BINARY : 'application/json');
  return reply.send(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
}
