// What a conversation is made of: messages and reports, each with what the receiver knows of it from elsewhere.

import type { MessageId, MimiContent } from '../model.ts';
import type { StatusReport } from '../status_report.ts';

/** A message as it was received. */
export interface MessageEvent {
  readonly id: MessageId;
  /** The user that is authenticated as its sender. */
  readonly sender: string;
  /** When the hub accepted it, in milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly content: MimiContent;
  /** The container as received; draft04 replies to it carry its hash. */
  readonly container?: Uint8Array | undefined;
}

/** A status report as it was received. */
export interface ReportEvent {
  readonly sender: string;
  readonly acceptedAt: number;
  readonly report: StatusReport;
}

/** Who may do what to the messages of others, and what is plausible; nothing is allowed by default. */
export interface ConversationPolicy {
  /** Whether `by` may replace the body of a message that `original` sent; its own sender always may. */
  readonly mayEdit?: ((by: MessageEvent, original: MessageEvent) => boolean) | undefined;
  readonly mayDelete?: ((by: MessageEvent, original: MessageEvent) => boolean) | undefined;
  /** When the room was made, in milliseconds since the epoch; nothing is accepted before. */
  readonly roomCreatedAt?: number | undefined;
}

/** Why a message is not shown, or not as it asks to be. */
export type ProblemCode =
  /** Another message had the id already. */
  | 'duplicateId'
  /** Accepted before the room or the format was made, or more than five minutes from now. */
  | 'implausibleTimestamp'
  /** An edit or deletion by somebody else, without a policy that allows it. */
  | 'notAllowed'
  /** An edit of an edit: `replaces` names the first version. */
  | 'notFirstVersion'
  /** Its replies lead back to itself. */
  | 'replyLoop'
  /** draft04: the hash in `inReplyTo` is not that of the message; only SHA-256 is checked, whole or cut short. */
  | 'wrongReplyHash'
  /** draft04: `replaces` or `inReplyTo` names a message outside of the topic. */
  | 'wrongTopic';

export interface Problem {
  readonly code: ProblemCode;
  readonly id: MessageId;
  readonly sender: string;
}
