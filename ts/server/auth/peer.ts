// Who a request between providers comes from: Host names us, From names the source
// (draft-ietf-mimi-protocol-06, "Transport layer"). Until mutual TLS stands, a shared secret proves the source.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ServerError } from '../errors.ts';
import { isLoopbackPeer } from '../loopback.ts';
import { bearerToken, secretsEqual } from './secrets.ts';

/** What of a request the check looks at. */
export interface PeerRequest {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
}

/** Answers the domain of the authenticated source provider; throws `unauthorized`, the same for every cause. */
export type PeerCheck = (request: PeerRequest) => string;

/**
 * Builds the check for provider `domain`; `secrets` maps a peer's domain to the secret shared with it.
 * A shared secret in clear text is only taken over loopback (from a peer or a TLS proxy on this machine).
 */
export function peerCheck(domain: string, secrets: ReadonlyMap<string, string>): PeerCheck {
  // An unknown source is compared too, against a secret nobody has, so that it takes as long as a known one.
  const nobody = randomBytes(32).toString('base64url');
  return ({ headers, remoteAddress }) => {
    const source = sourceDomain(headers.from);
    const expected = source === undefined ? undefined : secrets.get(source);
    const proven = secretsEqual(bearerToken(headers.authorization) ?? '', expected ?? nobody);
    const addressed = hostDomain(headers.host) === domain && isLoopbackPeer(remoteAddress);
    if (!proven || !addressed || source === undefined || expected === undefined) {
      throw new ServerError('unauthorized');
    }
    return source;
  };
}

/** The domain of `From: mimi@<domain>`; any other mailbox is no source. */
function sourceDomain(from: string | undefined): string | undefined {
  return /^mimi@([a-z0-9.-]+)$/.exec(from ?? '')?.[1];
}

/** The domain of a Host header; the port is ignored, as the draft says. */
function hostDomain(host: string | undefined): string | undefined {
  return /^([a-z0-9.-]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase();
}
