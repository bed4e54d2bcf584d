// The id in a path: a whole MIMI URI, percent-encoded (draft-ietf-mimi-protocol-06, "MIMI Endpoints and Framing").
import type { FastifyRequest } from 'fastify';
import type { MimiUriKind } from '../../wire/index.ts';
import { isUri } from '../auth/identity.ts';
import { ServerError } from '../errors.ts';

/** Longest path parameter after decoding: `mimi://`, a domain, a kind and an id of 128, with room to spare. */
export const MAX_ID_LENGTH = 512;

/** The decoded id of the request, checked to be a URI of `kind`. Throws `badUri`. */
export function pathId(request: FastifyRequest, kind: Exclude<MimiUriKind, 'group'>): string {
  const { id } = request.params as { id: string };
  if (!isUri(id, kind)) {
    throw new ServerError(
      'badUri',
      `The id of the path is not a ${kind} URI. Send the whole URI, percent-encoded.`,
      { details: { path: 'id' } },
    );
  }
  return id;
}
