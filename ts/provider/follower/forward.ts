// A follower brings its devices' requests to the hub of a room. The hub knows the follower only, so that the
// follower vouches for the device: what names a user or client must name the one that sends it. What names pseudonyms,
// or nobody, is checked by the hub against the follower's domain.

import { hash } from '../../mls/index.ts';
import { isUserPseudonym, readSubmission, type Submission } from '../../privacy/index.ts';
import { participantOf } from '../../room/index.ts';
import {
  asUserUri,
  BASIC_CREDENTIAL,
  decodeAbuseReport,
  decodeGroupInfoRequest,
  decodeModeMessage,
  decodeSubmitMessageRequest,
  decodeUpdateRoomResponse,
  domainOf,
  isModeMessage,
  isModeReport,
  parseMimiUri,
  type RoomUri,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
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

  constructor(domain: string, peers: PeerTransport, inboxes: Inboxes) {
    this.#domain = domain;
    this.#peers = peers;
    this.#inboxes = inboxes;
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
      const { reportingUser } = decodeBody(decodeAbuseReport, body);
      requireSpeaksFor(originOf(device), decodeBody(asUserUri, reportingUser));
    }
    return this.#post(room, 'reportAbuse', body);
  }

  /**
   * A member's handshake is checked by the hub, which has its key; a newcomer vouches for itself.
   * @throws ProviderError `wrongDevice`; RoomError `badCredential`.
   */
  async update(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const submission = decodeBody(readSubmission, body);
    if (!submission.joins) return this.#post(room, 'update', body);
    this.#requirePeer(room);
    const commitHash = hash(1, joinBytes(device, submission));
    // Before the hub can answer: from the commit on that comes back through the inbox the device is served.
    await this.#inboxes.expectJoin(room, commitHash, device.client);
    const reply = await this.#post(room, 'update', body);
    if (isRefusal(reply)) await this.#inboxes.forgetJoin(room, commitHash);
    return reply;
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
