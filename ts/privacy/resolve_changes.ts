// Resolves the room-state changes of a commit for the core, by the one resolver that hub and members share.

import type { ComponentQuestion, ComponentValue } from '../mls/index.ts';
import { resolveComponent } from '../room/index.ts';

/** For `process` of a group. Throws RoomError with the codes of `resolveComponent`. */
export function resolveChanges(changes: readonly ComponentQuestion[]): ComponentValue[] {
  return changes.map(({ id, current, updates }) => ({
    id,
    value: resolveComponent(
      id,
      current,
      updates.map(({ update }) => update),
    ),
  }));
}
