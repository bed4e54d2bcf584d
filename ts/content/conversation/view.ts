// Puts the messages of a conversation together: edits, deletions, replies, reactions, topics, expiry and receipts
// (draft-ietf-mimi-content, "Rendering and authorization of edits and deletes", "Topics / Threading", "Expiring").

import { compareBytes } from '../cbor/value.ts';
import { Disposition, type MessageId, type NestedPart } from '../model.ts';
import type {
  ConversationPolicy,
  MessageEvent,
  Problem,
  ProblemCode,
  ReportEvent,
} from './event.ts';
import { keysOnCycles } from './graph.ts';
import { keyOf } from './key.ts';
import { type ReactionView, reactionsOf } from './reactions.ts';
import { type Receipts, receiptsOf } from './receipts.ts';
import { ReplyHashes } from './reply_hash.ts';

/** A version of a message, the first or an edit. */
export interface MessageVersion {
  readonly id: MessageId;
  readonly by: string;
  readonly acceptedAt: number;
  readonly body: NestedPart;
}

/** What a message answers. */
export interface ReplyView {
  /** As the sender names it: a version of a message. */
  readonly to: MessageId;
  /** The first version of that message; undefined where it is not known. */
  readonly first: MessageId | undefined;
  /** Whether there is a later version than the one that is answered. */
  readonly outdated: boolean;
}

/** A message as it is to be shown. */
export interface MessageView {
  /** Of its first version. */
  readonly id: MessageId;
  readonly sender: string;
  readonly acceptedAt: number;
  readonly state: 'shown' | 'deleted' | 'expired';
  /** The latest version; undefined when deleted or expired. */
  readonly body: NestedPart | undefined;
  /** All versions, the first one first; none when deleted or expired. */
  readonly versions: readonly MessageVersion[];
  readonly topicId: Uint8Array;
  readonly reply: ReplyView | undefined;
  readonly reactions: readonly ReactionView[];
  readonly receipts: Receipts;
}

export interface ConversationView {
  /** By the time of acceptance, then by id. */
  readonly messages: readonly MessageView[];
  /** What was not shown, or not obeyed, and why. */
  readonly problems: readonly Problem[];
}

export interface ViewInput {
  readonly now: number;
  readonly policy: ConversationPolicy;
  /** In their order; of those with one id the first plausible one counts. */
  readonly messages: readonly MessageEvent[];
  readonly reports: readonly ReportEvent[];
  readonly readAt: (id: MessageId) => number | undefined;
}

/** "Received more than a few minutes in the future". */
const MAX_AHEAD = 5 * 60_000;
/** Before the first syntax of the format was published: draft-mahy-mimi-content-00, and its examples of February 2022. */
const EARLIEST = Date.UTC(2022, 1, 1);

/** What is known of one first version while a view is made. */
interface Thread {
  readonly first: MessageEvent;
  /** In their order, which makes the last one the latest version. */
  readonly edits: MessageEvent[];
  deleted: boolean;
}

export function viewOf(input: ViewInput): ConversationView {
  return new ViewMaker(input).make();
}

class ViewMaker {
  readonly #input: ViewInput;
  readonly #problems: Problem[] = [];
  readonly #replyHashes = new ReplyHashes();
  /** All plausible messages, by id. */
  readonly #events = new Map<string, MessageEvent>();
  readonly #threads: Thread[] = [];
  /** The thread of each version that is accepted, by its id. */
  readonly #threadOfVersion = new Map<string, Thread>();

  constructor(input: ViewInput) {
    this.#input = input;
  }

  make(): ConversationView {
    for (const event of this.#input.messages) this.#take(event);
    this.#refuseLoops();
    const sound = [...this.#events.values()].filter((event) => this.#isSound(event));
    for (const event of sound) if (event.content.replaces === undefined) this.#begin(event);
    for (const event of sound) if (event.content.replaces !== undefined) this.#replace(event);
    return { messages: this.#messages(), problems: this.#problems };
  }

  #refuse(code: ProblemCode, { id, sender }: MessageEvent): void {
    this.#problems.push({ code, id, sender });
  }

  #take(event: MessageEvent): void {
    const key = keyOf(event.id);
    if (!this.#isPlausible(event)) this.#refuse('implausibleTimestamp', event);
    else if (this.#events.has(key)) this.#refuse('duplicateId', event);
    else this.#events.set(key, event);
  }

  #isPlausible({ acceptedAt }: { readonly acceptedAt: number }): boolean {
    const { now, policy } = this.#input;
    return (
      acceptedAt >= Math.max(EARLIEST, policy.roomCreatedAt ?? 0) && acceptedAt <= now + MAX_AHEAD
    );
  }

  #eventOf(id: MessageId | undefined): MessageEvent | undefined {
    return id === undefined ? undefined : this.#events.get(keyOf(id));
  }

  #refuseLoops(): void {
    const next = (key: string): string | undefined => {
      const to = this.#events.get(key)?.content.inReplyTo?.messageId;
      return to && keyOf(to);
    };
    const looping = keysOnCycles(this.#events.keys(), next);
    for (const [key, event] of this.#events) {
      if (!looping.has(key)) continue;
      this.#refuse('replyLoop', event);
      this.#events.delete(key);
    }
  }

  /** Whether what a message refers to, as far as it is known, is what it says. */
  #isSound(event: MessageEvent): boolean {
    const { inReplyTo, replaces } = event.content;
    const replied = this.#eventOf(inReplyTo?.messageId);
    const named = [replied, this.#eventOf(replaces)];
    if (named.some((target) => target !== undefined && isOutsideOfTopic(event, target))) {
      this.#refuse('wrongTopic', event);
      return false;
    }
    if (inReplyTo !== undefined && replied !== undefined) {
      if (this.#replyHashes.isWrong(inReplyTo, replied)) {
        this.#refuse('wrongReplyHash', event);
        return false;
      }
    }
    return true;
  }

  #begin(first: MessageEvent): void {
    const thread = { first, edits: [], deleted: false };
    this.#threads.push(thread);
    this.#threadOfVersion.set(keyOf(first.id), thread);
  }

  /** An edit or a deletion; of a message that is not known or was refused, it waits. */
  #replace(event: MessageEvent): void {
    const { replaces, body } = event.content;
    const original = this.#eventOf(replaces);
    if (original === undefined) return;
    if (original.content.replaces !== undefined) {
      this.#refuse('notFirstVersion', event);
      return;
    }
    const thread = this.#threadOfVersion.get(keyOf(original.id));
    if (thread === undefined) return;
    const { mayEdit, mayDelete } = this.#input.policy;
    const may = body.kind === 'null' ? mayDelete : mayEdit;
    if (event.sender !== original.sender && may?.(event, original) !== true) {
      this.#refuse('notAllowed', event);
    } else if (body.kind === 'null') {
      thread.deleted = true;
    } else {
      thread.edits.push(event);
      this.#threadOfVersion.set(keyOf(event.id), thread);
    }
  }

  #messages(): MessageView[] {
    const firstOf = (id: MessageId) => this.#threadOfVersion.get(keyOf(id))?.first.id;
    const reports = this.#input.reports.filter((report) => this.#isPlausible(report));
    const reactions = reactionsOf(this.#reactionThreads(), firstOf);
    const receipts = receiptsOf(reports, firstOf);
    const shown = this.#threads.filter(({ first }) => !isReaction(first));
    return shown.map((thread) => {
      const key = keyOf(thread.first.id);
      return this.#message(thread, reactions.get(key) ?? [], receipts.get(key) ?? new Map());
    });
  }

  #reactionThreads() {
    return this.#threads
      .filter(({ first }) => isReaction(first))
      .filter((thread) => this.#stateOf(thread) === 'shown')
      .map((thread) => ({ first: thread.first, latest: latestOf(thread) }));
  }

  #message(thread: Thread, reactions: readonly ReactionView[], receipts: Receipts): MessageView {
    const { id, sender, acceptedAt, content } = thread.first;
    const state = this.#stateOf(thread);
    const versions = state === 'shown' ? versionsOf(thread).map(versionView) : [];
    return {
      id,
      sender,
      acceptedAt,
      state,
      body: versions.at(-1)?.body,
      versions,
      topicId: content.topicId,
      reply: this.#reply(content.inReplyTo?.messageId),
      reactions,
      receipts,
    };
  }

  #reply(to: MessageId | undefined): ReplyView | undefined {
    if (to === undefined) return undefined;
    const thread = this.#threadOfVersion.get(keyOf(to));
    const outdated = thread !== undefined && compareBytes(latestOf(thread).id, to) !== 0;
    return { to, first: thread?.first.id, outdated };
  }

  #stateOf(thread: Thread): MessageView['state'] {
    if (thread.deleted) return 'deleted';
    return this.#isExpired(thread) ? 'expired' : 'shown';
  }

  /** As its first version says; an edit changes the body only. Whichever version was read, its time runs. */
  #isExpired(thread: Thread): boolean {
    const { expires } = thread.first.content;
    if (expires === undefined) return false;
    const from = expires.relative ? this.#readAt(thread) : 0;
    return this.#input.now >= from + expires.seconds * 1000;
  }

  #readAt(thread: Thread): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { id } of versionsOf(thread)) {
      earliest = Math.min(earliest, this.#input.readAt(id) ?? earliest);
    }
    return earliest;
  }
}

const versionsOf = ({ first, edits }: Thread): MessageEvent[] => [first, ...edits];

const latestOf = ({ first, edits }: Thread): MessageEvent => edits.at(-1) ?? first;

const versionView = ({ id, sender, acceptedAt, content }: MessageEvent): MessageVersion => ({
  id,
  by: sender,
  acceptedAt,
  body: content.body,
});

function isReaction({ content }: MessageEvent): boolean {
  return content.body.disposition === Disposition.reaction && content.inReplyTo !== undefined;
}

/**
 * Whether a message of a topic refers to one outside of it, which draft04 forbids and draft08 does not. The first message of
 * a topic is in it also when its id is what the topic is called by.
 */
function isOutsideOfTopic({ content }: MessageEvent, target: MessageEvent): boolean {
  const { profile, topicId } = content;
  if (profile === 'draft08' || topicId.length === 0) return false;
  return ![target.content.topicId, target.id].some((id) => compareBytes(id, topicId) === 0);
}
