// A room for tests of the policy: users by name, leaves by number, and commits to try on it.

import {
  applyChanges,
  defaultRoles,
  encodeParticipantListUpdate,
  initialComponents,
  type LeafIdentity,
  PARTICIPANT_LIST,
  type ProposedChange,
  type ProposedCommit,
  participantListUpdate,
  type Role,
  type RoomLeaf,
  type RoomState,
  type RoomView,
  stateOf,
  type UserRole,
} from '../../ts/room/index.ts';
import { clientUri, userUri } from '../../ts/wire/index.ts';

export const identity = (name: string, device = 'phone', domain = 'a.example'): LeafIdentity => ({
  user: userUri(domain, name),
  client: clientUri(domain, `${name}-${device}`),
});

export const leafAt = (leafIndex: number, name: string, device = 'phone'): RoomLeaf => ({
  leafIndex,
  ...identity(name, device),
});

/** A room of these participants (role by name), with these leaves; roles as in a new room unless given. */
export function policyRoom(
  participants: Readonly<Record<string, number>>,
  leaves: readonly RoomLeaf[],
  roles: readonly Role[] = defaultRoles(),
): RoomView {
  const list = Object.entries(participants).map(([name, role]) => ({
    user: identity(name).user,
    role,
  }));
  const creator = leaves[0]?.user ?? identity('nobody').user;
  const state = stateOf(initialComponents({ mode: 'open', creator, participants: list, roles }));
  return { state, roster: new Map(leaves.map((leaf) => [leaf.leafIndex, leaf])) };
}

/** The change of the participant list that gives users those roles. */
export function moving(state: RoomState, ...roles: readonly UserRole[]): ProposedChange {
  const update = participantListUpdate(state.participants, roles);
  return { id: PARTICIPANT_LIST, update: encodeParticipantListUpdate(update) };
}

/** What a test says of a commit; the proposals follow from it. */
export interface CommitParts {
  readonly added?: readonly LeafIdentity[];
  /** Taken out by the committer. */
  readonly removed?: readonly RoomLeaf[];
  /** Who left by a SelfRemove of its own. */
  readonly left?: readonly RoomLeaf[];
  readonly changes?: readonly ProposedChange[];
  readonly other?: Partial<ProposedCommit>;
}

export function commitOf(
  sender: ProposedCommit['sender'],
  { added = [], removed = [], left = [], changes = [], other = {} }: CommitParts = {},
): ProposedCommit {
  const external = sender.leafIndex === undefined;
  return {
    sender,
    proposals: [
      ...(external ? [{ type: 'externalInit', by: sender }] : []),
      ...added.map(() => ({ type: 'add', by: sender })),
      ...removed.map(({ leafIndex }) => ({ type: 'remove', by: sender, removed: leafIndex })),
      ...left.map((leaf) => ({ type: 'selfRemove', by: leaf, removed: leaf.leafIndex })),
      ...changes.map(() => ({ type: 'appDataUpdate', by: sender })),
    ],
    added,
    updated: [],
    changes,
    omitted: 0,
    ...other,
  };
}

/** The room after a commit that was allowed; new leaves take the lowest free places, as in MLS. */
export function roomAfter({ state, roster }: RoomView, commit: ProposedCommit): RoomView {
  const next = new Map(roster);
  for (const { removed } of commit.proposals) {
    if (removed !== undefined) next.delete(removed);
  }
  const joiner = commit.sender.leafIndex === undefined ? [commit.sender] : [];
  for (const { user, client } of [...commit.added, ...joiner]) {
    let leafIndex = 0;
    while (next.has(leafIndex)) leafIndex++;
    next.set(leafIndex, { leafIndex, user, client });
  }
  return { state: applyChanges(state, commit.changes), roster: next };
}
