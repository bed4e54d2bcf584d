// A follower brings its devices' requests to the hub of a room. The hub knows the follower only, so that the
// follower vouches for the device: what names a user or client must name the one that sends it.

import { hash } from '../../mls/index.ts';
import { participantOf } from '../../room/index.ts';
import {
  asUserUri,
  decodeGroupInfoRequest,
  decodeSubmitMessageRequest,
  decodeUpdateRequest,
  decodeUpdateRoomResponse,
  domainOf,
  type RoomUri,
  type UpdateRequest,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, requireSpeaksFor } from '../origin.ts';
import type { PeerEndpoint, PeerReply, PeerTransport } from '../peers.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import type { Inboxes } from './inbox.ts';

/** The way of local devices to the hubs of other domains. Each throws ProviderError `unknownPeer`, `peer…`. */
export class Forward {
  readonly #peers: PeerTransport;
  readonly #inboxes: Inboxes;

  constructor(peers: PeerTransport, inboxes: Inboxes) {
    this.#peers = peers;
    this.#inboxes = inboxes;
  }

  /** @throws ProviderError `wrongDevice`. */
  async submitMessage(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const { sendingUri } = decodeBody(decodeSubmitMessageRequest, body);
    requireSpeaksFor(originOf(device), decodeBody(asUserUri, sendingUri));
    return this.#post(room, 'submitMessage', body);
  }

  /** @throws ProviderError `wrongDevice`; RoomError `badCredential`. */
  async groupInfo(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const { requestingCredential } = decodeBody(decodeGroupInfoRequest, body);
    const { user, client } = participantOf(requestingCredential);
    requireSpeaksFor(originOf(device), user, client);
    return this.#post(room, 'groupInfo', body);
  }

  /**
   * A member's handshake is checked by the hub, which has its key; a newcomer vouches for itself.
   * @throws ProviderError `wrongDevice`; RoomError `badCredential`.
   */
  async update(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<PeerReply> {
    const { message } = decodeBody(decodeUpdateRequest, body);
    if (!isJoin(message)) return this.#post(room, 'update', body);
    if (message.committer === undefined) {
      throw new ProviderError('badRequest', 'An external commit has a path.', {
        details: { path: '/bundle/proposalOrCommit/commit/path' },
      });
    }
    const { user, client } = participantOf(message.committer);
    requireSpeaksFor(originOf(device), user, client);
    this.#requirePeer(room);
    const commitHash = hash(1, message.bytes);
    // Before the hub can answer: from the commit on that comes back through the inbox the device is served.
    await this.#inboxes.expectJoin(room, commitHash, client);
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

type JoinMessage = Extract<UpdateRequest['message'], { wireFormat: 'publicMessage' }>;

function isJoin(message: UpdateRequest['message']): message is JoinMessage {
  return message.wireFormat === 'publicMessage' && message.sender.type === 'newMemberCommit';
}

/** Whether the hub has surely not let the newcomer in. */
function isRefusal({ status, body }: PeerReply): boolean {
  if (status !== 200) return status >= 400 && status < 500;
  return decodeBody(decodeUpdateRoomResponse, body).code !== 'success';
}
