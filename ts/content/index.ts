// The content layer's surface: the MIMI content format in both profiles, and what clients do with it.

export { AttachmentAlgorithm, type AttachmentFields } from './attachments/algorithms.ts';
export {
  DEFAULT_MAX_ATTACHMENT_BYTES,
  type DecryptAttachmentOptions,
  decryptAttachment,
  decryptAttachmentBytes,
} from './attachments/decrypt.ts';
export {
  type EncryptAttachmentOptions,
  type EncryptedAttachment,
  encryptAttachment,
  encryptAttachmentBytes,
  type SealedAttachment,
} from './attachments/encrypt.ts';
export { attachmentMatches } from './attachments/matches.ts';
export type { ByteSource } from './attachments/pieces.ts';
export {
  extensionsOf,
  noExtensions,
  rawExtensions,
} from './build_extensions.ts';
export { type CborKey, type CborValue, encodeValue, Tagged } from './cbor/value.ts';
export {
  Composer,
  type ComposerOptions,
  type MessageOptions,
  type MessageReference,
  mention,
  mentionHtml,
  SUBJECT_KEY,
} from './compose.ts';
export { decodeContent, encodeContent } from './container.ts';
export {
  type ChosenPart,
  chooseParts,
  type Preferences,
} from './conversation/choose.ts';
export { Conversation } from './conversation/conversation.ts';
export type {
  ConversationPolicy,
  MessageEvent,
  Problem,
  ProblemCode,
  ReportEvent,
} from './conversation/event.ts';
export type { ReactionView } from './conversation/reactions.ts';
export type { Receipts } from './conversation/receipts.ts';
export type {
  ConversationView,
  MessageVersion,
  MessageView,
  ReplyView,
} from './conversation/view.ts';
export { ContentError, type ContentErrorCode, contentErrors } from './errors.ts';
export {
  type ExtensionKey,
  extensionBytes,
  extensionEntries,
  extensionText,
  extensionValue,
  namedRoom,
  namedSender,
} from './extension_values.ts';
export { ExtensionKeys, type Extensions } from './extensions.ts';
export { type FrankingFields, frankingFieldsOf } from './franking.ts';
export { type DerivedValues, decodeDerivedValues, encodeDerivedValues } from './implied.ts';
export { type DecodedValue, decodeValue } from './inspect/decode_value.ts';
export { type DiagnosticOptions, diagnose } from './inspect/diagnostic.ts';
export { printable, printableJson } from './inspect/printable.ts';
export { drawTree } from './inspect/tree.ts';
export type { LinkView, LinkWarning } from './markdown/links.ts';
export { escapeTags, type RenderedMarkdown, renderMarkdown } from './markdown/markdown.ts';
export {
  contentMessageId,
  type MessageIdContext,
  messageIdDraft04,
  messageIdsDraft04,
} from './message_id.ts';
export {
  Disposition,
  type Expiration,
  type ExternalPart,
  type MessageId,
  type MimiContent,
  type MultiPart,
  type NestedPart,
  type NullPart,
  PartSemantics,
  type PartSemanticsName,
  type Profile,
  type ReplyReference,
  type SinglePart,
} from './model.ts';
export type { DecodeOptions } from './options.ts';
export {
  type ExternalOptions,
  mediaTypes,
  numberParts,
  type PartDraft,
  type PartOptions,
  part,
  partsOf,
} from './parts.ts';
export type { RandomSource } from './random.ts';
export { decodeRelaxed } from './relaxed.ts';
export { rules } from './rules.ts';
export {
  decodeStatusReport,
  encodeStatusReport,
  MessageStatus,
  type StatusReport,
  statusMediaType,
} from './status_report.ts';
export type { Timestamp } from './timestamp.ts';
