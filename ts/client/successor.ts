// Rooms that go on in a successor: in another mode, once a commit has closed the old one, or without the member whose
// commit nobody else can process. Who was in the old group has a pre-shared key for the new one; nobody else can join it
// by a Welcome. spec: docs/modes, "Successor group" and "Nobody rolls MLS state back".

import { type Group, storePsk } from '../mls/index.ts';
import {
  checkSuccessor,
  identify,
  type Membership,
  SUCCESSOR_EXPORT_LABEL,
  type SuccessorPlan,
  successorContext,
  successorPskId,
} from '../privacy/index.ts';
import {
  type FrankingForm,
  type RoomState as PolicyState,
  type RosterEntry,
  stateOf,
} from '../room/index.ts';
import { groupIdOf, type RoomUri, roomOfGroupId, type UserUri } from '../wire/index.ts';
import { equalBytes } from './bytes.ts';
import { memberOf, policyOf } from './member_room.ts';
import type { DeviceState, RoomState } from './state/device_state.ts';

const PSK_BYTES = 32;

/** Who is behind an entry: the real user where the identity link opens, else the name in the room. */
function realName(group: Group, membership: Membership, entry: RosterEntry): string {
  if (!membership.mode.credentials.hidesIdentities) return entry.user;
  const leaf = group.members().find(({ leafIndex }) => leafIndex === entry.leafIndex);
  const found = leaf && identify(membership, group.suite, entry.client, leaf);
  return found?.status === 'verified' ? found.real.user : entry.user;
}

/** The users of a room by their real names, with what they are called there. */
export function realNames(room: RoomState): Map<string, UserUri> {
  const { group, membership } = memberOf(room);
  return new Map(
    [...room.roster.values()].map((entry) => [realName(group, membership, entry), entry.user]),
  );
}

/** Keeps the key by which this device may join the successor. */
export function keepKey(state: DeviceState, group: Group, plan: SuccessorPlan): void {
  const psk = group.exportSecret(SUCCESSOR_EXPORT_LABEL, successorContext(plan), PSK_BYTES);
  storePsk(state.mls, successorPskId(plan), psk);
  psk.fill(0);
}

export function closingPlan(room: RoomState): SuccessorPlan | undefined {
  const { closing } = policyOf(room);
  const { group } = memberOf(room);
  if (closing === undefined) return undefined;
  const { groupId: oldGroupId, epoch: oldEpoch } = group;
  return { reason: 'closing', oldGroupId, oldEpoch, ...closing };
}

/** After a commit: where it has closed the room, nothing is sent there any more, and the successor may come. */
export function noteClosing(state: DeviceState, room: RoomState): void {
  const plan = closingPlan(room);
  if (plan === undefined) return;
  const { group } = memberOf(room);
  keepKey(state, group, plan);
  room.row.status = 'closed';
  room.row.successor = roomOfGroupId(plan.newGroupId);
  state.touch(room);
  for (const unsent of [...room.outbox]) {
    state.deleteOutbox(room, unsent);
    state.tell({ name: 'problem', room: room.uri, code: 'notSent' });
  }
  state.tell({ name: 'closed', room: room.uri, successor: room.row.successor });
}

/** A healing names no creator before it is there: whoever agrees that the room is stuck may open it. */
export function healingPlan(room: RoomState, successor: RoomUri): SuccessorPlan {
  const { group, membership } = memberOf(room);
  return {
    reason: 'healing',
    oldGroupId: group.groupId,
    oldEpoch: group.epoch,
    newGroupId: groupIdOf(successor),
    mode: membership.mode.name,
    creator: '',
  };
}

/**
 * Before a Welcome is opened: rooms of this device that are stuck may be healed by it, so that its key must be at hand.
 * A key for a room that is not the successor opens nothing.
 */
export function prepareHealing(state: DeviceState, successor: RoomUri): void {
  for (const room of state.rooms.values()) {
    if (!mayHaveBeenHealed(room) || room.group === undefined) continue;
    keepKey(state, room.group, healingPlan(room, successor));
  }
}

/** Whether the group has stayed behind at a commit that this device does not follow. */
export function isStuck({ row, group, membership }: RoomState): boolean {
  return (
    row.status === 'stale' &&
    row.verdict !== undefined &&
    group !== undefined &&
    membership !== undefined
  );
}

/**
 * Whether others may have found that the room is stuck. Where the hub knows no members, it may take nothing of them any
 * more, and who has sent nothing since does not know.
 */
function mayHaveBeenHealed(room: RoomState): boolean {
  const { row, membership } = room;
  return isStuck(room) || (row.status === 'active' && membership?.mode.hub === 'orders');
}

/**
 * The room that a group has come to succeed, when it has: the old room, checked against the new one.
 * Throws PrivacyError `notASuccessor` for a group that passes itself off as one.
 */
export function predecessorOf(
  state: DeviceState,
  uri: RoomUri,
  group: Group,
  membership: Membership,
): RoomState | undefined {
  const psks = group.welcomePsks();
  for (const old of state.rooms.values()) {
    if (old.group === undefined || old.membership === undefined) continue;
    const closed = old.row.status === 'closed' && old.row.successor === uri;
    const healed = mayHaveBeenHealed(old);
    const plan = closed ? closingPlan(old) : healed ? healingPlan(old, uri) : undefined;
    if (plan === undefined) continue;
    const named = psks.some((id) => equalBytes(id, successorPskId(plan)));
    if (!closed && !named) continue;
    check(old, plan, group, membership);
    return old;
  }
  return undefined;
}

function check(old: RoomState, plan: SuccessorPlan, group: Group, membership: Membership): void {
  const before = realNames(old);
  const realOf = new Map([...before].map(([real, name]) => [name as string, real]));
  const { credentials, name: mode } = membership.mode;
  const entries = group.members().map(({ leafIndex, ...leaf }) => ({
    leafIndex,
    ...credentials.participant(leaf, group.suite),
  }));
  const members = entries.map((entry) => realName(group, membership, entry));
  const state = stateOf(group.components());
  const pinned = state.creator;
  const index = entries.findIndex(({ user }) => user === pinned);
  const creator = members[index] ?? '';
  const announced =
    plan.reason === 'healing' ? creator : (realOf.get(plan.creator) ?? plan.creator);
  const liar = old.row.verdict?.committer;
  checkSuccessor(
    { ...plan, creator: announced },
    {
      groupId: group.groupId,
      mode,
      creator,
      psks: group.welcomePsks(),
      members,
      oldMembers: [...before.keys()],
      excluded: liar === undefined || liar === '' ? [] : [realOf.get(liar) ?? liar],
      frankedLess: FORMS.indexOf(formOf(state)) < FORMS.indexOf(formOf(policyOf(old))),
    },
  );
}

/** How messages are franked, each way better than the one before: the draft's shows followers who sends. */
const FORMS: readonly (FrankingForm | undefined)[] = [undefined, 'draft06', 'exedra'];

const formOf = ({ franking }: Pick<PolicyState, 'franking'>): FrankingForm | undefined =>
  franking?.form;
