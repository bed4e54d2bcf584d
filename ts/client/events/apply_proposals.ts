// Proposals of the stream: they wait in the group for the next commit, as far as the policy lets them.

import { hash, type Processed } from '../../mls/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import { decideLeave, decideQueued, memberOf, ownUser } from '../member_room.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { type HandshakeEvent, openHandshakes } from './handshake_event.ts';
import { codeOfFault, type Fault, settle } from './settle.ts';

export function applyProposals(state: DeviceState, room: RoomState, event: HandshakeEvent): void {
  const { group, membership } = room;
  if (group === undefined || membership === undefined || event.epoch < group.epoch) return;
  room.row.proposals += event.shown.length;
  let messages: readonly Uint8Array[];
  try {
    const payloads = openHandshakes(membership.mode, group.suite, event, membership.current.keys);
    messages = payloads.map(({ handshake }) => handshake);
  } catch (error) {
    const code = codeOfFault(error);
    state.tell({ name: 'problem', room: room.uri, seq: event.seq, code, error });
    return;
  }
  if (isOwn(room, event)) queueOwn(state, room, event.seq, messages);
  else queueTogether(state, room, event.seq, messages, event.epoch);
}

/** The group queued the own proposals when it made them: they take out this user's devices. */
function queueOwn(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  messages: readonly Uint8Array[],
): void {
  const { group } = memberOf(room);
  const { row } = room;
  const known = new Set(row.leaving.map(({ ref }) => hex(ref)));
  const refs = group.pendingProposals().filter((ref) => !known.has(hex(ref)));
  const proposer = group.ownLeafIndex;
  const user = ownUser(room);
  const others = [...room.roster.values()].filter((entry) => entry.user === user);
  const leaves = new Set([proposer, ...others.map(({ leafIndex }) => leafIndex)]);
  const verdict = decideLeave(room, [...leaves]);
  if (!verdict.allowed) {
    // Something came in between, such as that another one leaves: the others refuse this, too.
    for (const ref of refs) group.discardProposal(ref);
    settle(state, room, 'lost');
    state.tell({ name: 'problem', room: room.uri, seq, code: verdict.rule });
    return;
  }
  row.queued.push(...messages.map((bytes) => bytes.slice()));
  for (const [at, leaf] of [...leaves].entries()) {
    row.leaving.push({ leaf, proposer, ref: (refs[at] ?? new Uint8Array()).slice() });
  }
  row.status = 'leaving';
  settle(state, room, 'accepted');
}

/** Queues the proposal of another member, or of the hub. */
export function queueProposal(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  message: Uint8Array,
  epoch: bigint,
): void {
  queueTogether(state, room, seq, [message], epoch);
}

/** Queues proposals that came together: all, or, where one does not hold or the policy forbids it, none. */
function queueTogether(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  messages: readonly Uint8Array[],
  epoch: bigint,
): void {
  const { group, row } = room;
  if (group === undefined || epoch < group.epoch) return;
  const before = { queued: [...row.queued], leaving: [...row.leaving], status: row.status };
  const refs: Uint8Array[] = [];
  for (const message of messages) {
    const fault = queueOne(room, message, refs);
    if (fault === undefined) continue;
    for (const ref of refs) group.discardProposal(ref);
    Object.assign(row, before);
    state.tell({ name: 'problem', room: room.uri, seq, ...fault });
    return;
  }
}

/** Queues a proposal and adds its ref to `refs`; gives why it must be taken out again. */
function queueOne(room: RoomState, message: Uint8Array, refs: Uint8Array[]): Fault | undefined {
  let processed: Processed;
  try {
    processed = memberOf(room).group.process(message);
  } catch (error) {
    return { code: codeOfFault(error), error };
  }
  if (processed.kind !== 'proposal') return undefined;
  refs.push(processed.ref);
  const verdict = decideQueued(room, processed.sender, processed);
  if (!verdict.allowed) return { code: verdict.rule };
  room.row.queued.push(message.slice());
  noteRemoval(room, processed);
  return undefined;
}

function noteRemoval(room: RoomState, proposal: Extract<Processed, { kind: 'proposal' }>): void {
  const { sender, type, removed, ref } = proposal;
  const proposer = sender.type === 'member' ? sender.leafIndex : undefined;
  if (removed !== undefined) room.row.leaving.push({ leaf: removed, proposer, ref: ref.slice() });
  const user = proposer === undefined ? undefined : room.roster.get(proposer)?.user;
  // Another device of this user asks to take clients of the user out: the user leaves the room.
  if (type === 'remove' && user !== undefined && user === ownUser(room)) {
    room.row.status = 'leaving';
  }
}

function isOwn(room: RoomState, { shown }: HandshakeEvent): boolean {
  const { flight } = room.row;
  const [first] = shown;
  if (flight?.kind !== 'proposal' || first === undefined) return false;
  return equalBytes(flight.hash, hash(memberOf(room).group.suite, first));
}
