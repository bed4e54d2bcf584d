// The operation by which a room goes on in a successor: closes it, opens the new room, and brings its users over by the
// new room's first commit.

import { modeNamed, type SuccessorPlan, successorPskId } from '../privacy/index.ts';
import { CLOSING, encodeClosing, NO_ROLE, roleOf } from '../room/index.ts';
import { groupIdOf, type RoomUri, roomOfGroupId, type UserUri } from '../wire/index.ts';
import { createRoom, freshRoomUri } from './create_room.ts';
import { ClientError, isClientError } from './errors.ts';
import { claim } from './invite.ts';
import { memberOf, ownUser, policyOf } from './member_room.ts';
import type { DeviceParts } from './parts.ts';
import { type Addition, activeGroup, commitFlight } from './requests.ts';
import type { RoomState } from './state/device_state.ts';
import { closingPlan, healingPlan, isStuck, keepKey, realNames } from './successor.ts';

/** How a room goes on. */
export interface SuccessionOptions {
  /** The new room's mode. Default: that of the old one. */
  readonly mode?: string | undefined;
  /** The new room's URI, at the own provider. Default: one with a random id. */
  readonly uri?: RoomUri | undefined;
}

/** What a succession did. */
export interface Succeeded {
  readonly room: RoomUri;
  /** Users of the old room who could not be added, such as those who are not connected: a link lets them in. */
  readonly missing: readonly UserUri[];
}

/**
 * Lets a room go on in a new one: in another mode after closing it, or, where the room is stuck, from the last epoch
 * that was good and without whoever broke it. May be called again when it was interrupted.
 * Throws ClientError `refused`, `notActive`, `unavailable`, `unknown`, `contended`.
 */
export async function succeed(
  parts: DeviceParts,
  uri: RoomUri,
  options: SuccessionOptions,
): Promise<Succeeded> {
  const { vault } = parts;
  const stuck = await vault.exclusive((state) => isStuck(state.room(uri)));
  const next = stuck ? (options.uri ?? freshRoomUri(parts)) : await close(parts, uri, options);
  const plan = await vault.exclusive((state) => {
    const old = state.room(uri);
    const found = stuck ? healingPlan(old, next) : closingPlan(old);
    if (found === undefined) throw notActive(old);
    if (stuck) keepKey(state, memberOf(old).group, found);
    return found;
  });
  if (!vault.views.has(next)) {
    const mode = modeNamed(plan.mode);
    // What is franked stays so, and is blinded where the draft's form would show who sends.
    const before = await vault.exclusive((state) => policyOf(state.room(uri)).franking?.form);
    const franking = before === 'draft06' && mode.framing !== 'draft' ? 'exedra' : before;
    // In escrow, a Welcome names nobody (docs/modes/deployments.md), so that no joiner could check who is there.
    await createRoom(parts, next, { mode, franking, escrow: undefined });
  }
  return fill(parts, uri, next, plan);
}

/** Closes the room; gives the successor that is announced. */
async function close(
  { vault, changes, ...parts }: DeviceParts,
  uri: RoomUri,
  options: SuccessionOptions,
): Promise<RoomUri> {
  const next = options.uri ?? freshRoomUri(parts);
  await changes.make(uri, (state) => {
    const room = state.room(uri);
    if (room.row.status === 'closed') return undefined;
    const mode = modeNamed(options.mode ?? memberOf(room).membership.mode.name);
    activeGroup(room);
    const update = encodeClosing({
      newGroupId: groupIdOf(next),
      mode: mode.name,
      creator: ownUser(room) ?? '',
    });
    return commitFlight(state, room, { changes: [{ id: CLOSING, update }] });
  });
  return vault.exclusive((state) => {
    const room = state.room(uri);
    const plan = closingPlan(room);
    // Another member's closing came first: the successor is that member's to open.
    if (plan === undefined || plan.creator !== ownUser(room)) throw notActive(room);
    return roomOfGroupId(plan.newGroupId);
  });
}

function notActive({ uri, row }: RoomState): ClientError {
  return new ClientError('notActive', undefined, { details: { room: uri, status: row.status } });
}

/** Adds the users of the old room to the new one, by its first commit, with the key that only they have. */
async function fill(
  parts: DeviceParts,
  uri: RoomUri,
  next: RoomUri,
  plan: SuccessorPlan,
): Promise<Succeeded> {
  const { vault, changes } = parts;
  const wanted = await vault.exclusive((state) => {
    const old = state.room(uri);
    const { group } = memberOf(state.room(next));
    if (group.epoch > 0n) return [];
    const liar = old.row.verdict?.committer;
    const policy = policyOf(old);
    return [...realNames(old)]
      .filter(([, name]) => name !== ownUser(old) && name !== liar)
      .map(([real, name]) => ({ user: real as UserUri, role: roleOf(policy, name) }));
  });
  const additions: Addition[] = [];
  const roles = new Map<string, number>();
  const missing: UserUri[] = [];
  for (const { user, role } of wanted) {
    try {
      const claimed = await claim(parts, next, user);
      additions.push(...(claimed?.keyPackages ?? []));
      for (const addition of claimed?.keyPackages ?? []) {
        if (role !== NO_ROLE) roles.set(addition.user, role);
      }
    } catch (error) {
      if (!isClientError(error, 'noKeyMaterial', 'notConnected', 'wrongKeyPackage', 'refused')) {
        throw error;
      }
      missing.push(user);
    }
  }
  if (additions.length > 0) {
    await changes.make(next, (state, room) => {
      if (room?.group === undefined || room.group.epoch > 0n) return undefined;
      return commitFlight(state, room, { add: additions, roles, psks: [successorPskId(plan)] });
    });
  }
  await vault.exclusive((state) => {
    const old = state.room(uri);
    const room = state.room(next);
    old.row.successor = next;
    room.row.predecessor = uri;
    state.touch(old);
    state.touch(room);
  });
  return { room: next, missing };
}
