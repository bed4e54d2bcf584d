// The people of a room by whom the room policy is tested, and what the tests say of its verdicts.

import { expect } from 'vitest';
import {
  BANNED_ROLE,
  decideCommit,
  MEMBER_ROLE,
  MODERATOR_ROLE,
  OWNER_ROLE,
  type ProposedCommit,
  type policyRules,
} from '../../ts/room/index.ts';
import { type CommitParts, commitOf, identity, leafAt, moving, policyRoom } from './policy_room.ts';

export const ann = leafAt(0, 'ann');
export const ben = leafAt(1, 'ben');
export const bensLaptop = leafAt(2, 'ben', 'laptop');
export const cat = leafAt(3, 'cat');
export const meg = leafAt(4, 'meg');
/** No participant. */
export const dan = identity('dan');
/** A participant without a client. */
export const ian = identity('ian');
export const eve = identity('eve');

export const people = {
  ann: OWNER_ROLE,
  ben: MEMBER_ROLE,
  cat: MEMBER_ROLE,
  meg: MODERATOR_ROLE,
  ian: MEMBER_ROLE,
  eve: BANNED_ROLE,
};
export const leaves = [ann, ben, bensLaptop, cat, meg];
export const room = policyRoom(people, leaves);

export const judge = (sender: ProposedCommit['sender'], parts: CommitParts, view = room) =>
  decideCommit(view, commitOf(sender, parts));
export const move = ({ user }: { user: string }, role: number) =>
  moving(room.state, { user, role });

export const allowed = { allowed: true };
export const refusedBy = (rule: keyof typeof policyRules) =>
  expect.objectContaining({ allowed: false, rule });
