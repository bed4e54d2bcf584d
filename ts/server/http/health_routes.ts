// Health for a supervisor: alive as long as the process answers, ready while it takes requests.
import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './context.ts';

/** `GET /health/live` and `GET /health/ready` -> {"status"}. */
export function healthRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    if (!context.closing.aborted && context.healthy()) return { status: 'ready' };
    reply.code(503);
    return { status: context.closing.aborted ? 'closing' : 'lost' };
  });
}
