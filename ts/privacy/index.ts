// The privacy layer: modes behind one interface, and the parts that they and their users work with.

export { type OpenedReport, openReport, sealReport } from './abuse_report.ts';
export { decodeInner } from './clear_handshakes.ts';
export { PrivacyError, type PrivacyErrorCode } from './errors.ts';
export {
  checkFrank,
  checkRoomFranking,
  type FrankedPlace,
  frankingFieldsIn,
  frankRequest,
} from './franking.ts';
export { OrderedGroup } from './hub/ordered_group.ts';
export { readSubmission, type Submission } from './hub/submission.ts';
export { NEWCOMER, provenContent, provenLeaf } from './leaf_proof.ts';
export {
  claimedLink,
  encodeLinkClaim,
  type LinkClaim,
} from './link_claim.ts';
export {
  carriesMandate,
  hubSignatureKey,
  lastMandate,
  type MandateGroup,
  mandatedChanges,
  mandatedIn,
  mandateSlot,
  mandatesAmong,
  openMandate,
} from './mandates.ts';
export {
  type Composed,
  composeCommit,
  composeJoin,
  composeProposals,
  composeRoom,
  composeSlots,
  currentKeys,
  type JoinPlace,
  type MemberChange,
  type Newcomer,
  nextEpoch,
  ROOT_COMPONENT,
  type Sender,
  welcomeExtension,
} from './member/compose.ts';
export { EMPTY_EPOCH, type EpochState } from './member/epoch_state.ts';
export { decodeMemberSecrets } from './member/member_secrets.ts';
export { joinSlot, readFormerWrappers, WRAPPER_SLOT, writeWrapper } from './member/member_slots.ts';
export { type Identification, Membership } from './member/membership.ts';
export {
  enterEpoch,
  identify,
  joinedEpoch,
  learnFrom,
  welcomedEpoch,
} from './member/receive.ts';
export { memberProof } from './member_proof.ts';
export type {
  Credentials,
  HandshakeAddress,
  Handshakes,
  HubKey,
  HubParts,
  LeafIdentity,
  Mode,
  WrapFor,
} from './mode.ts';
export {
  type Announcement,
  contextHash,
  decodeAnnouncement,
  makeAnnouncement,
  verifyAnnouncement,
} from './parts/announcement.ts';
export { type BanContent, openBanEntry, sealBanEntry } from './parts/ban_entry.ts';
export {
  type ClaimedKeyPackage,
  openClaimAnswer,
  openClaimedLinkKey,
  type PendingClaim,
  sealClaim,
  sealClaimedLinkKey,
} from './parts/claim.ts';
export {
  decodePendingRequest,
  encodePendingRequest,
  type OpenedRequest,
  openRequest,
  openResponse,
  sealRequest,
  sealResponse,
} from './parts/connection.ts';
export { makeContactCard, readContactCard } from './parts/contact_card.ts';
export { deriveEpochKeys, type EpochKeys } from './parts/epoch_root.ts';
export {
  blindedSender,
  blindOf,
  type Franked,
  type FrankingKey,
  frankingKeyId,
  frankingTag,
  integrityOf,
  isOwnFrank,
  makeFrank,
} from './parts/frank.ts';
export { signerOf } from './parts/hpke.ts';
export { openLink, type RealSigner } from './parts/identity_link.ts';
export {
  checkGroupInfo,
  createLink,
  encodeLink,
  type JoinClaim,
  type JoinLink as SharedLink,
  type JoinRecord,
  joinProof,
  joinTokenSlot,
  linkPublic,
  linkToken,
  openJoinRecord,
  parseLink,
} from './parts/join_link.ts';
export { decodeMandate, type Mandate, makeMandate } from './parts/mandate.ts';
export { messageClass } from './parts/padding.ts';
export {
  CLAIM_SLOTS,
  claimSlotToken,
  claimToken,
  claimTokenHash,
  connectionKey,
  contactKey,
  isUserPseudonym,
  pseudonymKey,
} from './parts/pseudonym.ts';
export { makeCredential } from './parts/pseudonym_credential.ts';
export { child as secretChild, openUnder, sealUnder } from './parts/seal.ts';
export { openWelcome } from './parts/sealed_welcome.ts';
export { declarePseudonym } from './parts/statements.ts';
export {
  checkSuccessor,
  SUCCESSOR_EXPORT_LABEL,
  type SuccessorPlan,
  successorContext,
  successorPskId,
} from './parts/successor.ts';
export { requestTokens, type TokenRequests } from './parts/token_request.ts';
export { firstThatOpens, generationId, newWrapper } from './parts/wrapper.ts';
export {
  openNextWriteKey,
  sealNextWriteKey,
  verifyWriteMac,
  WRITE_KEY_BYTES,
  writeMac,
} from './parts/write_key.ts';
export { type CommitFacts, proposedCommit } from './proposed_commit.ts';
export { modeNamed, modeNames, registerMode } from './registry.ts';
export { resolveChanges } from './resolve_changes.ts';
export { RosterReader } from './roster.ts';
export { behindSafeAad, frankedAad, frankingTagIn } from './safe_aad.ts';
export {
  askForSlots,
  mayReadSlots,
  openSlots,
  type Readers,
  sealSlots,
} from './slots_request.ts';
