// What the operations on a room look at before they commit anything.

import {
  decideSend,
  type RoomState as PolicyState,
  type RosterEntry,
  roleAt,
  roleCan,
  roleOf,
} from '../room/index.ts';
import { ClientError } from './errors.ts';
import type { ClaimedKeyPackage } from './key_material.ts';
import { ownUser, policyOf } from './member_room.ts';
import type { CommitPlan } from './requests.ts';
import type { RoomState } from './state/device_state.ts';

/** Whether the others wait for this device's identity link, and it can leave that now. */
export function owesOwnLink({ row, membership }: RoomState): boolean {
  return row.shareLink && membership?.current.wrapper !== undefined;
}

/** A plan that gives those of the users this role whose present one `from` holds for. */
export function roleChange(
  names: readonly string[],
  policy: PolicyState,
  role: number,
  from: (role: number) => boolean,
): CommitPlan | undefined {
  const change = names.filter((name) => from(roleOf(policy, name)));
  return change.length === 0 ? undefined : { roles: new Map(change.map((name) => [name, role])) };
}

/** Whether a role may send. */
export const canSend = (policy: PolicyState, role: number): boolean =>
  roleCan(roleAt(policy, role), 'canSendMessage');

/** Throws ClientError `refused` where the own user may not send. */
export function requireMaySend(room: RoomState): void {
  const own = room.group && ownUser(room);
  if (own === undefined) return;
  const verdict = decideSend({ state: policyOf(room), roster: room.roster }, own);
  if (verdict.allowed || room.row.status !== 'active') return;
  const { rule, why } = verdict;
  throw new ClientError('refused', undefined, { details: { code: 'notAllowed', rule, why } });
}

/** Of the clients that were claimed, those that are not there. */
export function notInRoom(
  room: RoomState,
  claimed: readonly ClaimedKeyPackage[],
): readonly ClaimedKeyPackage[] {
  const present = new Set([...room.roster.values()].map(({ client }) => client));
  return claimed.filter(({ client }) => !present.has(client));
}

/** The leaves of those that are wanted. */
export function leavesOf(room: RoomState, wanted: (entry: RosterEntry) => boolean): number[] {
  return [...room.roster.values()].filter(wanted).map(({ leafIndex }) => leafIndex);
}
