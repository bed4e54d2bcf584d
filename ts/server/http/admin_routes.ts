// The operator's endpoints: tokens for devices are made and revoked here.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RoomUri } from '../../wire/index.ts';
import { asClientUri } from '../../wire/index.ts';
import { deviceIdentity } from '../auth/identity.ts';
import { ServerError } from '../errors.ts';
import type { HttpContext } from './context.ts';
import { pathId } from './path_id.ts';

/** Largest JSON body, in bytes: two URIs. */
const MAX_JSON_BYTES = 4096;

const mintRequest = z.strictObject({ user: z.string(), client: z.string() });

/**
 * `POST /admin/v1/devices` -> 201 {"token"}, `DELETE /admin/v1/devices/{client}` -> 204,
 * `GET /admin/v1/rooms/{room}` -> what is held of a room (RoomInspection as JSON).
 */
export function adminRoutes(app: FastifyInstance, context: HttpContext): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const options = { parseAs: 'string', bodyLimit: MAX_JSON_BYTES } as const;
  app.addContentTypeParser('application/json', options, parseJson);
  app.addHook('onRequest', async (request) => {
    context.checkAdmin(request.headers.authorization);
  });
  app.post('/admin/v1/devices', { bodyLimit: MAX_JSON_BYTES }, async (request, reply) => {
    const { user, client } = requestedDevice(request.body, context.domain);
    return reply.code(201).send({ token: await context.provider.mintDevice(user, client) });
  });
  app.delete('/admin/v1/devices/:id', async (request, reply) => {
    await context.provider.revokeDevice(asClientUri(pathId(request, 'client')));
    return reply.code(204).send();
  });
  app.get('/admin/v1/rooms/:id', async (request, reply) => {
    const room = pathId(request, 'room') as RoomUri;
    return reply.send(await context.provider.inspect(room));
  });
}

function requestedDevice(body: unknown, domain: string) {
  const parsed = mintRequest.safeParse(body);
  if (!parsed.success) {
    throw new ServerError('badRequest', 'The body must be a JSON object {"user", "client"}.');
  }
  const identity = deviceIdentity(domain, parsed.data.user, parsed.data.client);
  if (identity === undefined) {
    throw new ServerError(
      'badUri',
      `The body must name a user URI and a client URI of the domain ${domain}.`,
    );
  }
  return identity;
}
