// Successor groups: how a room goes on in another mode, or is healed of a commit that its members cannot process.
// docs/modes, "Successor group" and "Nobody rolls MLS state back". The pre-shared key that the old group
// exports keeps everybody out who was not in it; the checks here are the joiner's.
//   struct { opaque label<V>; SuccessorReason reason; opaque old_group_id<V>; uint64 old_epoch;
//     opaque new_group_id<V>; opaque mode<V>; opaque creator<V>; } SuccessorContext;

import { enumTable, type NameOf } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { LABEL_PREFIX, labelled, sameBytes } from './structs.ts';

const LABEL = 'successor';

const reasons = enumTable({ closing: 1, healing: 2 });

/** The old room was closed by a commit, or is stuck in an epoch that a bad commit has ended. */
export type SuccessorReason = NameOf<typeof reasons>;

/** A successor as the old group's closing component, or the member who heals, announces it. */
export interface SuccessorPlan {
  readonly reason: SuccessorReason;
  readonly oldGroupId: Uint8Array;
  /** The epoch that the closing commit begins, or the last good one. */
  readonly oldEpoch: bigint;
  readonly newGroupId: Uint8Array;
  /** The name of the new group's mode. */
  readonly mode: string;
  /** The URI of the user who creates the new group, as the old group knows it. */
  readonly creator: string;
}

/** For `Group.exportSecret` in the old group: the label, and with `successorContext` the context. */
export const SUCCESSOR_EXPORT_LABEL: string = LABEL_PREFIX + LABEL;

export function successorContext(plan: SuccessorPlan): Uint8Array {
  return labelled(LABEL, (writer) => {
    writer.enum8(reasons, plan.reason, 'reason');
    writer.opaque(plan.oldGroupId, 'oldGroupId');
    writer.u64(plan.oldEpoch, 'oldEpoch');
    writer.opaque(plan.newGroupId, 'newGroupId');
    writer.text(plan.mode, 'mode');
    writer.text(plan.creator, 'creator');
  });
}

/** The id of the external pre-shared key: says nothing that a hub of both groups does not see. */
export function successorPskId(plan: SuccessorPlan): Uint8Array {
  return labelled('successor psk', (writer) => {
    writer.opaque(plan.oldGroupId, 'oldGroupId');
    writer.u64(plan.oldEpoch, 'oldEpoch');
    writer.opaque(plan.newGroupId, 'newGroupId');
  });
}

/** What a joiner finds in the new group, and remembers of the old one. Users are URIs of one kind in both. */
export interface SuccessorGroup {
  readonly groupId: Uint8Array;
  /** The mode that the new group pins. */
  readonly mode: string;
  /** The creator that the new group pins. */
  readonly creator: string;
  /** The ids of the pre-shared keys that the Welcome's commit used. */
  readonly psks: readonly Uint8Array[];
  readonly members: readonly string[];
  readonly oldMembers: readonly string[];
  /** Users who must not be in it: of a healing, who sent the bad commit. */
  readonly excluded?: readonly string[] | undefined;
  /** Whether messages of the new room can be reported less, or show more to followers, than those of the old one. */
  readonly frankedLess?: boolean | undefined;
}

/**
 * Throws PrivacyError `notASuccessor` (rule: groupId, mode, creator, psk, members, excluded, franking) unless the
 * group is the one that was announced, nobody is in it who was not in the old one, and it is franked as that was, or better.
 */
export function checkSuccessor(plan: SuccessorPlan, group: SuccessorGroup): void {
  if (!sameBytes(plan.newGroupId, group.groupId)) throw refused('notASuccessor', 'groupId');
  if (plan.mode !== group.mode) throw refused('notASuccessor', 'mode');
  if (plan.creator !== group.creator) throw refused('notASuccessor', 'creator');
  const pskId = successorPskId(plan);
  if (!group.psks.some((id) => sameBytes(id, pskId))) throw refused('notASuccessor', 'psk');
  const old = new Set(group.oldMembers);
  if (!old.has(plan.creator)) throw refused('notASuccessor', 'creator');
  if (!group.members.every((user) => old.has(user))) throw refused('notASuccessor', 'members');
  const excluded = new Set(group.excluded);
  if (group.members.some((user) => excluded.has(user))) throw refused('notASuccessor', 'excluded');
  if (group.frankedLess === true) throw refused('notASuccessor', 'franking');
}
