// Sealed ban entries on this device: made with a ban, opened when they come, and kept so that who is banned is known under
// another pseudonym. docs/modes/deployments.md, "Sealed ban entries".

import type { Member } from '../mls/index.ts';
import {
  type BanContent,
  generationId,
  identify,
  openBanEntry,
  openLink,
  PrivacyError,
  readFormerWrappers,
  sealBanEntry,
} from '../privacy/index.ts';
import {
  applyChanges,
  BANNED_ROLE,
  encodeSealedBansUpdate,
  type ComponentChange as PolicyChange,
  type RosterEntry,
  roleOf,
  SEALED_BANS,
  type SealedBan,
  userCan,
} from '../room/index.ts';
import { encodeBanComplaint, type Slot, type SlotWrite, type UserUri } from '../wire/index.ts';
import { hex } from './bytes.ts';
import { ClientError } from './errors.ts';
import { memberOf, ownUser, policyOf } from './member_room.ts';
import type { RoomState } from './state/device_state.ts';
import type { KnownBan } from './state/room_row.ts';

/** Who was in the room before a commit. */
export interface FormerMembers {
  readonly members: readonly Member[];
  readonly roster: ReadonlyMap<number, RosterEntry>;
}

/**
 * The change by which a commit keeps the entries in step with its other changes: one for each user who is banned now and
 * has none, where this device may ban and knows who it is; none any more for who is not banned. `wrapper` is the wrapper
 * key after the commit, which nobody has who is taken out by it.
 */
export function sealedBanChange(
  room: RoomState,
  changes: readonly PolicyChange[],
  wrapper: Uint8Array | undefined,
): PolicyChange[] {
  const { membership } = memberOf(room);
  if (!membership.mode.credentials.hidesIdentities || wrapper === undefined) return [];
  const policy = policyOf(room);
  const next = applyChanges(policy, changes);
  const entries = new Set(policy.bans.map(({ user }) => user));
  const removed = [...entries].filter((user) => roleOf(next, user) !== BANNED_ROLE);
  const own = ownUser(room);
  const mayBan = own !== undefined && userCan(policy, own, 'canBan');
  const added = next.participants
    .filter(({ user, role }) => mayBan && role === BANNED_ROLE && !entries.has(user))
    .flatMap(({ user }) => sealEntry(room, user, wrapper));
  if (removed.length === 0 && added.length === 0) return [];
  return [{ id: SEALED_BANS, update: encodeSealedBansUpdate({ removed, added }) }];
}

function sealEntry(room: RoomState, user: string, wrapper: Uint8Array): SealedBan[] {
  const content = contentOf(room, user);
  if (content === undefined) return [];
  const { groupId } = memberOf(room).group;
  return [{ user, ...sealBanEntry(wrapper, { groupId, pseudonym: user }, content) }];
}

/** Who is behind a pseudonym of the room, with a key that shows it. */
function contentOf(room: RoomState, user: string): BanContent | undefined {
  for (const { entry, real } of verifiedOf(room)) {
    const linkKey = memberOf(room).membership.current.linkKeys.get(entry.client);
    if (entry.user === user && linkKey !== undefined) return { real, linkKey };
  }
  return undefined;
}

/** The leaves of whom it is known who they are. */
function* verifiedOf(room: RoomState): Generator<{ entry: RosterEntry; real: UserUri }> {
  const { group, membership } = memberOf(room);
  for (const leaf of group.members()) {
    const entry = room.roster.get(leaf.leafIndex);
    const found = entry && identify(membership, group.suite, entry.client, leaf);
    if (found?.status === 'verified') yield { entry: entry as RosterEntry, real: found.real.user };
  }
}

/** The entries of users who are banned. */
function activeBans(room: RoomState): readonly SealedBan[] {
  const { group } = room;
  if (group?.component(SEALED_BANS) === undefined) return [];
  const policy = policyOf(room);
  return policy.bans.filter(({ user }) => roleOf(policy, user) === BANNED_ROLE);
}

/** Whether there is an entry that this device has not opened. */
export function lacksBans(room: RoomState): boolean {
  const known = new Set(room.row.bans.map(({ pseudonym }) => pseudonym));
  return activeBans(room).some(({ user }) => !known.has(user));
}

/**
 * Opens the entries that are new, with the wrapper key and those before it that `slots` lead to, and forgets those of bans
 * that have ended. Who was in the room when an entry was made checks it: one that names another person than its pseudonym's
 * is kept as false.
 */
export function learnBans(
  room: RoomState,
  slots: readonly (SlotWrite | Slot)[] = [],
  former?: FormerMembers,
): void {
  const { group, membership, row } = room;
  if (group === undefined || membership === undefined) return;
  const active = activeBans(room);
  const names = new Set(active.map(({ user }) => user));
  const known = row.bans.filter(({ pseudonym }) => names.has(pseudonym));
  const has = new Set(known.map(({ pseudonym }) => pseudonym));
  const fresh = active.filter(({ user }) => !has.has(user));
  row.bans = known;
  const { wrapper } = membership.current;
  if (fresh.length === 0 || wrapper === undefined) return;
  const { groupId } = group;
  const wrappers = new Map(
    [wrapper, ...readFormerWrappers(slots, groupId, wrapper)].map((key) => [
      hex(generationId(key)),
      key,
    ]),
  );
  for (const { user, generation, sealed } of fresh) {
    const key = wrappers.get(hex(generation));
    const content = key && opened(() => openBanEntry(key, { groupId, pseudonym: user }, sealed));
    if (content === undefined) continue;
    const sound = former === undefined || !contradicts(room, user, content, former);
    row.bans = [...row.bans, { pseudonym: user, ...content, sound }];
  }
}

function contradicts(
  room: RoomState,
  pseudonym: string,
  { real, linkKey }: BanContent,
  { members, roster }: FormerMembers,
): boolean {
  const { suite } = memberOf(room).group;
  const leaves = members.filter(({ leafIndex }) => roster.get(leafIndex)?.user === pseudonym);
  const shown = leaves.some(({ credential, signatureKey }) => {
    const leaf = { suite, credential: credential.bytes, leafSignatureKey: signatureKey, linkKey };
    return opened(() => openLink(leaf))?.user === real;
  });
  return leaves.length > 0 && !shown;
}

function opened<Value>(open: () => Value): Value | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof PrivacyError && error.kind !== 'bug') return undefined;
    throw error;
  }
}

/** The bans of a person that this device knows of. */
export function bansOf({ row }: RoomState, user: UserUri): readonly KnownBan[] {
  return row.bans.filter(({ real, sound }) => sound && real === user);
}

/** Throws ClientError `refused` (rule: R18-banned) where a person is banned under some pseudonym. */
export function requireNotBanned(room: RoomState, user: UserUri): void {
  if (bansOf(room, user).length === 0) return;
  throw new ClientError('refused', 'The user is banned in the room under another pseudonym.', {
    details: { rule: 'R18-banned', user },
  });
}

/** Who is in the room although banned there: by the pseudonym that it has now. */
export function bannedPresent(
  room: RoomState,
): { readonly entry: RosterEntry; readonly real: UserUri }[] {
  const banned = new Set(room.row.bans.filter(({ sound }) => sound).map(({ real }) => real));
  if (banned.size === 0) return [];
  const own = ownUser(room);
  return [...verifiedOf(room)].filter(({ entry, real }) => banned.has(real) && entry.user !== own);
}

/** What shows the hub that a banned user is in the room. Throws ClientError `refused` (rule: notFound). */
export function complaintOf(room: RoomState, user: UserUri): Uint8Array {
  const [ban] = bansOf(room, user);
  const found = bannedPresent(room).find(({ real }) => real === user)?.entry;
  const linkKey = found && memberOf(room).membership.current.linkKeys.get(found.client);
  if (ban === undefined || found === undefined || linkKey === undefined) {
    throw new ClientError('refused', 'Nobody in the room is known to be that banned user.', {
      details: { rule: 'notFound', user },
    });
  }
  return encodeBanComplaint({
    room: room.uri,
    banned: { pseudonym: ban.pseudonym as UserUri, linkKey: ban.linkKey },
    found: { pseudonym: found.user, linkKey },
  });
}
