// The endpoints between providers: those of draft-ietf-mimi-protocol-06, "MIMI Endpoints and Framing", and ours for
// accounts whose rooms hide identities.
import type { FastifyInstance } from 'fastify';
import type { PeerEndpoint } from '../../provider/index.ts';
import { acceptBinary, binaryBody, sendReply } from './binary_body.ts';
import type { HttpContext } from './context.ts';
import { pathId } from './path_id.ts';

/** Endpoint -> what its path parameter names. */
export const PEER_ENDPOINTS: Readonly<Record<PeerEndpoint, 'provider' | 'user' | 'room'>> = {
  keyMaterial: 'user',
  update: 'room',
  submitMessage: 'room',
  groupInfo: 'room',
  roomSlots: 'room',
  reportAbuse: 'room',
  notify: 'room',
  providerKeys: 'provider',
  claimKeyPackages: 'provider',
  contact: 'user',
  letter: 'user',
};

/** `POST /v1/<endpoint>/{id}`, for configured peers only. */
export function peerRoutes(app: FastifyInstance, context: HttpContext): void {
  acceptBinary(app);
  app.decorateRequest('source');
  app.addHook('onRequest', async (request) => {
    const { headers, socket } = request.raw;
    request.setDecorator(
      'source',
      context.checkPeer({ headers, remoteAddress: socket.remoteAddress }),
    );
  });
  for (const [endpoint, kind] of Object.entries(PEER_ENDPOINTS)) {
    app.post(`/v1/${endpoint}/:id`, async (request, reply) => {
      const answer = await context.provider.fromPeer(
        request.getDecorator<string>('source'),
        endpoint as PeerEndpoint,
        pathId(request, kind),
        binaryBody(request),
      );
      return sendReply(reply, answer);
    });
  }
}
