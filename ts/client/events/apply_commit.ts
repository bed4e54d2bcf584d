// A commit of the stream ends the epoch: the own pending one is merged, another's is checked and accepted.

import { hash, type Processed } from '../../mls/index.ts';
import type { HandshakeView } from '../../wire/index.ts';
import { equalBytes } from '../bytes.ts';
import { proposedCommit, type RoomRules } from '../rules.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { queueProposal } from './apply_proposals.ts';
import type { RoomEvent } from './room_event.ts';
import { becomeStale, codeOfFault, readRoster, settle } from './settle.ts';

type CommitEvent = RoomEvent<'commit'>;

/** Applies a commit to a room that this device is a member of. */
export function applyCommit(
  state: DeviceState,
  rules: RoomRules,
  room: RoomState,
  event: CommitEvent,
): void {
  const { group } = room;
  const { message } = event.fanout;
  // A commit of a past epoch is a repetition.
  if (group === undefined || message.epoch < group.epoch) return;
  if (message.epoch > group.epoch) {
    becomeStale(state, room, event.seq, 'wrongEpoch');
    return;
  }
  try {
    if (isInFlight(room, message, 'commit')) {
      group.acceptPending();
      settle(state, room, 'accepted');
    } else {
      // An own commit of this epoch has lost; accepting the other drops it.
      settle(state, room, 'lost');
      const refused = acceptForeign(rules, room, group.process(message.bytes));
      if (refused !== undefined) {
        becomeStale(state, room, event.seq, refused);
        return;
      }
    }
    enterEpoch(state, room, event);
  } catch (error) {
    becomeStale(state, room, event.seq, codeOfFault(error), error);
  }
}

/** Applies a commit to a room that this device is about to join by an external commit. */
export function applyOwnJoin(state: DeviceState, room: RoomState, event: CommitEvent): void {
  const { group, row } = room;
  const { message } = event.fanout;
  if (group === undefined || row.flight === undefined) return;
  if (!isInFlight(room, message, 'join')) {
    if (message.epoch === row.flight.epoch) abandonJoin(state, room);
    return;
  }
  try {
    group.acceptPending();
    settle(state, room, 'accepted');
    row.status = 'active';
    row.joinedEpoch = group.epoch;
    enterEpoch(state, room, event);
  } catch (error) {
    becomeStale(state, room, event.seq, codeOfFault(error), error);
  }
}

/** Gives up an external join: another commit came first, or the hub refused it. */
export function abandonJoin(state: DeviceState, room: RoomState): void {
  const before = room.row.flight?.before;
  settle(state, room, 'lost');
  room.group?.discardPending();
  room.group?.[Symbol.dispose]();
  room.group = undefined;
  if (before === undefined || before === 'joining') state.deleteRoom(room);
  else room.row.status = before;
}

/** Accepts another member's commit; gives the rule that refused instead where one did. */
function acceptForeign(
  rules: RoomRules,
  room: RoomState,
  processed: Processed,
): string | undefined {
  const { group } = room;
  if (group === undefined || processed.kind !== 'commit') return 'wrongType';
  const proposed = proposedCommit(room.roster, processed.summary);
  const verdict =
    proposed === undefined
      ? ({ allowed: false, rule: 'R9-sender-participates' } as const)
      : rules.decideCommit(room.roster, proposed);
  if (!verdict.allowed) {
    group.discard(processed.staged);
    return verdict.rule;
  }
  group.accept(processed.staged);
  return undefined;
}

/** The group is in a new epoch, or this device is no longer in it. */
function enterEpoch(state: DeviceState, room: RoomState, { seq, fanout }: CommitEvent): void {
  const { group, row } = room;
  row.queued = [];
  if (group?.isActive !== true) {
    endMembership(state, room);
    return;
  }
  room.roster = readRoster(room);
  for (const proposal of fanout.externalProposals) queueProposal(state, room, seq, proposal);
  state.tell({ name: 'members', room: room.uri, epoch: group.epoch });
}

/** This device was taken out, by itself or by others: it stops, and keeps only the history. */
export function endMembership(state: DeviceState, room: RoomState): void {
  state.touch(room);
  room.row.status = room.row.status === 'leaving' ? 'left' : 'removed';
  state.dropGroup(room);
  for (const unsent of [...room.outbox]) {
    state.deleteOutbox(room, unsent);
    state.tell({ name: 'problem', room: room.uri, code: 'notSent' });
  }
  state.tell({ name: 'removed', room: room.uri });
}

function isInFlight(room: RoomState, message: HandshakeView, kind: 'commit' | 'join'): boolean {
  const { flight } = room.row;
  if (flight?.kind !== kind || room.group === undefined) return false;
  return equalBytes(flight.hash, hash(room.group.suite, message.bytes));
}
