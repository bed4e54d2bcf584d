// The MLS layer's surface: typed handles over the WebAssembly core. Nothing else may import the generated glue.

export { AttachmentCipher, ContentHash } from './attachment.ts';
export {
  type AeadInput,
  aeadOpen,
  aeadSeal,
  decryptWithLabel,
  encryptWithLabel,
  generateHpkeKeyPair,
  generateSignatureKeyPair,
  type HpkeCiphertext,
  hash,
  hkdfExpand,
  hkdfExtract,
  hmac,
  type KeyPair,
  keyPackageRef,
  signWithLabel,
  verifyWithLabel,
} from './crypto.ts';
export { MlsError, type MlsErrorCode, mlsErrors } from './errors.ts';
export {
  type CommitOptions,
  type EncryptOptions,
  Group,
  type JoinExternallyOptions,
  type NewProposal,
} from './group.ts';
export { HubGroup } from './hub_group.ts';
export { Identity } from './identity.ts';
export { type ForeignKeyPackage, importKeyPackage, storePsk } from './import.ts';
export { compiledModule, type InitSource, init, initSync, instanceIsDead } from './instance.ts';
export {
  createKeyPackage,
  deleteKeyPackage,
  inspectKeyPackage,
  type KeyPackageOptions,
} from './key_package.ts';
export { MemberStore } from './member_store.ts';
export {
  type MessageIdInput,
  messageIdDraft04,
  messageIdDraft08,
  messageIdsDraft04,
} from './message_id.ts';
export type {
  AddedMember,
  CipherSuite,
  CommitBundle,
  CommitSummary,
  Credential,
  HubCommitSummary,
  HubProcessed,
  HubStaged,
  KeyPackageInfo,
  Member,
  PendingProposal,
  Processed,
  ProposalSummary,
  ProposalType,
  Row,
  Sender,
  StagedCommit,
  UpdatedMember,
} from './types.ts';
