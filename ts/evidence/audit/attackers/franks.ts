// Whether a party finds the sender of a franked message by trying all URIs that it knows, with all that it has of the
// message: docs/findings.md, 6. The hub is told the sender anyway; it is followers that this is about.

import { blindedSender, blindOf, integrityOf, verifyFrank } from '../../../privacy/parts/frank.ts';
import type { Frank, RoomUri } from '../../../wire/index.ts';
import { attempt, type Frame } from '../frames.ts';
import { SUITE } from '../leaves.ts';

/** What is known besides the messages. */
export interface Known {
  readonly room: RoomUri;
  /** The public keys by which the hub franks. */
  readonly keys: readonly Uint8Array[];
  /** All URIs by which people are known. */
  readonly uris: readonly string[];
}

/** A frank as a party has it, with all that it knows of the message besides. */
export interface FrankedMessage {
  readonly frank: Frank;
  readonly tag: Uint8Array;
  /** In milliseconds since the epoch. */
  readonly acceptedAt: bigint;
}

/** How many messages with a frank there were, and of how many the sender was found. */
export interface Enumerated {
  readonly franked: number;
  readonly found: number;
}

/** Tries every URI on every frank, once each. */
export function enumerateFranks(frames: readonly Frame[], known: Known): Enumerated {
  const franked = new Map<string, FrankedMessage>();
  for (const { frank, tag } of frames) {
    if (frank === undefined || tag === undefined) continue;
    const { bytes, acceptedAt } = frank;
    franked.set(Buffer.from(tag).toString('hex'), { frank: bytes, tag, acceptedAt });
  }
  const found = [...franked.values()].filter((one) =>
    known.uris.some((uri) => fits(one, known, uri)),
  );
  return { franked: franked.size, found: found.length };
}

const SALT_BYTES = 16;
const BLIND_BYTES = 32;

/** Whether the frank verifies for a sender, in either form. */
function fits({ frank, tag, acceptedAt }: FrankedMessage, { room, keys }: Known, uri: string) {
  const place = { tag, sender: uri, room, acceptedAt };
  return keys.some((key) => {
    const verifies = (form: 'exedra' | 'draft06', blinded: Uint8Array) =>
      holds(() => verifyFrank(form, SUITE, key, frank, { ...place, blindedSender: blinded }));
    // The blind is not shown. What is, is tried in its place, and as the salt from which it follows.
    const shown = [tag, frank.serverFrank, ...integrity(frank)].flatMap((bytes) => [
      ...(bytes.length === BLIND_BYTES ? [bytes] : []),
      blindOf(bytes),
      blindOf(bytes.subarray(0, SALT_BYTES)),
    ]);
    return (
      verifies('draft06', tag) ||
      shown.some((blind) => verifies('exedra', blindedSender(blind, uri)))
    );
  });
}

/** What a frank of our form says of itself. */
function integrity(frank: Frank): Uint8Array[] {
  const stated = attempt(() => integrityOf(frank));
  return stated === undefined ? [] : [stated.keyId, stated.signature];
}

const holds = (verify: () => void): boolean =>
  attempt(() => {
    verify();
    return true;
  }) === true;
