// A component that is a list changed by keys: entries are taken out, then others added at the end.

import { RoomError, type roomErrors } from '../errors.ts';

type Code = keyof typeof roomErrors;

export interface ListUpdate<Entry, Key> {
  readonly removed: readonly Key[];
  readonly added: readonly Entry[];
}

export interface ListKeys<Entry, Key> {
  readonly keyOf: (entry: Entry) => Key;
  readonly same: (one: Key, other: Key) => boolean;
  /** Thrown where the key of an added entry is taken. */
  readonly twice: Code;
  /** Thrown where a removed key is not there. */
  readonly unknown: Code;
}

/** How such a component applies one update. Throws RoomError of the two codes. */
export function listUpdate<Entry, Key>({ keyOf, same, twice, unknown }: ListKeys<Entry, Key>) {
  return (
    entries: readonly Entry[],
    { removed, added }: ListUpdate<Entry, Key>,
  ): readonly Entry[] => {
    const next = [...entries];
    const find = (key: Key) => next.findIndex((entry) => same(keyOf(entry), key));
    for (const key of removed) {
      const at = find(key);
      if (at === -1) throw new RoomError(unknown);
      next.splice(at, 1);
    }
    for (const entry of added) {
      if (find(keyOf(entry)) !== -1) throw new RoomError(twice);
      next.push(entry);
    }
    return next;
  };
}
