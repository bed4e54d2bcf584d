// The local client API: what a provider's own devices call, with their bearer token.
import type { FastifyInstance } from 'fastify';
import type { AnonymousOperation, DeviceIdentity, DeviceOperation } from '../../provider/index.ts';
import { acceptBinary, binaryBody, sendReply } from './binary_body.ts';
import type { HttpContext } from './context.ts';
import { eventRoute } from './event_route.ts';
import { endOfRequest, LongPolls } from './long_polls.ts';
import { pathId } from './path_id.ts';

/** Operation -> what its path parameter names, if it has one. `sync` has a route of its own. */
const OPERATIONS: Readonly<
  Record<
    Exclude<DeviceOperation, 'sync' | AnonymousOperation>,
    'provider' | 'user' | 'room' | undefined
  >
> = {
  register: undefined,
  uploadKeyPackages: undefined,
  keyMaterial: 'user',
  createRoom: 'room',
  update: 'room',
  submitMessage: 'room',
  groupInfo: 'room',
  roomSlots: 'room',
  reportAbuse: 'room',
  consent: 'user',
  unsubscribe: 'room',
  uploadKeyPackageSets: undefined,
  claimKeyPackages: 'provider',
  publishContact: undefined,
  contact: 'user',
  letter: 'user',
  letters: undefined,
  note: undefined,
  issueTokens: undefined,
  leaveSet: undefined,
  closeQueue: undefined,
  declarePseudonym: 'room',
};
/** The same of the operations that anybody may call, without saying who it is. */
const ANONYMOUS: Readonly<Record<AnonymousOperation, 'provider' | undefined>> = {
  providerKeys: 'provider',
  openQueue: undefined,
};

/** `POST /client/v1/<operation>[/{id}]` for anybody: an authorization field is neither needed nor looked at. */
export function anonymousRoutes(app: FastifyInstance, context: HttpContext): void {
  acceptBinary(app);
  for (const [operation, kind] of Object.entries(ANONYMOUS)) {
    app.post(pathOf(operation, kind), async (request, reply) => {
      const id = kind === undefined ? '' : pathId(request, kind);
      const body = binaryBody(request);
      return sendReply(
        reply,
        await context.provider.fromAnybody(operation as AnonymousOperation, id, body),
      );
    });
  }
}

function pathOf(operation: string, kind: string | undefined): string {
  return `/client/v1/${operation}${kind === undefined ? '' : '/:id'}`;
}

/** `POST /client/v1/<operation>[/{id}]`, `POST /client/v1/sync` and `GET /client/v1/events`. */
export function deviceRoutes(app: FastifyInstance, context: HttpContext): void {
  acceptBinary(app);
  app.decorateRequest('device');
  app.addHook('onRequest', async (request) => {
    request.setDecorator('device', await context.checkDevice(request.headers.authorization));
  });
  for (const [operation, kind] of Object.entries(OPERATIONS)) {
    app.post(pathOf(operation, kind), async (request, reply) => {
      const answer = await context.provider.fromDevice(
        request.getDecorator<DeviceIdentity>('device'),
        operation as DeviceOperation,
        kind === undefined ? '' : pathId(request, kind),
        binaryBody(request),
      );
      return sendReply(reply, answer);
    });
  }
  const polls = new LongPolls(context.bounds.longPollsPerDevice);
  syncRoute(app, context, polls);
  eventRoute(app, context, polls);
}

function syncRoute(app: FastifyInstance, context: HttpContext, polls: LongPolls): void {
  app.post('/client/v1/sync', async (request, reply) => {
    const device = request.getDecorator<DeviceIdentity>('device');
    const leave = polls.enter(device.client);
    const { signal, release } = endOfRequest(reply, context.closing);
    try {
      const body = binaryBody(request);
      return sendReply(
        reply,
        await context.provider.fromDevice(device, 'sync', '', body, { signal }),
      );
    } finally {
      release();
      leave();
    }
  });
}
