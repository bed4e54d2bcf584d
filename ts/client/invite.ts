// Key packages of a user who is to be added, in the way of the room's mode; and what a user is called in a room.

import { identify } from '../privacy/index.ts';
import type { RoomUri, UserUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';
import { type Claim, claimKeyPackages, keyMaterialRequest } from './key_material.ts';
import { claimSet } from './key_package_sets.ts';
import { memberOf, policyOf } from './member_room.ts';
import type { DeviceParts } from './parts.ts';
import { activeGroup } from './requests.ts';
import type { RoomState } from './state/device_state.ts';

/**
 * Claims key packages of a user for a room; `undefined` where a hidden user is in it already. Throws ClientError
 * `noKeyMaterial`, `wrongKeyPackage`, `notConnected`, `badAnswer`, and as `Connection.call`.
 */
export async function claim(
  parts: DeviceParts,
  uri: RoomUri,
  user: UserUri,
): Promise<Claim | undefined> {
  const { vault, connection, connections } = parts;
  const { mode, suite, request, here } = await vault.exclusive((state) => {
    const room = state.room(uri);
    const { suite } = activeGroup(room);
    const { mode } = memberOf(room).membership;
    const hidden = mode.credentials.hidesIdentities;
    const request =
      mode.credentials.keyPackageSets === undefined
        ? keyMaterialRequest(state, uri, suite, user)
        : undefined;
    return { mode, suite, request, here: hidden && namesOf(room, user).length > 0 };
  });
  if (here) return undefined;
  if (request !== undefined) return claimKeyPackages(connection, request, suite, user);
  const keyPackages = await claimSet(parts, mode, uri, user, await connections.keyOf(user));
  return { keyPackages, missing: [] };
}

/**
 * What a user whom a change is about is called in the room; none where the user is not there. Throws ClientError
 * `refused` (rule: notFound) where nobody in the room is known to be that user, and of somebody it is not known who it is.
 */
export function namesToChange(room: RoomState, user: UserUri): UserUri[] {
  const names = namesOf(room, user);
  if (names.length === 0 && hasUnverified(room)) {
    throw new ClientError('refused', 'The user may be one of those who are not verified.', {
      details: { rule: 'notFound', user },
    });
  }
  return names;
}

function hasUnverified(room: RoomState): boolean {
  const { group, membership } = memberOf(room);
  return group.members().some((leaf) => {
    const client = room.roster.get(leaf.leafIndex)?.client;
    if (client === undefined) return false;
    return identify(membership, group.suite, client, leaf).status !== 'verified';
  });
}

/** What a user is called in the room: where identities are hidden, the pseudonyms that it is known to stand behind. */
export function namesOf(room: RoomState, user: UserUri): UserUri[] {
  const { group, membership } = memberOf(room);
  if (!membership.mode.credentials.hidesIdentities) return [user];
  const leaves = new Map(group.members().map((leaf) => [leaf.leafIndex, leaf]));
  const names = new Set<UserUri>();
  for (const entry of room.roster.values()) {
    const leaf = leaves.get(entry.leafIndex);
    const found = leaf && identify(membership, group.suite, entry.client, leaf);
    const real = found?.status === 'verified' ? found.real.user : undefined;
    if (entry.user === user || real === user) names.add(entry.user);
  }
  // A participant without a client, such as one that is banned, is known by its pseudonym only.
  if (names.size === 0 && policyOf(room).participants.some((listed) => listed.user === user)) {
    names.add(user);
  }
  return [...names];
}
