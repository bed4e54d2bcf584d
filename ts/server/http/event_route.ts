// `sync` as server-sent events (HTML standard, section 9.2): one event per answer, its id the cursor after it.
import { once } from 'node:events';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeviceIdentity, Reply } from '../../provider/index.ts';
import { decodeSyncResponse, encodeSyncRequest, type SyncResponse } from '../../wire/index.ts';
import { ServerError } from '../errors.ts';
import { loggableError } from '../log.ts';
import { sendReply } from './binary_body.ts';
import type { HttpContext } from './context.ts';
import { asExedraError, errorReply } from './error_reply.ts';
import { endOfRequest, type LongPolls } from './long_polls.ts';

/** Events asked of the provider at once; it may give fewer. */
const EVENTS_PER_ROUND = 256;

/** Longest cursor that is looked at, in base64url characters: some 200 rooms. With more, `sync` takes any. */
const MAX_CURSOR_LENGTH = 12_288;

/** `GET /client/v1/events?cursor=<base64url>`; a `Last-Event-ID` field takes the cursor's place. */
export function eventRoute(app: FastifyInstance, context: HttpContext, polls: LongPolls): void {
  app.get('/client/v1/events', async (request, reply) => {
    const device = request.getDecorator<DeviceIdentity>('device');
    const cursor = requestedCursor(request);
    const leave = polls.enter(device.client);
    const { signal, release } = endOfRequest(reply, context.closing);
    const poll = (from: Uint8Array, waitMs: number): Promise<Reply> =>
      context.provider.fromDevice(
        device,
        'sync',
        '',
        encodeSyncRequest({ cursor: from, waitMs, limit: EVENTS_PER_ROUND }),
        { signal },
      );
    try {
      // The first round comes before the status line, so that a bad cursor is an ordinary refusal.
      const first = await poll(cursor, 0);
      if (first.status !== 200) return sendReply(reply, first);
      const recheck = () => context.checkDevice(request.headers.authorization);
      await stream(reply, first, { poll, recheck, signal, context });
      return reply;
    } finally {
      release();
      leave();
    }
  });
}

interface Stream {
  readonly poll: (cursor: Uint8Array, waitMs: number) => Promise<Reply>;
  /** Throws when the token is no longer good. */
  readonly recheck: () => Promise<unknown>;
  readonly signal: AbortSignal;
  readonly context: HttpContext;
}

async function stream(reply: FastifyReply, first: Reply, options: Stream): Promise<void> {
  const { poll, recheck, signal, context } = options;
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  try {
    let answer = first;
    let written = false;
    while (!signal.aborted) {
      if (answer.status !== 200) throw new ServerError('dependencyUnavailable');
      const response = decodeSyncResponse(answer.body);
      const quiet = written && response.events.length === 0;
      await write(reply, quiet ? ': \n\n' : eventText(response, answer.body), signal);
      written = true;
      if (signal.aborted) break;
      answer = await poll(response.cursor, response.more ? 0 : context.bounds.heartbeatMs);
      await recheck();
    }
  } catch (cause) {
    if (!signal.aborted) await writeFailure(reply, cause, signal, context);
  } finally {
    reply.raw.end();
  }
}

/** The status line is gone already: the failure is told as an event, and the stream ends. */
async function writeFailure(
  reply: FastifyReply,
  cause: unknown,
  signal: AbortSignal,
  context: HttpContext,
): Promise<void> {
  const error = asExedraError(cause);
  if (error.kind === 'bug') context.log.error({ err: loggableError(error) }, 'event stream failed');
  await write(reply, `event: error\ndata: ${errorReply(error).body}\n\n`, signal);
}

/** Writes and waits until the socket has taken it, so that a slow reader does not fill our memory. */
async function write(reply: FastifyReply, text: string, signal: AbortSignal): Promise<void> {
  if (reply.raw.destroyed || reply.raw.write(text)) return;
  await once(reply.raw, 'drain', { signal }).catch(() => undefined);
}

function eventText(response: SyncResponse, bytes: Uint8Array): string {
  const id = Buffer.from(response.cursor).toString('base64url');
  return `id: ${id}\ndata: ${Buffer.from(bytes).toString('base64')}\n\n`;
}

function requestedCursor(request: FastifyRequest): Uint8Array {
  const query = (request.query as { cursor?: unknown }).cursor ?? '';
  const resumed = request.headers['last-event-id'];
  const text = resumed === undefined || resumed === '' ? query : resumed;
  if (
    typeof text !== 'string' ||
    text.length > MAX_CURSOR_LENGTH ||
    !/^[A-Za-z0-9_-]*$/.test(text)
  ) {
    throw new ServerError(
      'badRequest',
      'The cursor is not base64url. Send the id of the last event, or none.',
      {
        details: { path: 'cursor' },
      },
    );
  }
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
