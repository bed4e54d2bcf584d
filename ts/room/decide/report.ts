// The decision on a report of abuse: draft-ietf-mimi-protocol-06, "Report Abuse"; `canReportAbuse` of
// draft-ietf-mimi-room-policy-03.

import { BANNED_ROLE } from '../roles.ts';
import { roleOf, userCan } from '../state.ts';
import { ALLOWED, refuse, type Verdict } from './rules.ts';
import type { RoomView } from './view.ts';

/** Decides whether a user may report messages of the room: an active participant whose role can, also once it is closed. */
export function decideReport({ state, roster }: RoomView, user: string): Verdict {
  const active = [...roster.values()].some((leaf) => leaf.user === user);
  if (!active || roleOf(state, user) <= BANNED_ROLE) {
    return refuse('R9-sender-participates', 'the reporter is not a participant of the room');
  }
  return userCan(state, user, 'canReportAbuse')
    ? ALLOWED
    : refuse('R9-sender-participates', 'reporting takes canReportAbuse');
}
