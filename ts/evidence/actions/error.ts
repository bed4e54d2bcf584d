// What the action matrix says when a scenario does not go as it must.

import type { Room, RoomStatus } from '../../client/index.ts';
import { errorClass } from '../../errors.ts';

const actionsErrors = {
  unexpected: {
    kind: 'bug',
    means: 'An action did not end as it must.',
    remedy: 'Report it with the output of exedra actions --json.',
  },
} as const;

/** A scenario that cannot go on. */
export class ActionsError extends errorClass('ActionsError', 'actions', actionsErrors) {}

/** Ends a scenario in which something is not as its words say. @throws ActionsError `unexpected`. */
export function mustBe(holds: boolean, what: string): asserts holds {
  if (!holds) throw new ActionsError('unexpected', `Not as it must be: ${what}.`);
}

/** Ends a scenario in which a seat is not in that state. @throws ActionsError `unexpected`. */
export function mustStand(seat: Room, status: RoomStatus): void {
  mustBe(seat.status === status, `a seat is ${status}; it is ${seat.status}`);
}
