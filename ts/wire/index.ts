// The wire layer: the TLS presentation codec, the messages of draft-ietf-mimi-protocol-06, the local
// client API's structs, MIMI URIs, and what can be read of MLS messages (RFC 9420) without a key.

export {
  type ClientIdentity,
  decodeClientIdentity,
  encodeClientIdentity,
  readClientIdentity,
  writeClientIdentity,
} from './client_identity.ts';
export { type EnumTable, enumTable, type NameOf } from './codec/enum.ts';
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_ITEMS,
  DEFAULT_MAX_TREE_BYTES,
  Reader,
  type WireLimits,
} from './codec/reader.ts';
export {
  type Decode,
  decoder,
  type Encode,
  encoder,
  treeDecoder,
  withTree,
} from './codec/struct.ts';
export { Writer } from './codec/writer.ts';
export { WireError, type WireErrorCode } from './errors.ts';
export {
  type CreateRoom,
  decodeCreateRoom,
  encodeCreateRoom,
  readCreateRoom,
  writeCreateRoom,
} from './local/create_room.ts';
export {
  decodeLocalConsent,
  encodeLocalConsent,
  type LocalConsent,
  readLocalConsent,
  writeLocalConsent,
} from './local/local_consent.ts';
export {
  decodeRegisterDevice,
  encodeRegisterDevice,
  type RegisterDevice,
  readRegisterDevice,
  writeRegisterDevice,
} from './local/register_device.ts';
export {
  decodeSyncEvent,
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncEvent,
  encodeSyncRequest,
  encodeSyncResponse,
  readSyncEvent,
  readSyncRequest,
  readSyncResponse,
  type SyncEvent,
  type SyncRequest,
  type SyncResponse,
  writeSyncEvent,
  writeSyncRequest,
  writeSyncResponse,
} from './local/sync.ts';
export {
  decodeUploadKeyPackages,
  decodeUploadKeyPackagesResponse,
  encodeUploadKeyPackages,
  encodeUploadKeyPackagesResponse,
  readUploadKeyPackages,
  readUploadKeyPackagesResponse,
  type UploadKeyPackages,
  type UploadKeyPackagesResponse,
  writeUploadKeyPackages,
  writeUploadKeyPackagesResponse,
} from './local/upload_key_packages.ts';
export {
  type Capabilities,
  decodeCapabilities,
  decodeRequiredCapabilities,
  encodeCapabilities,
  encodeRequiredCapabilities,
  type RequiredCapabilities,
  readCapabilities,
  readRequiredCapabilities,
  writeCapabilities,
  writeRequiredCapabilities,
} from './mls/capabilities.ts';
export {
  BASIC_CREDENTIAL,
  type Credential,
  decodeCredential,
  encodeCredential,
  readCredential,
  writeCredential,
  X509_CREDENTIAL,
} from './mls/credential.ts';
export {
  decodeExtensions,
  type Extension,
  encodeExtensions,
  readExtension,
  readExtensions,
  writeExtension,
  writeExtensions,
} from './mls/extension.ts';
export {
  decodeExternalSender,
  type ExternalSender,
  encodeExternalSender,
  readExternalSender,
  writeExternalSender,
} from './mls/external_sender.ts';
export type { ContentType, MlsSender, PrivateMessageFields } from './mls/framing.ts';
export {
  decodeGroupInfo,
  type GroupContextView,
  type GroupInfoView,
  readGroupInfo,
} from './mls/group_info.ts';
export {
  decodeHpkeCiphertext,
  encodeHpkeCiphertext,
  type HpkeCiphertext,
  readHpkeCiphertext,
  writeHpkeCiphertext,
} from './mls/hpke_ciphertext.ts';
export { decodeKeyPackage, type KeyPackageView, readKeyPackage } from './mls/key_package.ts';
export { decodeLeafNode, type LeafNodeView, type Lifetime, readLeafNode } from './mls/leaf_node.ts';
export {
  decodeMlsMessage,
  type GroupInfoMessageView,
  type HandshakeView,
  type KeyPackageMessageView,
  type MlsMessageView,
  mlsMessageHeader,
  type PrivateMessageView,
  type PublicMessageView,
  readMlsMessage,
  toMlsMessage,
  type WelcomeMessageView,
  writeMlsMessage,
} from './mls/mls_message.ts';
export { proposalTypes } from './mls/proposal.ts';
export { decodeWelcome, readWelcome, type WelcomeView } from './mls/welcome.ts';
export {
  DIRECTORY_PATH,
  type Directory,
  decodeDirectory,
  type Endpoint,
  encodeDirectory,
  endpointUrl,
  type RequiredEndpoint,
} from './protocol/directory.ts';
export {
  decodeFanoutMessage,
  decodeFanoutMessages,
  encodeFanoutMessage,
  encodeFanoutMessages,
  type FanoutMessage,
  readFanoutMessage,
  writeFanoutMessage,
} from './protocol/fanout_message.ts';
export { decodeFrank, encodeFrank, type Frank, readFrank, writeFrank } from './protocol/frank.ts';
export {
  decodeGroupInfoOption,
  encodeGroupInfoOption,
  type GroupInfoOption,
  readGroupInfoOption,
  writeGroupInfoOption,
} from './protocol/group_info_option.ts';
export {
  decodeGroupInfoRatchetTreeTBE,
  encodeGroupInfoRatchetTreeTBE,
  type GroupInfoRatchetTreeTBE,
  type PendingProposal,
  readGroupInfoRatchetTreeTBE,
  writeGroupInfoRatchetTreeTBE,
} from './protocol/group_info_ratchet_tree.ts';
export {
  decodeGroupInfoRequest,
  encodeGroupInfoRequest,
  encodeGroupInfoRequestTBS,
  type GroupInfoRequest,
  type GroupInfoRequestTBS,
  readGroupInfoRequest,
  writeGroupInfoRequest,
  writeGroupInfoRequestTBS,
} from './protocol/group_info_request.ts';
export {
  decodeGroupInfoResponse,
  encodeGroupInfoResponse,
  encodeGroupInfoResponseTBS,
  type GroupInfoCode,
  type GroupInfoResponse,
  type GroupInfoResponseTBS,
  readGroupInfoResponse,
  writeGroupInfoResponse,
  writeGroupInfoResponseTBS,
} from './protocol/group_info_response.ts';
export { decodeHandshake } from './protocol/handshake.ts';
export {
  decodeIdentifierUri,
  encodeIdentifierUri,
  readIdentifierUri,
  writeIdentifierUri,
} from './protocol/identifier_uri.ts';
export {
  decodeKeyMaterialRequest,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  type KeyMaterialRequest,
  type KeyMaterialRequestTBS,
  readKeyMaterialRequest,
  writeKeyMaterialRequest,
  writeKeyMaterialRequestTBS,
} from './protocol/key_material_request.ts';
export {
  type ClientKeyMaterial,
  decodeKeyMaterialResponse,
  encodeKeyMaterialResponse,
  type KeyMaterialResponse,
  type KeyMaterialUserCode,
  readKeyMaterialResponse,
  writeKeyMaterialResponse,
} from './protocol/key_material_response.ts';
export {
  decodePartialGroupInfo,
  encodePartialGroupInfo,
  type PartialGroupInfo,
  type RatchetTreePresence,
  readPartialGroupInfo,
  writePartialGroupInfo,
} from './protocol/partial_group_info.ts';
export type { Protocol } from './protocol/protocol.ts';
export {
  decodeRatchetTreeOption,
  encodeRatchetTreeOption,
  type RatchetTreeOption,
  readRatchetTreeOption,
  writeRatchetTreeOption,
} from './protocol/ratchet_tree_option.ts';
export {
  decodeSubmitMessageRequest,
  encodeSubmitMessageRequest,
  readSubmitMessageRequest,
  type SubmitMessageRequest,
  writeSubmitMessageRequest,
} from './protocol/submit_message_request.ts';
export {
  decodeSubmitMessageResponse,
  encodeSubmitMessageResponse,
  readSubmitMessageResponse,
  type SubmitMessageResponse,
  writeSubmitMessageResponse,
} from './protocol/submit_message_response.ts';
export {
  type CommitUpdate,
  decodeUpdateRequest,
  encodeUpdateRequest,
  type ProposalUpdate,
  readUpdateRequest,
  type UpdateRequest,
  writeUpdateRequest,
} from './protocol/update_request.ts';
export {
  decodeUpdateRoomResponse,
  encodeUpdateRoomResponse,
  readUpdateRoomResponse,
  type UpdateResponseCode,
  type UpdateRoomResponse,
  writeUpdateRoomResponse,
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
