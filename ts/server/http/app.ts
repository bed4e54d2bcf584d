// The Fastify application: limits, errors and logging for all routes; each route family is a file of its own.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { ServerError } from '../errors.ts';
import { loggableError } from '../log.ts';
import { adminRoutes } from './admin_routes.ts';
import type { HttpContext } from './context.ts';
import { anonymousRoutes, deviceRoutes } from './device_routes.ts';
import { directoryRoute } from './directory_route.ts';
import { asExedraError, errorReply, retryAfterSeconds } from './error_reply.ts';
import { healthRoutes } from './health_routes.ts';
import { operatorRoutes } from './operator_routes.ts';
import { MAX_ID_LENGTH } from './path_id.ts';
import { peerRoutes } from './peer_routes.ts';

/** How often connections are checked against the request timeout, in milliseconds. */
const TIMEOUT_CHECK_MS = 1000;

/** How long an idle connection is kept, in milliseconds: longer than the pause between two long polls. */
const KEEP_ALIVE_MS = 65_000;

/** Builds the application; it does not listen yet. */
export function createApp(context: HttpContext): FastifyInstance {
  const { bounds, closing, log } = context;
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
    sendError(error, request, reply, context);
  const app = fastify({
    // Fastify's own request log would hold URLs, which name rooms and users.
    logger: false,
    bodyLimit: bounds.bodyBytes,
    requestTimeout: bounds.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_ID_LENGTH },
    http: {
      maxHeaderSize: bounds.headerBytes,
      headersTimeout: bounds.requestTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    clientErrorHandler: refuseConnection,
    frameworkErrors: refuse,
  });
  app.server.maxConnections = bounds.connections;
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    if (closing.aborted && !request.url.startsWith('/health/')) throw new ServerError('closing');
  });
  if (log.isLevelEnabled('debug')) {
    app.addHook('onResponse', async (request, reply) => {
      log.debug(
        {
          method: request.method,
          route: request.routeOptions.url ?? '(none)',
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime),
        },
        'request',
      );
    });
  }
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) => refuse(new ServerError('notFound'), request, reply));

  healthRoutes(app, context);
  directoryRoute(app, context);
  // A plugin is a scope: its content types and its authentication hold for its routes only.
  for (const routes of [peerRoutes, anonymousRoutes, deviceRoutes, adminRoutes, operatorRoutes]) {
    app.register(async (scope) => routes(scope, context));
  }
  return app;
}

function sendError(
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: HttpContext,
): FastifyReply {
  const error = asExedraError(cause);
  const { status, body, retryAfterMs } = errorReply(error);
  if (status >= 500 && error.code !== 'closing') {
    const route = request.routeOptions?.url;
    log.error({ code: error.code, route, err: loggableError(error) }, 'request failed');
  }
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (retryAfterMs !== undefined) reply.header('retry-after', retryAfterSeconds(retryAfterMs));
  return reply.code(status).type('application/json').send(body);
}

/** Bytes that are no HTTP request, or one that is too slow or has too much before its body. */
function refuseConnection(cause: Error & { code?: string }, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = errorReply(new ServerError(connectionCode(cause.code)));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function connectionCode(
  code: string | undefined,
): 'headersTooLarge' | 'requestTimeout' | 'badRequest' {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headersTooLarge';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'requestTimeout';
  return 'badRequest';
}
