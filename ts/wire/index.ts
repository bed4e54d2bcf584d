// The wire layer: the TLS presentation codec, the messages of draft-ietf-mimi-protocol-06, the local
// client API's structs, MIMI URIs, and what can be read of MLS messages (RFC 9420) without a key.

export {
  type ClientIdentity,
  decodeClientIdentity,
  encodeClientIdentity,
} from './client_identity.ts';
export { type EnumTable, enumTable, type NameOf } from './codec/enum.ts';
export { Reader, type WireLimits } from './codec/reader.ts';
export { type Decode, decoder, type Encode, encoder } from './codec/struct.ts';
export { Writer } from './codec/writer.ts';
export {
  type BanComplaint,
  decodeBanComplaint,
  encodeBanComplaint,
} from './enterprise/ban_complaint.ts';
export {
  type BanNotice,
  type BanReceipt,
  type BanReceiptContent,
  type BanStatement,
  decodeBanNotice,
  decodeBanReceipt,
  encodeBanNotice,
  encodeBanReceipt,
  encodeBanReceiptContent,
  encodeBanStatement,
} from './enterprise/ban_notice.ts';
export {
  type BreakGlassOrder,
  decodeSignedOrder,
  encodeBreakGlassOrder,
  encodeSignedOrder,
  ORDER_NONCE_BYTES,
  type SignedOrder,
} from './enterprise/break_glass_order.ts';
export {
  decodeEscrowCase,
  decodeEscrowShare,
  type EscrowCase,
  type EscrowShare,
  encodeEscrowCase,
  encodeEscrowShare,
} from './enterprise/escrow_case.ts';
export { WireError, type WireErrorCode } from './errors.ts';
export { type CreateRoom, decodeCreateRoom, encodeCreateRoom } from './local/create_room.ts';
export {
  decodeLocalConsent,
  encodeLocalConsent,
  type LocalConsent,
} from './local/local_consent.ts';
export {
  decodePseudonymDeclaration,
  encodePseudonymDeclaration,
  type PseudonymDeclaration,
} from './local/pseudonym_declaration.ts';
export {
  decodeRegisterDevice,
  encodeRegisterDevice,
  type RegisterDevice,
} from './local/register_device.ts';
export {
  decodeSyncEvent,
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncEvent,
  encodeSyncRequest,
  encodeSyncResponse,
  type SyncEvent,
  type SyncRequest,
  type SyncResponse,
} from './local/sync.ts';
export {
  decodeBlindedBatch,
  decodeOpenQueue,
  decodeQueueOpened,
  decodeToken,
  encodeBlindedBatch,
  encodeOpenQueue,
  encodeQueueOpened,
  encodeToken,
  encodeTokenInput,
  type OpenQueue,
  TOKEN_SIGNATURE_BYTES,
  TOKEN_TYPE,
  type Token,
  type TokenInput,
} from './local/tokens.ts';
export {
  decodeUploadKeyPackages,
  decodeUploadKeyPackagesResponse,
  encodeUploadKeyPackages,
  encodeUploadKeyPackagesResponse,
  type UploadKeyPackages,
  type UploadKeyPackagesResponse,
} from './local/upload_key_packages.ts';
export { APP_DATA_DICTIONARY, componentsOf } from './mls/app_data_dictionary.ts';
export {
  type Capabilities,
  decodeCapabilities,
  decodeRequiredCapabilities,
  encodeCapabilities,
  encodeRequiredCapabilities,
  type RequiredCapabilities,
} from './mls/capabilities.ts';
export {
  BASIC_CREDENTIAL,
  type Credential,
  decodeCredential,
  encodeCredential,
} from './mls/credential.ts';
export { decodeExtensions, type Extension, encodeExtensions } from './mls/extension.ts';
export {
  decodeExternalSender,
  type ExternalSender,
  encodeExternalSender,
  externalSendersOf,
} from './mls/external_sender.ts';
export type { ContentType, MlsSender, PrivateMessageFields } from './mls/framing.ts';
export {
  decodeGroupContext,
  decodeGroupInfo,
  type GroupContextView,
  type GroupInfoView,
} from './mls/group_info.ts';
export {
  decodeHpkeCiphertext,
  encodeHpkeCiphertext,
  type HpkeCiphertext,
} from './mls/hpke_ciphertext.ts';
export { decodeKeyPackage, type KeyPackageView } from './mls/key_package.ts';
export { decodeLeafNode, type LeafNodeView, type Lifetime } from './mls/leaf_node.ts';
export {
  decodeMlsMessage,
  type GroupInfoMessageView,
  type HandshakeView,
  type KeyPackageMessageView,
  type MlsMessageView,
  mlsMessageHeader,
  type PrivateMessageView,
  type PublicMessageView,
  toMlsMessage,
  type WelcomeMessageView,
} from './mls/mls_message.ts';
export { proposalTypes } from './mls/proposal.ts';
export { decodeSafeAad, encodeSafeAad, readSafeAad, type SafeAadItem } from './mls/safe_aad.ts';
export { decodeWelcome, type WelcomeView } from './mls/welcome.ts';
export {
  decodeOpenSets,
  decodeUploadKeyPackageSets,
  encodeOpenSets,
  encodeUploadKeyPackageSets,
  type OpenSet,
  type SetEntry,
  type SetKind,
  setKinds,
  type UploadKeyPackageSets,
} from './modes/key_package_sets.ts';
export {
  decodeLetters,
  decodeLettersRequest,
  decodeNote,
  decodeNoteValue,
  encodeLetters,
  encodeLettersRequest,
  encodeNote,
  encodeNoteValue,
  type Letter,
  type Note,
} from './modes/letters.ts';
export type { ModeEvent } from './modes/mode_event.ts';
export {
  decodeModeGroupInfo,
  encodeModeGroupInfo,
  type ModeGroupInfo,
} from './modes/mode_group_info.ts';
export {
  decodeModeMessage,
  encodeModeMessage,
  encodeModeMessageBody,
  FRANKING_KEY_ID_BYTES,
  type FrankRequest,
  isModeMessage,
  type ModeMessage,
} from './modes/mode_message.ts';
export {
  decodeModeReport,
  decodeProvenReport,
  encodeModeReport,
  encodeProvenReport,
  isModeReport,
  type ProvenReport,
} from './modes/mode_report.ts';
export { decodeModeRoom, encodeModeRoom, isModeRoom, type ModeRoom } from './modes/mode_room.ts';
export {
  decodeModeUpdate,
  encodeModeUpdate,
  encodeModeUpdateBody,
  isModeUpdate,
  type ModeUpdate,
  type ModeUpdateKind,
} from './modes/mode_update.ts';
export {
  decodeHandshakePayload,
  decodeHubPart,
  decodeSlotWrites,
  encodeHandshakePayload,
  encodeHubPart,
  encodeSlotWrites,
  type HandshakePayload,
  type HubPart,
  hubPartOf,
} from './modes/payload.ts';
export {
  decodeProviderKeys,
  encodeProviderKeys,
  type ProviderKeys,
} from './modes/provider_keys.ts';
export {
  decodeRoomSlots,
  decodeRoomSlotsRequest,
  encodeRoomSlots,
  encodeRoomSlotsRequest,
  type RoomSlots,
  type RoomSlotsRequest,
} from './modes/room_slots.ts';
export {
  decodeSealedRequest,
  encodeSealedRequest,
  type SealedRequest,
} from './modes/sealed_request.ts';
export type { SealedWelcome } from './modes/sealed_welcome.ts';
export {
  clientSlotNames,
  escrowSlotName,
  type Slot,
  type SlotLifetime,
  type SlotName,
  type SlotWrite,
} from './modes/slot.ts';
export {
  type AbuseReport,
  type AbusiveMessage,
  decodeAbuseReport,
  encodeAbuseReport,
} from './protocol/abuse_report.ts';
export {
  type Directory,
  decodeDirectory,
  encodeDirectory,
  endpointUrl,
} from './protocol/directory.ts';
export {
  decodeFanoutMessage,
  decodeFanoutMessages,
  encodeFanoutMessage,
  encodeFanoutMessages,
  type FanoutMessage,
} from './protocol/fanout_message.ts';
export { decodeFrank, encodeFrank, type Frank } from './protocol/frank.ts';
export {
  decodeGroupInfoOption,
  encodeGroupInfoOption,
  type GroupInfoOption,
} from './protocol/group_info_option.ts';
export {
  decodeGroupInfoRatchetTreeTBE,
  encodeGroupInfoRatchetTreeTBE,
  type GroupInfoRatchetTreeTBE,
  type PendingProposal,
} from './protocol/group_info_ratchet_tree.ts';
export {
  decodeGroupInfoRequest,
  encodeGroupInfoRequest,
  encodeGroupInfoRequestTBS,
  type GroupInfoRequest,
  type GroupInfoRequestTBS,
} from './protocol/group_info_request.ts';
export {
  decodeGroupInfoResponse,
  encodeGroupInfoResponse,
  encodeGroupInfoResponseTBS,
  type GroupInfoCode,
  type GroupInfoResponse,
  type GroupInfoResponseTBS,
} from './protocol/group_info_response.ts';
export { decodeHandshake } from './protocol/handshake.ts';
export { decodeIdentifierUri, encodeIdentifierUri } from './protocol/identifier_uri.ts';
export {
  decodeKeyMaterialRequest,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  type KeyMaterialRequest,
  type KeyMaterialRequestTBS,
} from './protocol/key_material_request.ts';
export {
  type ClientKeyMaterial,
  decodeKeyMaterialResponse,
  encodeKeyMaterialResponse,
  type KeyMaterialResponse,
  type KeyMaterialUserCode,
} from './protocol/key_material_response.ts';
export {
  decodePartialGroupInfo,
  encodePartialGroupInfo,
  type PartialGroupInfo,
  type RatchetTreePresence,
} from './protocol/partial_group_info.ts';
export type { Protocol } from './protocol/protocol.ts';
export {
  decodeRatchetTreeOption,
  encodeRatchetTreeOption,
  type RatchetTreeOption,
} from './protocol/ratchet_tree_option.ts';
export {
  decodeSubmitMessageRequest,
  encodeSubmitMessageRequest,
  type SubmitMessageRequest,
} from './protocol/submit_message_request.ts';
export {
  decodeSubmitMessageResponse,
  encodeSubmitMessageResponse,
  type SubmitMessageResponse,
} from './protocol/submit_message_response.ts';
export {
  type CommitUpdate,
  decodeUpdateRequest,
  encodeUpdateRequest,
  type ProposalUpdate,
  type UpdateRequest,
} from './protocol/update_request.ts';
export {
  decodeUpdateRoomResponse,
  encodeUpdateRoomResponse,
  type UpdateRoomResponse,
} from './protocol/update_room_response.ts';
export {
  asClientUri,
  asGroupUri,
  asProviderUri,
  asRoomUri,
  asUserUri,
  type ClientUri,
  clientUri,
  decodePathUri,
  domainOf,
  encodePathUri,
  type GroupUri,
  groupIdOf,
  groupUri,
  groupUriOf,
  type MimiUri,
  type MimiUriKind,
  type ProviderUri,
  parseMimiUri,
  providerUri,
  type RoomUri,
  roomOfGroupId,
  roomUri,
  type UserUri,
  userUri,
} from './uri.ts';
