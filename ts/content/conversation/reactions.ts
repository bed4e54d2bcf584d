// Who reacted to what, and how: draft-ietf-mimi-content, "Reaction". Several reactions in one message are the parts of a
// MultiPart that are to be processed one by one.

import type { MessageId, NestedPart } from '../model.ts';
import type { MessageEvent } from './event.ts';
import { keyOf } from './key.ts';

export interface ReactionView {
  /** The reaction as text; for one that is no text, its media type. */
  readonly text: string;
  readonly sender: string;
  /** The message that made it, whose id takes it back. */
  readonly id: MessageId;
  /** The version that was reacted to. */
  readonly to: MessageId;
}

interface ReactionThread {
  readonly first: MessageEvent;
  /** Its latest version, in which the reaction may have been changed. */
  readonly latest: MessageEvent;
}

/** The reactions to each message, by the id of its first version; each of a sender once. */
export function reactionsOf(
  threads: readonly ReactionThread[],
  firstOf: (id: MessageId) => MessageId | undefined,
): Map<string, ReactionView[]> {
  const reactions = new Map<string, ReactionView[]>();
  const known = new Set<string>();
  for (const { first, latest } of threads) {
    const to = first.content.inReplyTo?.messageId;
    const target = to && firstOf(to);
    if (to === undefined || target === undefined) continue;
    const key = keyOf(target);
    const ofMessage = reactions.get(key) ?? [];
    reactions.set(key, ofMessage);
    for (const text of textsOf(latest.content.body)) {
      const one = JSON.stringify([key, first.sender, text]);
      if (known.has(one)) continue;
      known.add(one);
      ofMessage.push({ text, sender: first.sender, id: first.id, to });
    }
  }
  return reactions;
}

const utf8 = new TextDecoder();

function textsOf(body: NestedPart): string[] {
  if (body.kind === 'multi') {
    const parts = body.semantics === 'processAll' ? body.parts : body.parts.slice(0, 1);
    return parts.flatMap(textsOf);
  }
  if (body.kind === 'null') return [];
  const isText = body.kind === 'single' && /^text\/plain\b/i.test(body.contentType);
  return [isText ? utf8.decode(body.content) : body.contentType];
}
