// The directory of endpoints (draft-ietf-mimi-protocol-06, "Directory"): public, says nothing but URLs.
import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './context.ts';
import { PEER_ENDPOINTS } from './peer_routes.ts';

/** The variable of a template, by what it names. */
const VARIABLES = { provider: 'targetProvider', user: 'targetUser', room: 'roomId' } as const;

/** `GET /.well-known/mimi-protocol-directory` -> {"<endpoint>": "<URL template>"}. */
export function directoryRoute(app: FastifyInstance, context: HttpContext): void {
  app.get('/.well-known/mimi-protocol-directory', async () =>
    Object.fromEntries(
      Object.entries(PEER_ENDPOINTS).map(([endpoint, kind]) => [
        endpoint,
        `${context.publicUrl()}/v1/${endpoint}/{${VARIABLES[kind]}}`,
      ]),
    ),
  );
}
