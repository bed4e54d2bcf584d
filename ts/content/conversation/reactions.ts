// Who reacted to what, and how: draft-ietf-mimi-content, "Reaction". Several reactions in one message are the parts of a
// MultiPart that are to be processed one by one.

import { hex } from '../cbor/text.ts';
import type { MessageId, NestedPart } from '../model.ts';
import type { MessageEvent } from './event.ts';
import type { ReactionView } from './view.ts';

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
  for (const { first, latest } of threads) {
    const to = first.content.inReplyTo?.messageId;
    const target = to && firstOf(to);
    if (to === undefined || target === undefined) continue;
    const known = reactions.get(hex(target)) ?? [];
    reactions.set(hex(target), known);
    for (const text of textsOf(latest.content.body)) {
      const isNew = !known.some((each) => each.sender === first.sender && each.text === text);
      if (isNew) known.push({ text, sender: first.sender, id: first.id, to });
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
