// A follower brings its devices' requests to the hub of a room. The hub knows the follower only, so that the
// follower vouches for the device: what names a user or client must name the one that sends it. What names pseudonyms,
// or nobody, is checked by the hub against the follower's domain.

import { hash } from '../../mls/index.ts';
import {
  isUserPseudonym,
  modeNamed,
  modeNames,
  readSubmission,
  type Submission,
} from '../../privacy/index.ts';
import { participantOf } from '../../room/index.ts';
import {
  asUserUri,
  BASIC_CREDENTIAL,
  decodeAbuseReport,
  decodeGroupInfoRequest,
  decodeHandshakePayload,
  decodeModeMessage,
  decodeSubmitMessageRequest,
  decodeUpdateRoomResponse,
  domainOf,
  isModeMessage,
  isModeReport,
  parseMimiUri,
  type RoomUri,
  type UserUri,
  WireError,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import type { PseudonymMap } from '../enterprise/pseudonym_map.ts';
import { joinerSeen } from '../enterprise/seen_pseudonyms.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, requireSpeaksFor } from '../origin.ts';
import type { PeerEndpoint, PeerReply, PeerTransport } from '../peers.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import type { Inboxes } from './inbox.ts';

/** The way of local devices to the hubs of other domains. Each throws ProviderError `unknownPeer`, `peer…`. */
export class Forward {
  readonly #domain: string;
  readonly #peers: PeerTransport;
  readonly #inboxes: Inboxes;
  readonly #map: PseudonymMap | undefined;

  constructor(
    domain: string,
    peers: PeerTransport,
    inboxes: Inboxes,
    map: PseudonymMap | undefined,
  ) {
    this.#domain = domain;
    this.#peers = peers;
    this.#inboxes = inboxes;
    this.#map = map;
  }

  /** @throws ProviderError `wrongDevice`. */
  async submitMessage(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const { sendingUri } = isModeMessage(body)
      ? decodeBody(decodeModeMessage, body).request
      : decodeBody(decodeSubmitMessageRequest, body);
    this.#requireSender(device, sendingUri);
    return this.#post(room, 'submitMessage', body);
  }

  /** A real user must be the device's; a pseudonym, of which this provider need not know whose it is, one of ours. */
  #requireSender(device: DeviceIdentity, sendingUri: string): void {
    const { kind, domain } = decodeBody(parseMimiUri, sendingUri);
    if (domain !== this.#domain) throw new ProviderError('wrongDevice');
    if (kind === 'provider') return;
    const user = decodeBody(asUserUri, sendingUri);
    if (!isUserPseudonym(user)) requireSpeaksFor(originOf(device), user);
  }

  /** @throws ProviderError `wrongDevice`; RoomError `badCredential`. */
  async groupInfo(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const { requestingCredential } = decodeBody(decodeGroupInfoRequest, body);
    if (requestingCredential.type === BASIC_CREDENTIAL) {
      const { user, client } = participantOf(requestingCredential);
      requireSpeaksFor(originOf(device), user, client);
    }
    return this.#post(room, 'groupInfo', body);
  }

  /** @throws ProviderError `unknownPeer`, `peer…`. */
  roomSlots(room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    return this.#post(room, 'roomSlots', body);
  }

  /** What is sealed to the hub says who reports; else it must be the device's user. @throws ProviderError `wrongDevice`. */
  reportAbuse(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    if (!isModeReport(body)) {
      const limits = { maxBytes: body.length };
      const { reportingUser } = decodeBody((input) => decodeAbuseReport(input, limits), body);
      requireSpeaksFor(originOf(device), decodeBody(asUserUri, reportingUser));
    }
    return this.#post(room, 'reportAbuse', body);
  }

  /**
   * A member's handshake is checked by the hub, which has its key; a newcomer vouches for itself.
   * @throws ProviderError `wrongDevice`, `pseudonymUndeclared`, `pseudonymReused`; RoomError `badCredential`.
   */
  async update(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const submission = decodeBody(readSubmission, body);
    if (!submission.joins) return this.#post(room, 'update', body);
    this.#requirePeer(room);
    const commitHash = hash(1, joinBytes(device, submission));
    await this.#noteJoiner(device.user, room, submission);
    // Before the hub can answer: from the commit on that comes back through the inbox the device is served.
    await this.#inboxes.expectJoin(room, commitHash, device.client);
    const reply = await this.#post(room, 'update', body);
    if (isRefusal(reply)) await this.#inboxes.forgetJoin(room, commitHash);
    return reply;
  }

  /** Whose a pseudonym is: as it shows in the join, or, where the mode hides it from us too, as the user has declared it. */
  async #noteJoiner(user: UserUri, room: RoomUri, { mode, payloads }: Submission): Promise<void> {
    const map = this.#map;
    if (map === undefined || !isKnownMode(mode)) return;
    if (!modeNamed(mode).credentials.hidesIdentities) return;
    const pseudonym = joinerIn(payloads[0] ?? new Uint8Array());
    if (pseudonym !== undefined) await map.noteSeen(user, pseudonym, room);
    else if (!(await map.hasDeclared(user, room))) throw new ProviderError('pseudonymUndeclared');
  }

  #requirePeer(room: RoomUri): string {
    const hub = domainOf(room);
    if (!this.#peers.domains.includes(hub)) throw new ProviderError('unknownPeer');
    return hub;
  }

  async #post(room: RoomUri, endpoint: PeerEndpoint, body: Uint8Array): Promise<PeerReply> {
    return this.#peers.post(this.#requirePeer(room), endpoint, room, body);
  }
}

/** The pseudonym by which a join enters, where the payload is not sealed. */
function joinerIn(payload: Uint8Array): UserUri | undefined {
  try {
    return joinerSeen(decodeHandshakePayload(payload).handshake);
  } catch (error) {
    if (error instanceof WireError && error.kind === 'payload') return undefined;
    throw error;
  }
}

/** A room of a mode that only its hub knows is for the hub to judge. */
const isKnownMode = (name: string): boolean => modeNames().includes(name);

function originOf(device: DeviceIdentity): Origin {
  return { kind: 'device', device };
}

/** The bytes by which the commit of a newcomer is known when it comes back. */
function joinBytes(device: DeviceIdentity, { draft, payloads }: Submission): Uint8Array {
  if (draft === undefined) return payloads[0] ?? new Uint8Array();
  const { message } = draft;
  if (message.wireFormat !== 'publicMessage' || message.committer === undefined) {
    throw new ProviderError('badRequest', 'An external commit has a path.', {
      details: { path: '/bundle/proposalOrCommit/commit/path' },
    });
  }
  const { user, client } = participantOf(message.committer);
  requireSpeaksFor(originOf(device), user, client);
  return message.bytes;
}

/** Whether the hub has surely not let the newcomer in. */
function isRefusal({ status, body }: PeerReply): boolean {
  if (status !== 200) return status >= 400 && status < 500;
  return decodeBody(decodeUpdateRoomResponse, body).code !== 'success';
}
