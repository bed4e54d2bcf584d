// Proposals of the stream: they wait in the group for the next commit.

import { hash } from '../../mls/index.ts';
import type { HandshakeView } from '../../wire/index.ts';
import { equalBytes } from '../bytes.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault, settle } from './settle.ts';

export function applyProposals(
  state: DeviceState,
  room: RoomState,
  { seq, fanout }: RoomEvent<'proposal'>,
): void {
  const messages = [fanout.message, ...fanout.moreProposals];
  if (isOwn(room, fanout.message)) {
    // The group queued them when it made them.
    room.row.queued.push(...messages.map(({ bytes }) => bytes.slice()));
    room.row.status = 'leaving';
    settle(state, room, 'accepted');
    return;
  }
  for (const message of messages) queueProposal(state, room, seq, message);
}

/** Queues the proposal of another member. */
export function queueProposal(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  message: HandshakeView,
): void {
  const { group } = room;
  if (group === undefined || message.epoch < group.epoch) return;
  try {
    const processed = group.process(message.bytes);
    if (processed.kind !== 'proposal') return;
    room.row.queued.push(message.bytes.slice());
    const { sender } = processed;
    const proposer = sender.type === 'member' ? room.roster.get(sender.leafIndex) : undefined;
    // Another device of this user asks to take clients of the user out: the user leaves the room.
    if (processed.type === 'remove' && proposer?.user === state.device.user) {
      room.row.status = 'leaving';
    }
  } catch (error) {
    state.tell({ name: 'problem', room: room.uri, seq, code: codeOfFault(error), error });
  }
}

function isOwn(room: RoomState, message: HandshakeView): boolean {
  const { flight } = room.row;
  if (flight?.kind !== 'proposal' || room.group === undefined) return false;
  return equalBytes(flight.hash, hash(room.group.suite, message.bytes));
}
