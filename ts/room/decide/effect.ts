// What a commit would do to a room: the state after it, who moves between roles, whose leaves go, stay and come.

import { ExedraError } from '../../errors.ts';
import { PARTICIPANT_LIST } from '../components/ids.ts';
import type { ParticipantList } from '../components/participant_list.ts';
import { NO_ROLE } from '../roles.ts';
import { applyChanges, type RoomState } from '../state.ts';
import { type Refusal, refuse } from './rules.ts';
import type {
  LeafIdentity,
  ProposedChange,
  ProposedCommit,
  Proposer,
  RoomLeaf,
  RoomView,
} from './view.ts';

/** A user who gets another role; 0 is outside the list. */
export interface Move {
  readonly user: string;
  readonly from: number;
  readonly to: number;
  readonly mandated: boolean;
}

/** A leaf that goes. */
export interface Removal {
  readonly leaf: RoomLeaf;
  readonly by: Proposer;
}

export interface Effect {
  readonly before: RoomState;
  readonly next: RoomState;
  readonly commit: ProposedCommit;
  readonly moves: readonly Move[];
  readonly removals: readonly Removal[];
  /** Leaves of before that stay. */
  readonly staying: readonly RoomLeaf[];
  /** How many leaves each user has, before and after. */
  readonly leavesBefore: ReadonlyMap<string, number>;
  readonly leavesAfter: ReadonlyMap<string, number>;
}

/** The effect of a commit, or why it can have none. */
export function effectOf({ state, roster }: RoomView, commit: ProposedCommit): Effect | Refusal {
  let next: RoomState;
  try {
    next = applyChanges(state, commit.changes);
  } catch (error) {
    // Only what a change says can be at fault here: the state itself was read before.
    if (error instanceof ExedraError) return refuse('R12-room-state', error.code);
    throw error;
  }
  const removals = removalsOf(roster, commit);
  if ('allowed' in removals) return removals;
  const gone = new Set(removals.map(({ leaf }) => leaf.leafIndex));
  const staying = [...roster.values()].filter(({ leafIndex }) => !gone.has(leafIndex));
  const joiner = commit.sender.leafIndex === undefined ? [commit.sender] : [];
  return {
    before: state,
    next,
    commit,
    moves: movesOf(state, commit.changes),
    removals,
    staying,
    leavesBefore: countLeaves(roster.values()),
    leavesAfter: countLeaves([...staying, ...commit.added, ...joiner]),
  };
}

function removalsOf(
  roster: RoomView['roster'],
  { proposals }: ProposedCommit,
): readonly Removal[] | Refusal {
  const removals: Removal[] = [];
  for (const { type, by, removed } of proposals) {
    if (type !== 'remove' && type !== 'selfRemove') continue;
    const leaf = removed === undefined ? undefined : roster.get(removed);
    if (leaf === undefined) return refuse('R3-remover', 'a removal names no leaf of the group');
    if (type === 'selfRemove' && (by === 'hub' || by.client !== leaf.client)) {
      return refuse('R7-own-leave-only', 'a self-removal takes out another client');
    }
    removals.push({ leaf, by });
  }
  return removals;
}

/** The moves of all updates of the participant list; they are known to apply. */
function movesOf(state: RoomState, changes: readonly ProposedChange[]): readonly Move[] {
  const moves: Move[] = [];
  let current = state;
  for (const change of changes) {
    if (change.id !== PARTICIPANT_LIST) continue;
    const next = applyChanges(current, [change]);
    const mandated = change.mandated === true;
    for (const move of difference(current.participants, next.participants)) {
      moves.push({ ...move, mandated });
    }
    current = next;
  }
  return moves;
}

function difference(before: ParticipantList, after: ParticipantList): Omit<Move, 'mandated'>[] {
  const was = new Map(before.map(({ user, role }) => [user, role]));
  const is = new Map(after.map(({ user, role }) => [user, role]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((user) => ({ user, from: was.get(user) ?? NO_ROLE, to: is.get(user) ?? NO_ROLE }))
    .filter(({ from, to }) => from !== to);
}

/** How many leaves each user has; users without one are not in the map. */
export function countLeaves(leaves: Iterable<LeafIdentity>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { user } of leaves) counts.set(user, (counts.get(user) ?? 0) + 1);
  return counts;
}
