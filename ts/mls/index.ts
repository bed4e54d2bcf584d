// The MLS layer's surface: typed handles over the WebAssembly core. Nothing else may import the generated glue.

export { AttachmentCipher, ContentHash } from './attachment.ts';
export type { Resolve } from './components.ts';
export {
  type AeadInput,
  aeadOpen,
  aeadSeal,
  decryptWithLabel,
  deriveHpkeKeyPair,
  deriveSignatureKeyPair,
  encryptDerived,
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
export { type ExternalRemoval, externalRemove } from './external.ts';
export { type EncryptOptions, Group, type NewProposal } from './group.ts';
export type {
  CommitOptions,
  ExternalSender,
  GroupOptions,
  Handshakes,
  JoinExternallyOptions,
  JoinOptions,
  Lifetime,
} from './group_options.ts';
export { HubGroup } from './hub_group.ts';
export { Identity } from './identity.ts';
export { type ForeignKeyPackage, importKeyPackage, storePsk } from './import.ts';
export { compiledModule, type InitSource, init, initSync, instanceIsDead } from './instance.ts';
export {
  createKeyPackage,
  decryptWithKeyPackage,
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
export {
  type AddedMember,
  type CipherSuite,
  type CommitBundle,
  type CommitSummary,
  type Component,
  type ComponentChange,
  type ComponentQuestion,
  type ComponentValue,
  type Credential,
  type HubCommitSummary,
  type HubProcessed,
  type HubStaged,
  type KeyPackageInfo,
  type Member,
  type PendingProposal,
  type Processed,
  type ProposalSummary,
  type ProposalType,
  PSEUDONYM_CREDENTIAL,
  type Row,
  type Sender,
  type StagedCommit,
  type UpdatedMember,
} from './types.ts';
