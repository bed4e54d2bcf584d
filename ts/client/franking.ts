// What a franked room asks of its members' messages: that they say in their content who sends them, and where.
// draft-ietf-mimi-protocol-06, "Client creation and sending"; docs/franking.md.

import type { FrankingFields } from '../content/index.ts';
import { frankingFieldsIn, PrivacyError } from '../privacy/index.ts';
import { type Franking, frankingOf } from '../room/index.ts';
import { ClientError } from './errors.ts';
import { memberOf, ownUser } from './member_room.ts';
import type { RoomState } from './state/device_state.ts';

/** How a message is franked. */
export interface Frankable {
  readonly franking: Franking;
  readonly fields: FrankingFields;
}

/**
 * How an own message will be franked; `undefined` where the room is not. Throws ClientError `notFrankable` (rule:
 * content, sender, room).
 */
export function frankableIn(room: RoomState, content: Uint8Array): Frankable | undefined {
  const { group } = memberOf(room);
  const franking = frankingOf((id) => group.component(id));
  if (franking === undefined) return undefined;
  const place = { room: room.uri, sender: ownUser(room) ?? '' };
  try {
    return { franking, fields: frankingFieldsIn(content, place) };
  } catch (cause) {
    if (!(cause instanceof PrivacyError) || cause.code !== 'badFrank') throw cause;
    throw new ClientError('notFrankable', undefined, {
      cause,
      details: { rule: cause.details.rule },
    });
  }
}
