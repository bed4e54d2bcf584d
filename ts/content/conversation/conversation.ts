// A conversation from its messages, in whatever order they come: the same messages always give the same view.

import type { MessageId } from '../model.ts';
import { ContentError } from '../rules.ts';
import type { ConversationPolicy, MessageEvent, ReportEvent } from './event.ts';
import { keyOf } from './key.ts';
import { better, compareContents, compareEvents } from './order.ts';
import { type ConversationView, viewOf } from './view.ts';

/** Collects events; `view` puts them together. */
export class Conversation {
  readonly #policy: ConversationPolicy;
  /** By id, time and sender; those under one key differ in their content. */
  readonly #messages = new Map<string, MessageEvent[]>();
  readonly #reports: ReportEvent[] = [];
  readonly #readAt = new Map<string, number>();

  constructor(policy: ConversationPolicy = {}) {
    this.#policy = policy;
  }

  /**
   * Takes a message; the same one again changes nothing. Throws ContentError `invalidArgument` for a time that is no whole
   * number of milliseconds.
   */
  add(event: MessageEvent): void {
    const { id, acceptedAt, sender } = event;
    if (!Number.isSafeInteger(acceptedAt)) {
      throw new ContentError(
        'invalidArgument',
        'acceptedAt must be a whole number of milliseconds.',
      );
    }
    const key = `${keyOf(id)} ${acceptedAt} ${sender}`;
    const known = this.#messages.get(key);
    if (known === undefined) {
      this.#messages.set(key, [event]);
      return;
    }
    const at = known.findIndex((each) => compareContents(each, event) === 0);
    if (at < 0) known.push(event);
    else known[at] = better(known[at] as MessageEvent, event);
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
      messages: [...this.#messages.values()].flat().sort(compareEvents),
      reports: this.#reports,
      readAt: (id) => this.#readAt.get(keyOf(id)),
    });
  }
}
