// Key material from a device to the target's provider and back, through the hub of the room.
// draft-ietf-mimi-protocol-06, "Fetch Key Material".

import { verifyWithLabel } from '../mls/index.ts';
import { participantOf } from '../room/index.ts';
import {
  asRoomUri,
  decodeKeyMaterialResponse,
  domainOf,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  type KeyMaterialRequest,
  type KeyMaterialResponse,
  type RoomUri,
  type UserUri,
} from '../wire/index.ts';
import type { Devices } from './accounts/devices.ts';
import type { KeyPackages } from './accounts/key_packages.ts';
import { askPeer, decodeAnswer } from './ask_peer.ts';
import { decodeBody } from './body.ts';
import { sameBytes } from './bytes.ts';
import { ProviderError } from './errors.ts';
import type { HubContext } from './hub/context.ts';
import { rememberRoutes, requireParticipant } from './hub/key_material.ts';
import { requireSpeaksFor } from './origin.ts';
import type { PeerTransport } from './peers.ts';
import type { DeviceIdentity } from './records/account_rows.ts';
import { SUITES } from './suites.ts';

/** The three parts a provider can play: the requester's, the hub's, the target's. */
export class KeyMaterial {
  readonly #context: HubContext;
  readonly #devices: Devices;
  readonly #keyPackages: KeyPackages;
  readonly #peers: PeerTransport;

  constructor(
    context: HubContext,
    accounts: { readonly devices: Devices; readonly keyPackages: KeyPackages },
    peers: PeerTransport,
  ) {
    this.#context = context;
    this.#devices = accounts.devices;
    this.#keyPackages = accounts.keyPackages;
    this.#peers = peers;
  }

  /** A local device asks: the request goes to the hub of the room. @throws ProviderError. */
  async forDevice(
    device: DeviceIdentity,
    target: UserUri,
    request: KeyMaterialRequest,
  ): Promise<KeyMaterialResponse> {
    const room = checkRequest(target, request);
    const { user, client } = participantOf(request.requesterCredential);
    requireSpeaksFor({ kind: 'device', device }, user, client);
    if (domainOf(room) === this.#context.domain) return this.#asHub(room, target, request);
    return this.#ask(domainOf(room), target, request);
  }

  /** Another provider asks: for its user's room here, or as the hub of the room. @throws ProviderError. */
  async forPeer(
    source: string,
    target: UserUri,
    request: KeyMaterialRequest,
  ): Promise<KeyMaterialResponse> {
    const room = checkRequest(target, request);
    const requester = request.requestingUser as UserUri;
    if (domainOf(room) === this.#context.domain) {
      requireSpeaksFor({ kind: 'peer', domain: source }, requester);
      return this.#asHub(room, target, request);
    }
    // To a target's provider only the hub speaks, for whoever asks in its room.
    if (domainOf(room) !== source) throw new ProviderError('wrongPeer');
    if (domainOf(target) !== this.#context.domain) throw new ProviderError('wrongPeer');
    if (domainOf(requester) === this.#context.domain) await this.#requireOwnDevice(request);
    return this.#keyPackages.claim(room, request);
  }

  /** A hub may say who asks in its room, but not that it is one of ours: their devices are known here by their keys. */
  async #requireOwnDevice(request: KeyMaterialRequest): Promise<void> {
    const { user, client } = participantOf(request.requesterCredential);
    const registered = await this.#devices.find(client);
    const own =
      registered?.user === user &&
      sameBytes(registered.signatureKey, request.requesterSignatureKey);
    if (!own) throw new ProviderError('wrongPeer');
  }

  async #asHub(
    room: RoomUri,
    target: UserUri,
    request: KeyMaterialRequest,
  ): Promise<KeyMaterialResponse> {
    await requireParticipant(this.#context, room, request.requestingUser as UserUri);
    const owner = domainOf(target);
    const response =
      owner === this.#context.domain
        ? await this.#keyPackages.claim(room, request)
        : await this.#ask(owner, target, request);
    await rememberRoutes(this.#context, room, owner, response);
    return response;
  }

  async #ask(
    domain: string,
    target: UserUri,
    request: KeyMaterialRequest,
  ): Promise<KeyMaterialResponse> {
    const body = encodeKeyMaterialRequest(request);
    const answer = await askPeer(this.#peers, {
      domain,
      endpoint: 'keyMaterial',
      id: target,
      body,
    });
    const response = decodeAnswer(decodeKeyMaterialResponse, answer);
    if (response.userUri !== target) {
      throw new ProviderError('peerRefused', 'The answer is for another user than was asked for.');
    }
    return response;
  }
}

/** Path and body agree, the request is signed by the key that it names, and it is for a room. */
function checkRequest(target: UserUri, request: KeyMaterialRequest): RoomUri {
  const refuse = (why: string, path: string) =>
    new ProviderError('badRequest', why, { details: { path } });
  if (request.targetUser !== target) {
    throw refuse('The target of the path is not that of the body.', '/targetUser');
  }
  if (request.roomId === undefined) {
    throw refuse('Key material is given for a room only.', '/roomId');
  }
  const suite = SUITES.find((known) => request.acceptableCipherSuites.includes(known));
  if (suite === undefined) {
    throw refuse('None of the cipher suites is supported here.', '/acceptableCiphersuites');
  }
  if (participantOf(request.requesterCredential).user !== request.requestingUser) {
    throw refuse('The credential is not that of the requesting user.', '/requesterCredential');
  }
  const signed = verifyWithLabel(
    suite,
    request.requesterSignatureKey,
    'KeyMaterialRequestTBS',
    encodeKeyMaterialRequestTBS(request),
    request.signature,
  );
  if (!signed) throw refuse('The signature of the request does not verify.', '/signature');
  return decodeBody(asRoomUri, request.roomId);
}
