// Whose turn it is to leave for others what each of several members could leave: the first ones at once, more of them each
// time that nobody has, since any of those may be away for good. docs/modes, "Wrapper generations".

import type { RoomUri } from '../wire/index.ts';
import type { RoomState } from './state/device_state.ts';

/** How many members join in each time. */
const AT_ONCE = 3;
/** After so many times nobody else does: in a large room those who did are enough. */
const MOST_TIMES = 8;

export class Turns {
  /** How often a device has looked while something waits, by room. */
  readonly #looked = new Map<RoomUri, number>();

  /** Looks whether it is this device's turn to leave what `waits`. */
  isDue({ uri, group, roster }: RoomState, waits: boolean): boolean {
    if (!waits || group === undefined) {
      this.#looked.delete(uri);
      return false;
    }
    const times = Math.min((this.#looked.get(uri) ?? 0) + 1, MOST_TIMES);
    this.#looked.set(uri, times);
    const { ownLeafIndex } = group;
    const before = [...roster.keys()].filter((leaf) => leaf < ownLeafIndex).length;
    return before < AT_ONCE * times;
  }
}
