// The hub takes an application message: draft-ietf-mimi-protocol-06, "Submit a Message".

import { hash } from '../../mls/index.ts';
import { PrivacyError, verifyWriteMac } from '../../privacy/index.ts';
import { decideSend } from '../../room/index.ts';
import {
  asProviderUri,
  asUserUri,
  domainOf,
  encodeFanoutMessage,
  encodeSubmitMessageRequest,
  groupIdOf,
  type RoomUri,
  type SubmitMessageRequest,
  type SubmitMessageResponse,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, originDomain, requireSpeaksFor } from '../origin.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import { acceptanceTime, acceptEntry } from './accept.ts';
import { acceptedBefore, type HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';
import { stateToCome } from './mandates.ts';

/**
 * The input for a submitted message; `proof` shows that the sender may write, where the hub knows no members. A
 * message that was accepted before is answered as the first time.
 * @throws ProviderError `badRequest`, `wrongDevice`, `wrongPeer`, `unknownRoom`.
 */
export function submitMessage(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  request: SubmitMessageRequest,
  proof: Uint8Array | undefined,
): Input<SubmitMessageResponse> {
  const message = request.appMessage;
  if (message.wireFormat !== 'privateMessage' || message.contentType !== 'application') {
    throw new ProviderError('badRequest', 'submitMessage takes an application PrivateMessage.', {
      details: { path: '/appMessage' },
    });
  }
  if (message.bytes.length > context.limits.messageBytes) {
    throw new ProviderError('tooLarge', undefined, {
      details: { limit: context.limits.messageBytes },
    });
  }
  const requestId = hash(1, message.bytes);
  let room: HubRoom;
  let before: number | undefined;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      requireSender(context, origin, room, request.sendingUri);
      before = await acceptedBefore(reader, room, requestId);
    },
    decide: (turn: Turn): Decision<SubmitMessageResponse> => {
      if (before !== undefined) return { answer: accepted(before) };
      if (!sameBytes(message.groupId, groupIdOf(uri))) {
        throw new ProviderError('badRequest', 'The message is of another group than the room.', {
          details: { path: '/appMessage/group_id' },
        });
      }
      if (message.epoch < room.epoch) {
        return mayHaveSent(room, request.sendingUri)
          ? { answer: { code: 'epochTooOld', currentEpoch: room.epoch } }
          : { answer: { code: 'notAllowed' } };
      }
      if (message.epoch > room.epoch || !maySend(room, request, proof)) {
        return { answer: { code: 'notAllowed' } };
      }
      const acceptedAt = acceptanceTime(room, turn);
      const fanout = encodeFanoutMessage({
        kind: 'application',
        timestamp: BigInt(acceptedAt),
        message,
      });
      const { record, rows } = acceptEntry(room, turn, {
        kind: 'application',
        acceptedAt,
        from: request.sendingUri,
        fanout,
        followers: context.othersOf(room.domains),
        requestId,
      });
      context.report({
        type: 'accepted',
        room: uri,
        kind: 'application',
        seq: room.seq,
        from: domainOf(request.sendingUri),
        bytes: message.bytes.length,
      });
      return { answer: accepted(acceptedAt), records: [record], rows };
    },
  };
}

/** The sender is who it says: the device's user, a pseudonym of the origin's provider, or the provider alone. */
function requireSender(
  context: HubContext,
  origin: Origin,
  { mode, sight }: HubRoom,
  sender: string,
): void {
  if (sight.kind === 'followed' && !mode.credentials.hidesIdentities) {
    requireSpeaksFor(origin, decodeBody(asUserUri, sender));
    return;
  }
  const named: string = decodeBody<string, string>(
    sight.kind === 'hidden' ? asProviderUri : asUserUri,
    sender,
  );
  if (domainOf(named) === originDomain(context, origin)) return;
  throw new ProviderError(origin.kind === 'device' ? 'wrongDevice' : 'wrongPeer');
}

/** Whether the sender is one of the room's; the present epoch is not told to anybody else. */
function mayHaveSent(room: HubRoom, sender: string): boolean {
  const { view, domains } = room;
  if (view === undefined) return domains.has(domainOf(sender));
  return decideSend({ ...view, state: stateToCome(room, view.state) }, sender).allowed;
}

function maySend(
  room: HubRoom,
  request: SubmitMessageRequest,
  proof: Uint8Array | undefined,
): boolean {
  if (!mayHaveSent(room, request.sendingUri)) return false;
  if (room.sight.kind === 'followed') return proof === undefined;
  const { groupId, epoch } = request.appMessage;
  const body = encodeSubmitMessageRequest(request);
  try {
    const { writeKey } = room.sight.group;
    verifyWriteMac(writeKey, { endpoint: 'submitMessage', groupId, epoch, body }, proof ?? NONE);
    return true;
  } catch (error) {
    if (error instanceof PrivacyError) return false;
    throw error;
  }
}

const NONE = new Uint8Array();

function accepted(acceptedAt: number): SubmitMessageResponse {
  return { code: 'accepted', acceptedTimestamp: BigInt(acceptedAt) };
}
