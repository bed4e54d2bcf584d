// The operator's endpoints: tokens for devices are made and revoked here, and mandates ordered.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { KeptReport, MandateChange } from '../../provider/index.ts';
import type { RoomUri, UserUri } from '../../wire/index.ts';
import { asClientUri } from '../../wire/index.ts';
import { deviceIdentity, isUri } from '../auth/identity.ts';
import { ServerError } from '../errors.ts';
import type { HttpContext } from './context.ts';
import { pathId } from './path_id.ts';

/** Largest JSON body, in bytes: two URIs. */
const MAX_JSON_BYTES = 4096;

/** The hash by which a report is kept. */
const REPORT_ID = /^[0-9a-f]{64}$/;

const mintRequest = z.strictObject({ user: z.string(), client: z.string() });

const userUri = z.custom<UserUri>((text) => typeof text === 'string' && isUri(text, 'user'));
/** The indices of a roles_list are u32. */
const roleIndex = z.int().min(0).max(0xffff_ffff);
const mandateRequest: z.ZodType<MandateChange> = z.union([
  z.strictObject({ ban: userUri }),
  z.strictObject({ unban: userUri }),
  z.strictObject({ remove: userUri }),
  z.strictObject({ role: z.strictObject({ user: userUri, role: roleIndex }) }),
  z.strictObject({ frankingKey: z.literal('current') }),
]);

/**
 * `POST /admin/v1/devices` -> 201 {"token"}, `DELETE /admin/v1/devices/{client}` -> 204,
 * `GET /admin/v1/rooms/{room}` -> what is held of a room (RoomInspection as JSON),
 * `POST /admin/v1/rooms/{room}/mandates` {"ban": user} | {"unban": user} | {"remove": user} |
 * {"role": {user, role}} | {"frankingKey": "current"} -> 201 {"sequence"},
 * `POST /admin/v1/franking-keys` -> 204, new keys for rooms to come; `GET /admin/v1/rooms/{room}/reports` -> the room's
 * reports of abuse as JSON, contents in base64; `DELETE /admin/v1/rooms/{room}/reports/{id}` -> 204, done with it.
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
  app.post('/admin/v1/franking-keys', async (_request, reply) => {
    await context.provider.rotateFrankingKeys();
    return reply.code(204).send();
  });
  app.get('/admin/v1/rooms/:id/reports', async (request, reply) => {
    const room = pathId(request, 'room') as RoomUri;
    const reports = await context.provider.reports(room);
    return reply.send(reports.map(shownReport));
  });
  app.delete('/admin/v1/rooms/:id/reports/:report', async (request, reply) => {
    const room = pathId(request, 'room') as RoomUri;
    const { report } = request.params as { report: string };
    if (!REPORT_ID.test(report))
      throw new ServerError('badRequest', 'A report is named by its id.');
    await context.provider.settleReport(room, report);
    return reply.code(204).send();
  });
  app.post(
    '/admin/v1/rooms/:id/mandates',
    { bodyLimit: MAX_JSON_BYTES },
    async (request, reply) => {
      const room = pathId(request, 'room') as RoomUri;
      const change = orderedChange(request.body);
      return reply.code(201).send(await context.provider.mandate(room, change));
    },
  );
}

/** A report as JSON has it. */
function shownReport({ messages, ...report }: KeptReport) {
  return {
    ...report,
    messages: messages.map(({ content, ...rest }) => ({
      ...rest,
      content: Buffer.from(content).toString('base64'),
    })),
  };
}

function orderedChange(body: unknown): MandateChange {
  const parsed = mandateRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ServerError(
    'badRequest',
    'The body must be {"ban": user}, {"unban": user}, {"remove": user} or {"role": {"user", "role"}} with a user URI, or {"frankingKey": "current"}.',
  );
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
