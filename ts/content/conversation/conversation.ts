// A conversation from its messages, in whatever order they come: the same messages always give the same view.

import { hex } from '../cbor/text.ts';
import type { MessageId } from '../model.ts';
import type { ConversationPolicy, MessageEvent, Problem, ReportEvent } from './event.ts';
import { type ConversationView, viewOf } from './view.ts';

/** An id as a key. */
export const keyOf = (id: MessageId): string => hex(id);

/** Collects events; `view` puts them together. */
export class Conversation {
  readonly #policy: ConversationPolicy;
  readonly #messages = new Map<string, MessageEvent>();
  readonly #duplicates = new Map<string, Problem>();
  readonly #reports: ReportEvent[] = [];
  readonly #readAt = new Map<string, number>();

  constructor(policy: ConversationPolicy = {}) {
    this.#policy = policy;
  }

  /** Takes a message; the same one again changes nothing. */
  add(event: MessageEvent): void {
    const key = keyOf(event.id);
    const known = this.#messages.get(key);
    if (known === undefined) {
      this.#messages.set(key, event);
      return;
    }
    const order = compareEvents(known, event);
    if (order === 0) return;
    // Of two messages with one id the earlier counts, whichever came first.
    const [kept, refused] = order < 0 ? [known, event] : [event, known];
    this.#messages.set(key, kept);
    const problem: Problem = { code: 'duplicateId', id: refused.id, sender: refused.sender };
    this.#duplicates.set(`${key} ${refused.acceptedAt} ${refused.sender}`, problem);
  }

  /** Takes a delivery or read receipt. */
  addReport(event: ReportEvent): void {
    this.#reports.push(event);
  }

  /** Says that the user has read a message, so that its time runs where it expires after reading. */
  markRead(id: MessageId, at: number): void {
    const key = keyOf(id);
    const known = this.#readAt.get(key);
    if (known === undefined || at < known) this.#readAt.set(key, at);
  }

  /** The conversation as it is at `now`, in milliseconds since the epoch. */
  view(now: number): ConversationView {
    return viewOf({
      now,
      policy: this.#policy,
      messages: [...this.#messages.values()].sort(compareEvents),
      reports: this.#reports,
      readAt: (id) => this.#readAt.get(keyOf(id)),
      problems: [...this.#duplicates.entries()].sort(byKey).map(([, problem]) => problem),
    });
  }
}

const byKey = ([left]: [string, unknown], [right]: [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** By the time of acceptance, then by id bytewise; what has both the same, by sender. */
export function compareEvents(left: MessageEvent, right: MessageEvent): number {
  if (left.acceptedAt !== right.acceptedAt) return left.acceptedAt - right.acceptedAt;
  const [leftKey, rightKey] = [
    `${keyOf(left.id)} ${left.sender}`,
    `${keyOf(right.id)} ${right.sender}`,
  ];
  return leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0;
}
