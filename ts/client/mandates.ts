// Mandates of the hub on this device: one is kept from the hub's event on until a commit has carried it out, and each
// commit of this device carries it. spec/privacy-modes.md, "Mandates".

import { type Mandate, mandatesAmong, openMandate, PrivacyError } from '../privacy/index.ts';
import type { SlotWrite } from '../wire/index.ts';
import type { RoomState } from './state/device_state.ts';

/** The mandate that waits, where the group as it is now can carry it out. */
export function waitingMandate({ group, row }: RoomState): Mandate | undefined {
  if (group === undefined || row.mandate === undefined) return undefined;
  try {
    return openMandate(group, row.mandate);
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

/** In a new epoch: a mandate that was carried out, or was made for another state, is forgotten. */
export function keepMandate(room: RoomState): void {
  if (waitingMandate(room) === undefined) room.row.mandate = undefined;
}

/** The mandates that a received commit can stand on: the one that waits here, and those that came with it. */
export function mandatesFor(room: RoomState, slots: readonly SlotWrite[]): readonly Mandate[] {
  const known = waitingMandate(room);
  const brought = mandatesAmong(slots).flatMap((bytes) => {
    const mandate = waitingMandate({ ...room, row: { ...room.row, mandate: bytes } });
    return mandate === undefined ? [] : [mandate];
  });
  return known === undefined ? brought : [known, ...brought];
}

/** Whether something waits for a commit: proposals, or a mandate of the hub. */
export function hasToCommit({ row }: RoomState): boolean {
  return row.queued.length > 0 || row.mandate !== undefined;
}

/** Whether this device is to be taken out: another member commits that. */
export function awaitsRemoval({ group, row }: RoomState): boolean {
  return group !== undefined && row.leaving.some(({ leaf }) => leaf === group.ownLeafIndex);
}
