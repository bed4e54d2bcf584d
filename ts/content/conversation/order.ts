// The order of messages: by the time of acceptance, then by id (draft-ietf-mimi-content, "Topics / Threading"). What has
// both the same is told apart by sender and content, so that no order depends on which came first.

import { compareBytes } from '../cbor/value.ts';
import { encodeContent } from '../container.ts';
import type { MessageEvent } from './event.ts';

const compareTexts = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** Zero where two events are the same message. */
export function compareEvents(left: MessageEvent, right: MessageEvent): number {
  return (
    left.acceptedAt - right.acceptedAt ||
    compareBytes(left.id, right.id) ||
    compareTexts(left.sender, right.sender) ||
    compareContents(left, right)
  );
}

/** Zero where two events say the same. */
export function compareContents(left: MessageEvent, right: MessageEvent): number {
  if (left.content === right.content) return 0;
  return compareBytes(encodeContent(left.content), encodeContent(right.content));
}

/** Of two events that are the same message the one that has its container, which replies are checked by. */
export function better(left: MessageEvent, right: MessageEvent): MessageEvent {
  if (left.container === undefined || right.container === undefined) {
    return left.container === undefined ? right : left;
  }
  return compareBytes(left.container, right.container) <= 0 ? left : right;
}
