// Whether a follower finds the sender of a franked message by trying all URIs that it knows: docs/findings.md, 6.
// Franking is not in the library yet, so that nothing is fanned out that could be tried. What signs a sender is tried here,
// by one probe for each form of frank: `FRANK_PROBES` is the place where it is added.

import type { RoomUri } from '../../../wire/index.ts';
import type { Frame } from '../frames.ts';

/** A frank as a party has it, with all that it knows of the message besides. */
export interface FrankedMessage {
  readonly frank: Uint8Array;
  readonly room: RoomUri;
  /** MLSMessage; the franking tag stands in its authenticated data. */
  readonly message: Uint8Array;
}

/** Says of a URI whether it is the sender's, from the frank alone. */
export interface FrankProbe {
  /** The form of frank that it is about. */
  readonly name: string;
  verifies(franked: FrankedMessage, sender: string): boolean;
}

/** All forms of frank that there are. */
export const FRANK_PROBES: readonly FrankProbe[] = [];

/** How many messages with a frank there were, and of how many the sender was found. */
export interface Enumerated {
  readonly franked: number;
  readonly found: number;
}

/** Tries every URI that is known on every frank. */
export function enumerateFranks(
  frames: readonly Frame[],
  room: RoomUri,
  uris: readonly string[],
  probes: readonly FrankProbe[] = FRANK_PROBES,
): Enumerated {
  const franked = frames.flatMap(({ frank, message }) =>
    frank === undefined ? [] : [{ frank, room, message }],
  );
  const found = franked.filter((one) =>
    probes.some((probe) => uris.some((uri) => probe.verifies(one, uri))),
  );
  return { franked: franked.length, found: found.length };
}
