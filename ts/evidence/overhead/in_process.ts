// A device's way to a provider of the same process: no HTTP between them, but the meanings that HTTP gives to failures.

import { ClientError, type Connection } from '../../client/index.ts';
import { ExedraError } from '../../errors.ts';
import type { DeviceIdentity, DeviceOperation, Provider, Reply } from '../../provider/index.ts';

/** The connection of a device; `provider` gives the provider as it is at the time of a call. */
export function inProcessConnection(provider: () => Provider, device: DeviceIdentity): Connection {
  return {
    call: (operation, id, body, options = {}) =>
      answered(() =>
        provider().fromDevice(device, operation as DeviceOperation, id ?? '', body, options),
      ),
  };
}

/** The body of an answer. Throws ClientError with the meaning that HTTP gives to a failure. */
export async function answered(ask: () => Promise<Reply>): Promise<Uint8Array> {
  let reply: Reply;
  try {
    reply = await ask();
  } catch (error) {
    throw asClientError(error);
  }
  if (reply.status < 300) return reply.body;
  if (reply.status === 503) throw new ClientError('unavailable');
  throw new ClientError(reply.status >= 500 ? 'unknown' : 'refused', undefined, {
    details: { status: reply.status },
  });
}

function asClientError(error: unknown): unknown {
  if (!(error instanceof ExedraError) || error instanceof ClientError) return error;
  const details = { ...error.details, code: error.code };
  if (error.kind === 'payload' || error.kind === 'caller') {
    return new ClientError('refused', error.message, { cause: error, details });
  }
  const surely = ['peerUnavailable', 'storeUnavailable', 'closed'].includes(error.code);
  return new ClientError(surely ? 'unavailable' : 'unknown', error.message, {
    cause: error,
    details,
  });
}
