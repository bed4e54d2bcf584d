// The public surface of the room layer.

export { type CapabilityName, capability } from './capabilities.ts';
export {
  type Closing,
  decodeClosing,
  encodeClosing,
} from './components/closing.ts';
export type { ComponentChange } from './components/component.ts';
export { decodeEscrow, type EscrowParty, encodeEscrow } from './components/escrow.ts';
export type { FrankingAgent, FrankingForm } from './components/franking.ts';
export { decodeHubKeys, encodeHubKeys, type HubKey } from './components/hub_keys.ts';
export {
  CLOSING,
  ESCROW,
  FRANK_AAD,
  FRANKING_AGENT,
  HUB_KEYS,
  JOIN_LINKS,
  MANDATES,
  MODE,
  PARTICIPANT_LIST,
  ROLES_LIST,
  SAFE_AAD,
  SEALED_BANS,
  WRAPPER,
} from './components/ids.ts';
export {
  decodeJoinLinks,
  decodeJoinLinksUpdate,
  encodeJoinLinks,
  encodeJoinLinksUpdate,
  findLink,
  type JoinLink,
  type JoinLinksUpdate,
} from './components/join_links.ts';
export { decodeMandates, encodeMandates } from './components/mandates.ts';
export { decodeRoomMode, encodeRoomMode, type RoomMode } from './components/mode.ts';
export {
  decodeParticipantList,
  decodeParticipantListUpdate,
  encodeParticipantList,
  encodeParticipantListUpdate,
  type ParticipantList,
  type ParticipantListUpdate,
  participantListUpdate,
  type UserRole,
} from './components/participant_list.ts';
export { resolveComponent } from './components/resolve.ts';
export { type Bounds, decodeRoles, encodeRoles, type Role } from './components/roles_list.ts';
export {
  decodeSealedBans,
  decodeSealedBansUpdate,
  encodeSealedBans,
  encodeSealedBansUpdate,
  type SealedBan,
  type SealedBansUpdate,
} from './components/sealed_bans.ts';
export { decideCommit } from './decide/commit.ts';
export { decideProposal, type LoneProposal } from './decide/proposal.ts';
export { decideReport } from './decide/report.ts';
export {
  type PolicyRule,
  policyRules,
  type Verdict,
} from './decide/rules.ts';
export { decideSend } from './decide/send.ts';
export type {
  CoveredProposal,
  LeafIdentity,
  ProposedChange,
  ProposedCommit,
  Proposer,
  RoomLeaf,
  RoomView,
} from './decide/view.ts';
export { RoomError } from './errors.ts';
export { type Participant, participantOf, type RosterEntry, rosterOf } from './participant.ts';
export {
  BANNED_ROLE,
  defaultRoles,
  MEMBER_ROLE,
  MODERATOR_ROLE,
  MUTED_ROLE,
  NO_ROLE,
  OWNER_ROLE,
  roleCan,
  roleMayMove,
} from './roles.ts';
export {
  applyChanges,
  type ComponentData,
  type Franking,
  frankingOf,
  initialComponents,
  type RoomStart,
  type RoomState,
  roleAt,
  roleOf,
  stateOf,
  userCan,
} from './state.ts';
