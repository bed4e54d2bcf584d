// A commit of the stream ends the epoch: the own pending one is merged, another's is checked and accepted.

import { type CommitSummary, hash, type Processed } from '../../mls/index.ts';
import {
  behindSafeAad,
  claimedLink,
  enterEpoch as enterMemberEpoch,
  mandatedIn,
  proposedCommit,
  resolveChanges,
  WRAPPER_SLOT,
} from '../../privacy/index.ts';
import { SEALED_BANS } from '../../room/index.ts';
import {
  type ClientUri,
  decodeMlsMessage,
  type HandshakePayload,
  WireError,
} from '../../wire/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import { keepMandate, mandatesFor } from '../mandates.ts';
import { memberOf, policyOf } from '../member_room.ts';
import type { RoomRules } from '../rules.ts';
import { learnBans } from '../sealed_bans.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { noteClosing } from '../successor.ts';
import { queueProposal } from './apply_proposals.ts';
import { type HandshakeEvent, openHandshakes } from './handshake_event.ts';
import { becomeStale, codeOfFault, type Fault, settle, stayBehind } from './settle.ts';

/** Applies a commit to a room that this device is a member of. */
export function applyCommit(
  state: DeviceState,
  rules: RoomRules,
  room: RoomState,
  event: HandshakeEvent,
): void {
  const { group, membership } = room;
  // A commit of a past epoch is a repetition.
  if (group === undefined || membership === undefined || event.epoch < group.epoch) return;
  if (event.epoch > group.epoch) {
    becomeStale(state, room, event.seq, 'wrongEpoch');
    return;
  }
  let opened: Uint8Array | undefined;
  try {
    if (isInFlight(room, event, 'commit')) {
      group.acceptPending();
      membership.acceptPending();
      learnBans(room);
      settle(state, room, 'accepted');
      room.row.shareLink = false;
      room.row.owed = [];
    } else {
      const payload = openHandshakes(
        membership.mode,
        group.suite,
        event,
        membership.current.keys,
      )[0];
      opened = payload?.handshake;
      // An own commit of this epoch has lost; accepting the other drops it.
      settle(state, room, 'lost');
      membership.discardPending();
      const refused = acceptForeign(state, rules, room, payload);
      if (refused !== undefined) {
        stayBehind(state, room, event.seq, refused);
        return;
      }
    }
  } catch (error) {
    const committer = committerOf(room, opened);
    stayBehind(state, room, event.seq, { code: codeOfFault(error), committer, error });
    return;
  }
  try {
    enterEpoch(state, room, event);
  } catch (error) {
    becomeStale(state, room, event.seq, codeOfFault(error), error);
  }
}

/** Who made a handshake that failed, where it shows: a PrivateMessage that does not open tells nothing. */
function committerOf(room: RoomState, handshake: Uint8Array | undefined): string | undefined {
  if (handshake === undefined) return undefined;
  try {
    const message = decodeMlsMessage(handshake);
    if (message.wireFormat !== 'publicMessage' || message.sender.type !== 'member')
      return undefined;
    return room.roster.get(message.sender.leafIndex)?.user;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Applies a commit to a room that this device is about to join by an external commit. */
export function applyOwnJoin(state: DeviceState, room: RoomState, event: HandshakeEvent): void {
  const { group, row } = room;
  if (group === undefined || row.flight === undefined) return;
  if (!isInFlight(room, event, 'join')) {
    if (event.epoch === row.flight.epoch) abandonJoin(state, room);
    return;
  }
  try {
    group.acceptPending();
    learnBans(room);
    settle(state, room, 'accepted');
    // A Welcome that waits came before: this device has joined since.
    state.dropWaiting(room.uri);
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
  state.dropGroup(room);
  if (before === undefined || before === 'joining') state.deleteRoom(room);
  else room.row.status = before;
}

/** Accepts another member's commit; gives why not where it does not. */
function acceptForeign(
  state: DeviceState,
  rules: RoomRules,
  room: RoomState,
  payload: HandshakePayload | undefined,
): Fault | undefined {
  const { group, membership } = memberOf(room);
  if (payload === undefined) return { code: 'wrongType' };
  const { groupId, epoch } = group;
  const processed: Processed = group.process(payload.handshake, resolveChanges);
  if (processed.kind !== 'commit') return { code: 'wrongType' };
  const { summary, staged, authenticatedData } = processed;
  const { credentials } = membership.mode;
  const newcomer = summary.external ? summary.added[0] : undefined;
  const policy = policyOf(room);
  const link =
    newcomer &&
    claimedLink(group.suite, policy.links, {
      groupId,
      epoch,
      authenticatedData: behindSafeAad(group, authenticatedData),
      leafSignatureKey: newcomer.signatureKey,
    });
  const omitted = leftOut(room, summary);
  const isMandated = mandatedIn(mandatesFor(room, payload.slots), summary.components);
  const vouched = membership.mode.hub === 'verifies';
  const facts = { group, link, vouched, omitted, isMandated };
  const proposed = proposedCommit(credentials, group.suite, room.roster, summary, facts);
  const verdict =
    proposed === undefined
      ? ({ allowed: false, rule: 'R9-sender-participates' } as const)
      : rules.decideCommit({ state: policy, roster: room.roster }, proposed);
  if (!verdict.allowed) {
    group.discard(staged);
    // Nobody is blamed by the word of whom nobody knows.
    const committer = proposed?.vouched === false ? undefined : proposed?.sender.user;
    return { code: verdict.rule, committer };
  }
  const bans = summary.components.some(({ id }) => id === SEALED_BANS);
  const former = bans ? { members: group.members(), roster: room.roster } : undefined;
  group.accept(staged);
  if (group.isActive && membership.mode.framing === 'mode') {
    learnEpoch(state, room, payload);
    learnBans(room, payload.slots, former);
    const brought = payload.slots.some(({ name }) => equalBytes(name, WRAPPER_SLOT.name));
    const knows = membership.current.wrapper !== undefined;
    room.row.shareWrapper = summary.external && !brought && knows;
  }
  return undefined;
}

/**
 * How many removals that wait does a commit leave out? A hub that follows the group counts them too; where none does,
 * members alone keep a committer from ignoring who wants to leave. Nobody can commit its own removal.
 */
function leftOut({ row }: RoomState, { sender, removed }: CommitSummary): number {
  const gone = new Set(removed.map(({ leafIndex }) => leafIndex));
  const committer = sender.type === 'member' ? sender.leafIndex : undefined;
  return row.leaving.filter(({ leaf }) => leaf !== committer && !gone.has(leaf)).length;
}

/** What the commit brought beside the group's own secrets. */
function learnEpoch(state: DeviceState, room: RoomState, { slots }: HandshakePayload): void {
  const { group, membership } = memberOf(room);
  const removed = clientsGone(state, room);
  const owed = enterMemberEpoch(membership, group, group.members(), { slots, removed });
  const left = new Set(slots.map(({ name }) => hex(name)));
  room.row.owed = room.row.owed.filter(({ name }) => !left.has(hex(name)));
  if (owed !== undefined) room.row.owed.push(owed);
}

/** Clients that had a leaf and have none any more. */
function clientsGone(state: DeviceState, room: RoomState): ClientUri[] {
  const stay = new Set([...state.readRoster(room).values()].map(({ client }) => client));
  return [...room.roster.values()]
    .map(({ client }) => client)
    .filter((client) => !stay.has(client));
}

/** The group is in a new epoch, or this device is no longer in it. */
function enterEpoch(
  state: DeviceState,
  room: RoomState,
  { seq, epoch, reissued }: HandshakeEvent,
): void {
  const { group, row } = room;
  row.lastEpoch = epoch + 1n;
  row.queued = [];
  row.proposals = 0;
  row.leaving = [];
  if (group?.isActive !== true) {
    endMembership(state, room);
    return;
  }
  room.roster = state.readRoster(room);
  keepMandate(room);
  noteClosing(state, room);
  for (const proposal of reissued) queueProposal(state, room, seq, proposal.bytes, proposal.epoch);
  state.tell({ name: 'members', room: room.uri, epoch: group.epoch });
}

/** This device was taken out, by itself or by others: it stops, and keeps only the history. */
export function endMembership(state: DeviceState, room: RoomState): void {
  state.touch(room);
  room.row.status = room.row.status === 'leaving' ? 'left' : 'removed';
  // A hub that does not know which of its devices a leaf is goes on serving it until it is told.
  room.row.unsubscribe = true;
  state.dropGroup(room);
  for (const unsent of [...room.outbox]) {
    state.deleteOutbox(room, unsent);
    state.tell({ name: 'problem', room: room.uri, code: 'notSent' });
  }
  state.tell({ name: 'removed', room: room.uri });
}

function isInFlight(room: RoomState, { shown }: HandshakeEvent, kind: 'commit' | 'join'): boolean {
  const { flight } = room.row;
  const [first] = shown;
  if (flight?.kind !== kind || room.group === undefined || first === undefined) return false;
  return equalBytes(flight.hash, hash(room.group.suite, first));
}
