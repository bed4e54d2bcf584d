// A request to another provider whose answer has one form: everything else than it becomes an error.

import { WireError } from '../wire/index.ts';
import { ProviderError, type ProviderErrorCode } from './errors.ts';
import type { PeerEndpoint, PeerTransport } from './peers.ts';

/** A request to another provider. */
export interface PeerRequest {
  readonly domain: string;
  readonly endpoint: PeerEndpoint;
  /** The URI of the path. */
  readonly id: string;
  readonly body: Uint8Array;
}

/** Refusals of the other provider that are told as if they were ours, by their HTTP status. */
export type PassedRefusals = Readonly<Record<number, ProviderErrorCode>>;

/**
 * The body of the answer.
 * @throws ProviderError `unknownPeer`, `peerUnavailable`, `peerUnknown`, `peerRefused`, and those of `passed`.
 */
export async function askPeer(
  peers: PeerTransport,
  { domain, endpoint, id, body }: PeerRequest,
  passed: PassedRefusals = {},
): Promise<Uint8Array> {
  if (!peers.domains.includes(domain)) throw new ProviderError('unknownPeer');
  const reply = await peers.post(domain, endpoint, id, body);
  if (reply.status === 200) return reply.body;
  const { status, retryAfterMs } = reply;
  const details = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  throw new ProviderError(passed[status] ?? 'peerRefused', undefined, { details });
}

/** Decodes an answer. @throws ProviderError `peerRefused`: what does not decode is the fault of who gave it. */
export function decodeAnswer<Value>(
  decode: (bytes: Uint8Array) => Value,
  bytes: Uint8Array,
): Value {
  try {
    return decode(bytes);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new ProviderError('peerRefused', 'The answer does not decode.', { cause });
  }
}
