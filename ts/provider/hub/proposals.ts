// The hub queues proposals that are sent alone; the next commit must cover them.
// draft-ietf-mimi-protocol-06, "Proposal-commit paradigm" and "Bob Leaves the Room".

import type { HubProcessed } from '../../mls/index.ts';
import { decideProposal } from '../../room/index.ts';
import {
  encodeFanoutMessage,
  type HandshakeView,
  type UpdateRoomResponse,
} from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { speaksFor } from '../origin.ts';
import { encodeWaiting } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Decision } from '../shard.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import { notAllowed, payloadFault } from './refusal.ts';
import { success, type UpdateInput } from './update_input.ts';

/**
 * Decides on proposals: all are queued or none is.
 * @throws ProviderError `tooLarge` when there are too many.
 */
export function decideProposalsUpdate(
  input: UpdateInput,
  messages: readonly HandshakeView[],
): Decision<UpdateRoomResponse> {
  const { room } = input;
  const limit = input.context.limits.proposalsPerRequest;
  if (messages.length > limit)
    throw new ProviderError('tooLarge', undefined, { details: { limit } });
  const processed: HubProcessed[] = [];
  let proposer = '';
  const giveUp = (rule: string, why: string) => {
    for (const item of processed) room.group.discard(item);
    return notAllowed(input, rule, why);
  };
  for (const message of messages) {
    let item: HubProcessed;
    try {
      item = room.group.process(message.bytes);
    } catch (error) {
      return giveUp('invalidProposal', payloadFault(error));
    }
    const twice = includes(processed, item);
    processed.push(item);
    if (item.kind !== 'proposal') return giveUp('invalidProposal', 'a proposal is expected');
    if (twice) return giveUp('invalidProposal', 'duplicate');
    const leaf = item.sender.type === 'member' ? item.sender.leafIndex : undefined;
    const sender = leaf === undefined ? undefined : room.roster.get(leaf);
    if (sender !== undefined && !speaksFor(input.origin, sender.user, sender.client)) {
      return giveUp('senderNotYours', 'the proposal was made by a client of another provider');
    }
    const verdict = decideProposal(room.view, sender, item);
    if (!verdict.allowed) return giveUp(verdict.rule, verdict.why);
    proposer = sender?.user ?? proposer;
  }
  return queue(input, messages, processed, proposer);
}

/** The core compares a proposal with those in the queue, not with those that come along with it. */
function includes(earlier: readonly HubProcessed[], item: HubProcessed): boolean {
  if (item.kind !== 'proposal') return false;
  return earlier.some((other) => other.kind === 'proposal' && sameBytes(other.ref, item.ref));
}

function queue(
  { context, origin, room, turn, requestId }: UpdateInput,
  messages: readonly HandshakeView[],
  processed: readonly HubProcessed[],
  proposer: string,
): Decision<UpdateRoomResponse> {
  const acceptedAt = acceptanceTime(room, turn);
  for (const item of processed) room.apply(item);
  room.waiting = [
    ...room.waiting,
    ...messages.map(({ bytes }) => ({ message: bytes, acceptedAt })),
  ];
  const snapshotRows = acceptHandshake(context, room, turn);
  const [message, ...moreProposals] = messages as [HandshakeView, ...HandshakeView[]];
  const { record, rows } = acceptEntry(room, turn, {
    kind: 'proposals',
    acceptedAt,
    from: proposer,
    fanout: encodeFanoutMessage({
      kind: 'proposal',
      timestamp: BigInt(acceptedAt),
      message,
      moreProposals,
    }),
    followers: context.othersOf(room.domains),
    requestId,
  });
  rows.push(...snapshotRows, {
    key: roomRows.pending(room.uri),
    value: encodeWaiting(room.waiting),
  });
  context.report({
    type: 'accepted',
    room: room.uri,
    kind: 'proposals',
    seq: room.seq,
    from: origin.kind === 'peer' ? origin.domain : context.domain,
    bytes: record.bytes.length,
  });
  return { answer: success(acceptedAt), records: [record], rows };
}
