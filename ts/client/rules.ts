// What a member checks of a commit before it accepts it, whatever the hub let pass.

import { decideCommit, type ProposedCommit, type RoomView, type Verdict } from '../room/index.ts';

/** Decides whether a device follows its room through a commit. An app may bring stricter ones. */
export interface RoomRules {
  decideCommit(room: RoomView, commit: ProposedCommit): Verdict;
}

/** The room policy: the same function that the hub decides by, where the mode lets the hub see what it decides on. */
export const memberRules: RoomRules = { decideCommit };
