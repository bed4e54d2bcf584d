// The hub takes an application message: draft-ietf-mimi-protocol-06, "Submit a Message".

import { hash } from '../../mls/index.ts';
import { decideSend } from '../../room/index.ts';
import {
  asUserUri,
  domainOf,
  encodeFanoutMessage,
  groupIdOf,
  type RoomUri,
  type SubmitMessageRequest,
  type SubmitMessageResponse,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { type Origin, requireSpeaksFor } from '../origin.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import { acceptanceTime, acceptEntry } from './accept.ts';
import { acceptedBefore, type HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

/**
 * The input for a submitted message. A message that was accepted before is answered as the first time.
 * @throws ProviderError `badRequest`, `wrongDevice`, `wrongPeer`, `unknownRoom`.
 */
export function submitMessage(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  request: SubmitMessageRequest,
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
  const sender = decodeBody(asUserUri, request.sendingUri);
  requireSpeaksFor(origin, sender);
  const requestId = hash(1, message.bytes);
  let room: HubRoom;
  let before: number | undefined;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      before = await acceptedBefore(reader, room, requestId);
    },
    decide: (turn: Turn): Decision<SubmitMessageResponse> => {
      if (before !== undefined) return { answer: accepted(before) };
      if (!sameBytes(message.groupId, groupIdOf(uri))) {
        throw new ProviderError('badRequest', 'The message is of another group than the room.', {
          details: { path: '/appMessage/group_id' },
        });
      }
      const verdict = decideSend(room.view, sender);
      if (!verdict.allowed || message.epoch > room.group.epoch) {
        return { answer: { code: 'notAllowed' } };
      }
      if (message.epoch < room.group.epoch) {
        return {
          answer: { code: 'epochTooOld', currentEpoch: room.group.epoch },
        };
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
        from: sender,
        fanout,
        followers: context.othersOf(room.domains),
        requestId,
      });
      context.report({
        type: 'accepted',
        room: uri,
        kind: 'application',
        seq: room.seq,
        from: domainOf(sender),
        bytes: message.bytes.length,
      });
      return { answer: accepted(acceptedAt), records: [record], rows };
    },
  };
}

function accepted(acceptedAt: number): SubmitMessageResponse {
  return { code: 'accepted', acceptedTimestamp: BigInt(acceptedAt) };
}
