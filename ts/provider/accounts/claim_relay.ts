// The way of a claim of key packages: from a device by its own provider and the hub of the room to the provider of the
// user. The hub takes the room out, so that the last one does not learn it, and sees whose user is wanted by domain.

import {
  asProviderUri,
  asRoomUri,
  domainOf,
  encodeSealedRequest,
  providerUri,
  type RoomUri,
  type SealedRequest,
} from '../../wire/index.ts';
import { askPeer, type PassedRefusals } from '../ask_peer.ts';
import { decodeBody } from '../body.ts';
import { ProviderError } from '../errors.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { SetClaims } from './set_claims.ts';

const PASSED: PassedRefusals = { 410: 'claimExpired', 422: 'claimUnreadable' };

/** Whether a domain takes part in a room of this hub, which then passes claims on for it. */
export type HubMayRelay = (room: RoomUri, domain: string) => Promise<boolean>;

/** The parts that a provider can play: that of the device, of the hub, of the user. */
export class ClaimRelay {
  readonly #context: HiddenAccountsContext;
  readonly #claims: SetClaims;
  readonly #hubMayRelay: HubMayRelay;

  constructor(context: HiddenAccountsContext, claims: SetClaims, hubMayRelay: HubMayRelay) {
    this.#context = context;
    this.#claims = claims;
    this.#hubMayRelay = hubMayRelay;
  }

  /** A local device claims. @throws ProviderError. */
  async forDevice(target: string, request: SealedRequest): Promise<Uint8Array> {
    const { domain } = this.#context;
    const to = domainOf(decodeBody(asProviderUri, target));
    const room = roomOf(request);
    this.#requireSize(request);
    if (room === undefined) return this.#toTarget(to, request.sealed);
    const hub = domainOf(room);
    if (hub === domain) return this.#asHub(room, domain, to, request.sealed);
    return this.#ask(hub, to, { roomUri: room, sealed: request.sealed });
  }

  /** Another provider claims: in a room here, or as the hub or the only one between. @throws ProviderError. */
  async forPeer(source: string, target: string, request: SealedRequest): Promise<Uint8Array> {
    const to = domainOf(decodeBody(asProviderUri, target));
    const room = roomOf(request);
    this.#requireSize(request);
    if (room !== undefined) {
      if (domainOf(room) !== this.#context.domain) throw new ProviderError('notHub');
      return this.#asHub(room, source, to, request.sealed);
    }
    // Only in a room is a claim passed on.
    if (to !== this.#context.domain) throw new ProviderError('notTarget');
    return this.#claims.answer(request.sealed);
  }

  async #asHub(room: RoomUri, by: string, to: string, sealed: Uint8Array): Promise<Uint8Array> {
    if (!(await this.#hubMayRelay(room, by))) throw new ProviderError('unknownRoom');
    return this.#toTarget(to, sealed);
  }

  #toTarget(to: string, sealed: Uint8Array): Promise<Uint8Array> {
    if (to === this.#context.domain) return this.#claims.answer(sealed);
    return this.#ask(to, to, { sealed });
  }

  #ask(domain: string, to: string, request: SealedRequest): Promise<Uint8Array> {
    const body = encodeSealedRequest(request);
    const id = providerUri(to);
    return askPeer(this.#context.peers, { domain, endpoint: 'claimKeyPackages', id, body }, PASSED);
  }

  #requireSize({ sealed }: SealedRequest): void {
    const limit = this.#context.limits.claimBytes;
    if (sealed.length > limit) {
      throw new ProviderError('tooLarge', undefined, { details: { limit, path: '/sealed' } });
    }
  }
}

function roomOf({ roomUri }: SealedRequest): RoomUri | undefined {
  return roomUri === undefined ? undefined : decodeBody(asRoomUri, roomUri);
}
