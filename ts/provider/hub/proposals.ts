// The hub queues proposals that are sent alone; the next commit must cover them.
// draft-ietf-mimi-protocol-06, "Proposal-commit paradigm" and "Bob Leaves the Room".

import type { HubProcessed } from '../../mls/index.ts';
import { decideProposal } from '../../room/index.ts';
import type { ClientUri, UpdateRoomResponse, UserUri } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { mayBring } from '../origin.ts';
import { encodeWaiting } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision } from '../shard.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import { handshakeFanout } from './events.ts';
import type { FollowedGroup } from './hub_room.ts';
import { mandateAfterProposals } from './mandates.ts';
import { notAllowed, payloadFault } from './refusal.ts';
import { slotRows } from './slots.ts';
import { isBy, success, type UpdateInput } from './update_input.ts';

/**
 * Decides on proposals: all are queued or none is.
 * @throws ProviderError `tooLarge` when there are too many.
 */
export function decideProposalsUpdate(
  input: UpdateInput,
  sight: FollowedGroup,
): Decision<UpdateRoomResponse> {
  const { room } = input;
  const messages = input.opened.handshakes;
  const limit = input.context.limits.proposalsPerRequest;
  if (messages.length > limit)
    throw new ProviderError('tooLarge', undefined, { details: { limit } });
  const processed: HubProcessed[] = [];
  let proposer = '';
  const giveUp = (rule: string, why: string) => {
    for (const item of processed) sight.group.discard(item);
    return notAllowed(input, rule, why);
  };
  for (const message of messages) {
    let item: HubProcessed;
    try {
      item = room.process(sight.group, message);
    } catch (error) {
      return giveUp('invalidProposal', payloadFault(error));
    }
    const twice = includes(processed, item);
    processed.push(item);
    if (item.kind !== 'proposal') return giveUp('invalidProposal', 'a proposal is expected');
    if (twice) return giveUp('invalidProposal', 'duplicate');
    const leaf = item.sender.type === 'member' ? item.sender.leafIndex : undefined;
    const sender = leaf === undefined ? undefined : room.roster.get(leaf);
    const own =
      sender === undefined ||
      mayBring(
        input.context,
        input.origin,
        room.mode,
        sender.user as UserUri,
        sender.client as ClientUri,
      );
    if (!own) {
      return giveUp('senderNotYours', 'the proposal was made by a client of another provider');
    }
    if (leaf !== undefined && !isBy(input, sight, leaf)) {
      return giveUp('leafProof', 'nothing shows that the proposer has sent this as it is');
    }
    if (room.view === undefined) return giveUp('invalidProposal', 'the room has no state');
    const queued = [...queuedLeaves(sight), ...removedBy(processed)];
    const verdict = decideProposal({ ...room.view, queued }, sender, item);
    if (!verdict.allowed) return giveUp(verdict.rule, verdict.why);
    proposer = sender?.user ?? proposer;
  }
  return queue(input, sight, processed, proposer);
}

/** The core compares a proposal with those in the queue, not with those that come along with it. */
function includes(earlier: readonly HubProcessed[], item: HubProcessed): boolean {
  if (item.kind !== 'proposal') return false;
  return earlier.some((other) => other.kind === 'proposal' && sameBytes(other.ref, item.ref));
}

/** Leaves that waiting proposals take out. */
function queuedLeaves({ group }: FollowedGroup): number[] {
  return group.pendingProposals().flatMap(({ removed }) => removed ?? []);
}

function removedBy(processed: readonly HubProcessed[]): number[] {
  const earlier = processed.slice(0, -1);
  return earlier.flatMap((item) => (item.kind === 'proposal' ? (item.removed ?? []) : []));
}

function queue(
  input: UpdateInput,
  sight: FollowedGroup,
  processed: readonly HubProcessed[],
  proposer: string,
): Decision<UpdateRoomResponse> {
  const { context, origin, room, turn, requestId, submission, opened, slots } = input;
  const acceptedAt = acceptanceTime(room, turn);
  for (const item of processed) room.apply(sight.group, item);
  room.waiting = [
    ...room.waiting,
    ...opened.handshakes.map((message) => ({ message, acceptedAt })),
  ];
  const snapshotRows = acceptHandshake(context, room, turn);
  const { record, rows } = acceptEntry(room, turn, {
    kind: 'proposals',
    acceptedAt,
    from: proposer,
    fanout: handshakeFanout(submission, acceptedAt),
    followers: context.othersOf(room.domains),
    requestId,
  });
  rows.push(
    ...snapshotRows,
    { key: roomRows.pending(room.uri), value: encodeWaiting(room.waiting) },
    ...slotRows(room.uri, slots, opened.slots, room.epoch),
  );
  const seq = room.seq;
  const next = { ...turn, position: turn.position + 1 };
  const mandate = mandateAfterProposals(context, room, sight, next);
  if ('rule' in mandate) return { ...notAllowed(input, mandate.rule, mandate.why), forget: true };
  rows.push(...mandate.rows);
  context.report({
    type: 'accepted',
    room: room.uri,
    kind: 'proposals',
    seq,
    from: origin.kind === 'peer' ? origin.domain : context.domain,
    bytes: record.bytes.length,
  });
  return { answer: success(acceptedAt), records: [record, ...mandate.records], rows };
}
