// Puts the messages of a conversation together: edits, deletions, replies, reactions, topics, expiry and receipts
// (draft-ietf-mimi-content, "Rendering and authorization of edits and deletes", "Topics / Threading", "Expiring").

import { hash } from '../../mls/index.ts';
import { hex } from '../cbor/text.ts';
import { Disposition, type MessageId, type NestedPart } from '../model.ts';
import type {
  ConversationPolicy,
  MessageEvent,
  Problem,
  ProblemCode,
  ReportEvent,
} from './event.ts';
import { keysOnCycles } from './graph.ts';
import { reactionsOf } from './reactions.ts';
import { type Receipts, receiptsOf } from './receipts.ts';

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

export interface ReactionView {
  /** The reaction as text; for one that is no text, its media type. */
  readonly text: string;
  readonly sender: string;
  /** The message that made it, whose id takes it back. */
  readonly id: MessageId;
  /** The version that was reacted to. */
  readonly to: MessageId;
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
  /** In their order, each id once. */
  readonly messages: readonly MessageEvent[];
  readonly reports: readonly ReportEvent[];
  readonly readAt: (id: MessageId) => number | undefined;
  readonly problems: readonly Problem[];
}

/** "Received more than a few minutes in the future". */
const MAX_AHEAD = 5 * 60_000;
/** Before the first syntax of the format was published: draft-mahy-mimi-content-00, and its examples of February 2022. */
const EARLIEST = Date.UTC(2022, 1, 1);
const ANY_SUITE = 1;

/** What is known of one first version while a view is made. */
interface Thread {
  readonly first: MessageEvent;
  readonly edits: MessageEvent[];
  deleted: boolean;
}

export function viewOf(input: ViewInput): ConversationView {
  return new ViewMaker(input).make();
}

class ViewMaker {
  readonly #input: ViewInput;
  readonly #problems: Problem[];
  /** All plausible messages, by id. */
  readonly #events = new Map<string, MessageEvent>();
  readonly #threads = new Map<string, Thread>();

  constructor(input: ViewInput) {
    this.#input = input;
    this.#problems = [...input.problems];
  }

  make(): ConversationView {
    for (const event of this.#input.messages) {
      if (this.#isPlausible(event)) this.#events.set(hex(event.id), event);
      else this.#refuse('implausibleTimestamp', event);
    }
    this.#refuseLoops();
    const sound = [...this.#events.values()].filter((event) => this.#isSound(event));
    for (const first of sound) {
      if (first.content.replaces === undefined) {
        this.#threads.set(hex(first.id), { first, edits: [], deleted: false });
      }
    }
    for (const event of sound) if (event.content.replaces !== undefined) this.#replace(event);
    return { messages: this.#messages(), problems: this.#problems };
  }

  #refuse(code: ProblemCode, { id, sender }: MessageEvent): void {
    this.#problems.push({ code, id, sender });
  }

  #isPlausible({ acceptedAt }: MessageEvent): boolean {
    const { now, policy } = this.#input;
    return (
      acceptedAt >= Math.max(EARLIEST, policy.roomCreatedAt ?? 0) && acceptedAt <= now + MAX_AHEAD
    );
  }

  #eventOf(id: MessageId | undefined): MessageEvent | undefined {
    return id === undefined ? undefined : this.#events.get(hex(id));
  }

  #refuseLoops(): void {
    const next = (key: string): string | undefined => {
      const to = this.#events.get(key)?.content.inReplyTo?.messageId;
      return to && hex(to);
    };
    for (const key of keysOnCycles(this.#events.keys(), next)) {
      const event = this.#events.get(key);
      if (event !== undefined) this.#refuse('replyLoop', event);
      this.#events.delete(key);
    }
  }

  /** Whether what a message refers to, as far as it is known, is what it says. */
  #isSound(event: MessageEvent): boolean {
    const { topicId, inReplyTo, replaces } = event.content;
    const replied = this.#eventOf(inReplyTo?.messageId);
    for (const target of [replied, this.#eventOf(replaces)]) {
      if (
        target !== undefined &&
        topicId.length > 0 &&
        hex(topicId) !== hex(target.content.topicId)
      ) {
        this.#refuse('wrongTopic', event);
        return false;
      }
    }
    if (
      replied?.container !== undefined &&
      inReplyTo?.hashAlg === 1 &&
      inReplyTo.hash !== undefined
    ) {
      if (hex(hash(ANY_SUITE, replied.container)) !== hex(inReplyTo.hash)) {
        this.#refuse('wrongReplyHash', event);
        return false;
      }
    }
    return true;
  }

  /** An edit or a deletion; of a message that is not known, it waits. */
  #replace(event: MessageEvent): void {
    const { replaces, body } = event.content;
    const original = this.#eventOf(replaces);
    if (original === undefined) return;
    const thread = this.#threads.get(hex(original.id));
    if (thread === undefined) {
      this.#refuse('notFirstVersion', event);
      return;
    }
    const { mayEdit, mayDelete } = this.#input.policy;
    const may = body.kind === 'null' ? mayDelete : mayEdit;
    if (event.sender !== original.sender && may?.(event, original) !== true) {
      this.#refuse('notAllowed', event);
      return;
    }
    if (body.kind === 'null') thread.deleted = true;
    else thread.edits.push(event);
  }

  #messages(): MessageView[] {
    const shown = [...this.#threads.values()].filter(({ first }) => !isReaction(first));
    const reactions = reactionsOf(this.#reactionThreads(), (id) => this.#firstOf(id));
    const receipts = receiptsOf(this.#input.reports, (id) => this.#firstOf(id));
    return shown.map((thread) => {
      const key = hex(thread.first.id);
      return this.#message(thread, reactions.get(key) ?? [], receipts.get(key) ?? new Map());
    });
  }

  /** The first version of a message, by the id of any of its versions. */
  #firstOf(id: MessageId): MessageId | undefined {
    const event = this.#eventOf(id);
    return event === undefined ? undefined : (event.content.replaces ?? event.id);
  }

  #reactionThreads() {
    return [...this.#threads.values()]
      .filter(({ first, deleted }) => isReaction(first) && !deleted)
      .map(({ first, edits }) => ({ first, latest: edits.at(-1) ?? first }));
  }

  #message(
    { first, edits, deleted }: Thread,
    reactions: readonly ReactionView[],
    receipts: Receipts,
  ): MessageView {
    const { id, sender, acceptedAt, content } = first;
    const state = deleted ? 'deleted' : this.#isExpired(first) ? 'expired' : 'shown';
    const versions = [first, ...edits].map((event) => ({
      id: event.id,
      by: event.sender,
      acceptedAt: event.acceptedAt,
      body: event.content.body,
    }));
    const isShown = state === 'shown';
    return {
      id,
      sender,
      acceptedAt,
      state,
      body: isShown ? versions.at(-1)?.body : undefined,
      versions: isShown ? versions : [],
      topicId: content.topicId,
      reply: this.#reply(content.inReplyTo?.messageId),
      reactions,
      receipts,
    };
  }

  #reply(to: MessageId | undefined): ReplyView | undefined {
    if (to === undefined) return undefined;
    const first = this.#firstOf(to);
    const thread = first && this.#threads.get(hex(first));
    const latest = thread && (thread.edits.at(-1) ?? thread.first);
    return { to, first, outdated: latest !== undefined && hex(latest.id) !== hex(to) };
  }

  #isExpired({ id, content: { expires } }: MessageEvent): boolean {
    if (expires === undefined) return false;
    const from = expires.relative ? this.#input.readAt(id) : 0;
    return from !== undefined && this.#input.now >= from + expires.seconds * 1000;
  }
}

function isReaction({ content }: MessageEvent): boolean {
  return content.body.disposition === Disposition.reaction && content.inReplyTo !== undefined;
}
