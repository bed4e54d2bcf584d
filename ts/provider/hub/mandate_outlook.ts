// Looks ahead to the commit that is to carry a mandate out: with what waits, could any member make it? A mandate that
// nobody can commit would close the room for good. spec/privacy-modes.md, "Mandates".

import type { HubGroup } from '../../mls/index.ts';
import {
  BANNED_ROLE,
  type CoveredProposal,
  decideCommit,
  type ProposedChange,
  type RoomLeaf,
  roleOf,
  userCan,
} from '../../room/index.ts';
import type { HubView } from './hub_room.ts';
import type { Refusal } from './refusal.ts';

/** Users whose clients all ask to be taken out, so that their entries go with them. */
export type Leavers = ReadonlySet<string>;

/** The proposals that wait, as the policy takes them. */
export function queueOf(
  group: HubGroup,
  roster: ReadonlyMap<number, RoomLeaf>,
): readonly CoveredProposal[] {
  return group.pendingProposals().flatMap(({ type, sender, removed }) => {
    const by = sender.type === 'member' ? roster.get(sender.leafIndex) : ('hub' as const);
    return by === undefined ? [] : [{ type, by, removed }];
  });
}

export function leaversOf({ state, roster }: HubView, queue: readonly CoveredProposal[]): Leavers {
  const asked = new Map<string, number>();
  const leaves = new Set<number>();
  for (const { by, removed } of queue) {
    const leaf = removed === undefined ? undefined : roster.get(removed);
    if (leaf === undefined || by === 'hub' || by.user !== leaf.user) continue;
    if (leaves.has(leaf.leafIndex)) continue;
    leaves.add(leaf.leafIndex);
    asked.set(leaf.user, (asked.get(leaf.user) ?? 0) + 1);
  }
  const has = (user: string) => [...roster.values()].filter((leaf) => leaf.user === user).length;
  const leavers = [...asked].filter(
    ([user, count]) =>
      count === has(user) &&
      roleOf(state, user) > BANNED_ROLE &&
      userCan(state, user, 'canRemoveSelf'),
  );
  return new Set(leavers.map(([user]) => user));
}

/**
 * Why no member could commit these changes with all that waits, or `undefined`. What is mandated asks for no right, and
 * who leaves is taken out by whoever commits, so that one member stands for all.
 * @param removals leaves that the hub asks to take out besides
 */
export function coverable(
  view: HubView,
  queue: readonly CoveredProposal[],
  removals: readonly number[],
  changes: readonly ProposedChange[],
): Refusal | undefined {
  const gone = new Set([...queue.map(({ removed }) => removed), ...removals]);
  const sender = [...view.roster.values()].find(
    ({ leafIndex, user }) => !gone.has(leafIndex) && roleOf(view.state, user) > BANNED_ROLE,
  );
  if (sender === undefined) return { rule: 'mandate', why: 'nobody stays who could commit' };
  const byHub = removals.map((removed) => ({ type: 'remove', by: 'hub' as const, removed }));
  const verdict = decideCommit(view, {
    sender,
    proposals: [...queue, ...byHub],
    added: [],
    updated: [],
    changes,
    omitted: 0,
  });
  return verdict.allowed ? undefined : verdict;
}
