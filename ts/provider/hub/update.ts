// The hub takes proposals, a commit or slots: draft-ietf-mimi-protocol-06, "Update Room State", in whatever structs the
// room's mode has. One commit an epoch: the group's epoch is compared in the room's turn, so that the second of two loses.

import { hash } from '../../mls/index.ts';
import {
  joinTokenSlot,
  PrivacyError,
  provenContent,
  provenLeaf,
  type Submission,
} from '../../privacy/index.ts';
import {
  type ClientUri,
  domainOf,
  groupIdOf,
  type RoomUri,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import { concat, sameBytes } from '../bytes.ts';
import { joinerSeen } from '../enterprise/seen_pseudonyms.ts';
import { ProviderError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { roomRows } from '../rows.ts';
import type { Decision, Input, ShardReader, Turn } from '../shard.ts';
import { decideCommitUpdate } from './commit.ts';
import { acceptedBefore, type HubContext } from './context.ts';
import { decideHiddenUpdate } from './hidden.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';
import { decideProposalsUpdate } from './proposals.ts';
import { notAllowed } from './refusal.ts';
import { foreignSlot, readSlots, slotFault, slotRows } from './slots.ts';
import { type OpenedUpdate, openUpdate, success, type UpdateInput } from './update_input.ts';
import { resolveWelcomes } from './welcome.ts';

/** What an update is decided with, once its room is known; or the rule that refused it by then. */
type Prepared =
  | Pick<UpdateInput, 'opened' | 'slots' | 'routes' | 'joinable'>
  | { readonly rule: string; readonly why: string };

/**
 * The input for an update. What was accepted before is answered as the first time. The own clients that a
 * Welcome is for are added to `mailed`.
 * @throws ProviderError `badRequest`, `unknownRoom`.
 */
export function updateRoom(
  context: HubContext,
  origin: Origin,
  uri: RoomUri,
  submission: Submission,
  mailed: ClientUri[],
): Input<UpdateRoomResponse> {
  const { epoch, groupId, kind } = submission;
  const requestId = hash(1, requestBytes(submission));
  let room: HubRoom;
  let before: number | undefined;
  let prepared: Prepared;
  return {
    owner: uri,
    prepare: async (reader) => {
      room = await context.directory.hubRoom(uri);
      before = kind === 'slots' ? undefined : await acceptedBefore(reader, room, requestId);
      if (before !== undefined) return;
      prepared = await prepare(context, reader, room, submission);
      if ('opened' in prepared)
        await noteJoiner(context, origin, room, submission, prepared.opened);
      if ('opened' in prepared) mailed.push(...(prepared.routes?.clients ?? []));
    },
    decide: (turn: Turn): Decision<UpdateRoomResponse> => {
      if (before !== undefined) return { answer: success(before) };
      const place = { context, origin, room };
      if (submission.mode !== room.mode.name) {
        return notAllowed(place, 'wrongMode', `the room is of mode ${room.mode.name}`);
      }
      if (!sameBytes(groupId, groupIdOf(uri))) {
        throw new ProviderError('badRequest', 'The message is of another group than the room.', {
          details: { path: '/bundle/proposalOrCommit/group_id' },
        });
      }
      if (epoch !== room.epoch) {
        return {
          answer: {
            code: 'wrongEpoch',
            errorDescription: `the group is in epoch ${room.epoch}`,
            currentEpoch: room.epoch,
          },
        };
      }
      if ('rule' in prepared) return notAllowed(place, prepared.rule, prepared.why);
      return decide({ ...place, turn, requestId, submission, ...prepared });
    },
  };
}

function decide(input: UpdateInput): Decision<UpdateRoomResponse> {
  if (input.room.sight.kind === 'hidden') return decideHiddenUpdate(input, input.room.sight);
  switch (input.submission.kind) {
    case 'commit':
      return decideCommitUpdate(input, input.room.sight);
    case 'proposal':
      return decideProposalsUpdate(input, input.room.sight);
    case 'slots':
      return decideSlots(input, input.room.sight);
  }
}

/** Opens an update and reads what its decision needs. */
async function prepare(
  context: HubContext,
  reader: ShardReader,
  room: HubRoom,
  submission: Submission,
): Promise<Prepared> {
  if (submission.mode !== room.mode.name) return { rule: 'wrongMode', why: '' };
  let opened: OpenedUpdate;
  try {
    opened = openUpdate(context, room, submission);
  } catch (error) {
    if (!(error instanceof PrivacyError) || error.kind === 'bug') throw error;
    return { rule: error.code, why: 'the update does not open for this hub' };
  }
  const fault = slotFault(opened.slots, context.limits);
  if (fault !== undefined) return { rule: 'slots', why: fault };
  const slotEpoch = submission.kind === 'commit' ? submission.epoch + 1n : submission.epoch;
  const slots = await readSlots(reader, room.uri, opened.slots, slotEpoch);
  const routes = await resolveWelcomes(context, reader, room, submission);
  const joinable = await isJoinable(reader, room, submission);
  return { opened, slots, routes, joinable };
}

/** Whose a pseudonym is that a device here enters by: noted before the hub decides, since then it could be in already. */
async function noteJoiner(
  { pseudonyms }: HubContext,
  origin: Origin,
  { uri, mode }: HubRoom,
  { joins }: Submission,
  { handshakes: [handshake] }: OpenedUpdate,
): Promise<void> {
  if (pseudonyms === undefined || origin.kind !== 'device' || !joins) return;
  if (handshake === undefined || !mode.credentials.hidesIdentities) return;
  const pseudonym = joinerSeen(handshake);
  if (pseudonym !== undefined) await pseudonyms.noteSeen(origin.device.user, pseudonym, uri);
}

/** A link is named at the hub by the hash of the token that its holder shows. */
async function isJoinable(
  reader: ShardReader,
  { uri, epoch }: HubRoom,
  { joins, proof }: Submission,
): Promise<boolean> {
  if (!joins || proof.length === 0) return false;
  const slot = { lifetime: 'epoch', name: joinTokenSlot(proof) } as const;
  return (await reader.get(roomRows.slot(uri, slot, epoch))) !== undefined;
}

/** Members leave something for each other; what it is, the hub cannot tell. */
function decideSlots(input: UpdateInput, { group }: FollowedGroup): Decision<UpdateRoomResponse> {
  const { room, origin, context, opened, slots, submission, turn } = input;
  const domain = origin.kind === 'peer' ? origin.domain : context.domain;
  const content = provenContent(submission, opened.part);
  const member = provenLeaf(
    'update proof',
    group.members(),
    group.suite,
    content,
    opened.part.proof,
  );
  const user = member && room.roster.get(member.leafIndex)?.user;
  if (user === undefined || domainOf(user) !== domain) {
    return notAllowed(input, 'R9-sender-participates', 'nothing shows that the sender is a member');
  }
  const fault = foreignSlot(opened.slots, room.roster.values());
  if (fault !== undefined) return notAllowed(input, 'slots', fault);
  const rows = slotRows(room.uri, slots, opened.slots, submission.epoch);
  return { answer: success(turn.now), rows };
}

/** The messages of a request that are accepted together or not at all. */
function requestBytes({ draft, payloads }: Submission): Uint8Array {
  if (draft === undefined) return concat(payloads);
  const more = draft.kind === 'proposal' ? draft.moreProposals : [];
  return concat([draft.message, ...more].map(({ bytes }) => bytes));
}
