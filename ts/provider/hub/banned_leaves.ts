// What the hub keeps of the leaves of banned users where leaves name pseudonyms: with the key of an identity link it shows
// later whether somebody else in the room is the same person. docs/modes/deployments.md, "Bans".

import type { Member } from '../../mls/index.ts';
import { BANNED_ROLE, type RosterEntry, roleOf } from '../../room/index.ts';
import type { UserUri } from '../../wire/index.ts';
import { type BannedLeaf, encodeBannedLeaves } from '../records/enterprise_rows.ts';
import { roomRows } from '../rows.ts';
import type { StoreRow } from '../store.ts';
import type { HubRoom } from './hub_room.ts';

/** Leaves that are kept of a user. */
const MAX_LEAVES = 16;

/** What a room was before a commit. */
export interface RoomBefore {
  readonly roster: ReadonlyMap<number, RosterEntry>;
  readonly members: readonly Member[];
}

/** The rows for users whom a commit has banned; `room` is as it is after it. */
export function bannedLeafRows(room: HubRoom, before: RoomBefore): StoreRow[] {
  const { view, mode, uri } = room;
  if (view === undefined || !mode.credentials.hidesIdentities) return [];
  const leaves = new Map<UserUri, BannedLeaf[]>();
  for (const { leafIndex, credential, signatureKey } of before.members) {
    const user = before.roster.get(leafIndex)?.user;
    if (user === undefined || roleOf(view.state, user) !== BANNED_ROLE) continue;
    const kept = leaves.get(user) ?? [];
    if (kept.length < MAX_LEAVES) kept.push({ credential: credential.bytes, signatureKey });
    leaves.set(user, kept);
  }
  return [...leaves].map(([user, kept]) => ({
    key: roomRows.bannedLeaves(uri, user),
    value: encodeBannedLeaves(kept),
  }));
}
