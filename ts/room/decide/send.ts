// The decision on an application message: draft-ietf-mimi-protocol-06, "Submit a Message"; `canSendMessage` of
// draft-ietf-mimi-room-policy-03.

import { BANNED_ROLE } from '../roles.ts';
import { roleOf, userCan } from '../state.ts';
import { ALLOWED, refuse, type Verdict } from './rules.ts';
import type { RoomView } from './view.ts';

/** Decides whether a user may send application messages: an active participant whose role can. */
export function decideSend({ state, roster }: RoomView, user: string): Verdict {
  if (state.closing !== undefined) return refuse('R10-closed', 'the room is closed');
  const active = [...roster.values()].some((leaf) => leaf.user === user);
  if (!active || roleOf(state, user) <= BANNED_ROLE) {
    return refuse('R9-sender-participates', 'the sender is not a participant of the room');
  }
  return userCan(state, user, 'canSendMessage')
    ? ALLOWED
    : refuse('R9-sender-participates', 'sending takes canSendMessage');
}
