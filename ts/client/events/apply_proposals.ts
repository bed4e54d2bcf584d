// Proposals of the stream: they wait in the group for the next commit.

import { hash } from '../../mls/index.ts';
import { equalBytes } from '../bytes.ts';
import { memberOf, ownUser } from '../member_room.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { type HandshakeEvent, openHandshakes } from './handshake_event.ts';
import { codeOfFault, settle } from './settle.ts';

export function applyProposals(state: DeviceState, room: RoomState, event: HandshakeEvent): void {
  const { group, membership } = room;
  if (group === undefined || membership === undefined || event.epoch < group.epoch) return;
  let messages: readonly Uint8Array[];
  try {
    const payloads = openHandshakes(membership.mode, group.suite, event, membership.current.keys);
    messages = payloads.map(({ handshake }) => handshake);
  } catch (error) {
    const code = codeOfFault(error);
    state.tell({ name: 'problem', room: room.uri, seq: event.seq, code, error });
    return;
  }
  if (isOwn(room, event)) {
    // The group queued them when it made them: they take out this user's devices.
    const user = ownUser(room);
    const leaves = [...room.roster.values()].filter((entry) => entry.user === user);
    room.row.queued.push(...messages.map((bytes) => bytes.slice()));
    room.row.leaving.push(...leaves.map(({ leafIndex }) => leafIndex));
    room.row.status = 'leaving';
    settle(state, room, 'accepted');
    return;
  }
  for (const message of messages) queueProposal(state, room, event.seq, message, event.epoch);
}

/** Queues the proposal of another member. */
export function queueProposal(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  message: Uint8Array,
  epoch: bigint,
): void {
  const { group } = room;
  if (group === undefined || epoch < group.epoch) return;
  try {
    const processed = group.process(message);
    if (processed.kind !== 'proposal') return;
    room.row.queued.push(message.slice());
    if (processed.removed !== undefined) room.row.leaving.push(processed.removed);
    const { sender } = processed;
    const proposer = sender.type === 'member' ? room.roster.get(sender.leafIndex) : undefined;
    // Another device of this user asks to take clients of the user out: the user leaves the room.
    if (processed.type === 'remove' && proposer !== undefined && proposer.user === ownUser(room)) {
      room.row.status = 'leaving';
    }
  } catch (error) {
    state.tell({ name: 'problem', room: room.uri, seq, code: codeOfFault(error), error });
  }
}

function isOwn(room: RoomState, { shown }: HandshakeEvent): boolean {
  const { flight } = room.row;
  const [first] = shown;
  if (flight?.kind !== 'proposal' || first === undefined) return false;
  return equalBytes(flight.hash, hash(memberOf(room).group.suite, first));
}
