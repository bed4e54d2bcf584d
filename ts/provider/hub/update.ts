// The hub takes proposals or a commit: draft-ietf-mimi-protocol-06, "Update Room State".
// One commit an epoch: the group's epoch is compared in the room's turn, so that the second of two loses.

import { hash } from '../../mls/index.ts';
import {
  type ClientUri,
  groupIdOf,
  type RoomUri,
  type UpdateRequest,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import { concat, sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import { decideCommitUpdate } from './commit.ts';
import { acceptedBefore, type HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';
import { decideProposalsUpdate } from './proposals.ts';
import { success, type UpdateInput } from './update_input.ts';
import { resolveWelcome, type WelcomeRoutes } from './welcome.ts';

/**
 * The input for an update. What was accepted before is answered as the first time. The own clients that a
 * Welcome is for are added to `mailed`.
 * @throws ProviderError `badRequest`, `unknownRoom`.
 */
export function updateRoom(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  request: UpdateRequest,
  mailed: ClientUri[],
): Input<UpdateRoomResponse> {
  const { message } = request;
  if (message.wireFormat !== 'publicMessage') {
    throw new ProviderError(
      'badRequest',
      'A room of mode open takes handshakes as PublicMessage.',
      {
        details: { path: '/bundle/proposalOrCommit' },
      },
    );
  }
  const { epoch, groupId } = message;
  const requestId = hash(1, handshakesOf(request));
  let room: HubRoom;
  let before: number | undefined;
  let routes: WelcomeRoutes | undefined;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      before = await acceptedBefore(reader, room, requestId);
      if (request.kind === 'commit' && request.welcome !== undefined) {
        routes = await resolveWelcome(context, uri, request.welcome);
        mailed.push(...routes.clients);
      }
    },
    decide: (turn: Turn): Decision<UpdateRoomResponse> => {
      if (before !== undefined) return { answer: success(before) };
      if (!sameBytes(groupId, groupIdOf(uri))) {
        throw new ProviderError('badRequest', 'The message is of another group than the room.', {
          details: { path: '/bundle/proposalOrCommit/group_id' },
        });
      }
      if (epoch !== room.group.epoch) {
        return {
          answer: {
            code: 'wrongEpoch',
            errorDescription: `the group is in epoch ${room.group.epoch}`,
            currentEpoch: room.group.epoch,
          },
        };
      }
      const input: UpdateInput = { context, origin, room, turn, requestId };
      return request.kind === 'commit'
        ? decideCommitUpdate(input, request, routes)
        : decideProposalsUpdate(input, [request.message, ...request.moreProposals]);
    },
  };
}

/** The messages of a request that are accepted together or not at all. */
function handshakesOf(request: UpdateRequest): Uint8Array {
  if (request.kind === 'commit') return request.message.bytes;
  return concat([request.message, ...request.moreProposals].map(({ bytes }) => bytes));
}
