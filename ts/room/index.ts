// The public surface of the room layer.

export { RoomError } from './errors.ts';
export { type Participant, participantOf, type RosterEntry, rosterOf } from './participant.ts';
export {
  decideCommit,
  decideProposal,
  decideSend,
  type PolicyRule,
  type ProposedCommit,
  type RoomView,
  type Verdict,
} from './policy.ts';
