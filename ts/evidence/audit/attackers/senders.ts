// Who sent a message: what stands beside it, where a party gets that; its own users' it knows anyway.

import { parseMimiUri } from '../../../wire/index.ts';
import { PEOPLE, userOf } from '../cast.ts';
import type { Frame } from '../frames.ts';
import { DEVICE } from '../relay.ts';

/** How a party can name somebody: not, by provider, by pseudonym, by real URI. */
export const NAMED_BY = ['–', 'D', 'P', 'R'] as const;
export type NamedBy = (typeof NAMED_BY)[number];

/** What a party makes of who sent the messages of the window. */
export interface Senders {
  /** The most that it knows of the sender of a message that is not of its own users. */
  readonly others: NamedBy;
  /** Of how many of those it knows that. */
  readonly named: number;
  /** How many there are, that it has got. */
  readonly of: number;
}

/** Names the senders of all application messages in frames. */
export function nameSenders(frames: readonly Frame[], party: string): Senders {
  const messages = new Map<string, { by: NamedBy; own: boolean }>();
  for (const { content, message, sender, item } of frames) {
    if (content !== 'application') continue;
    const key = Buffer.from(message).toString('latin1');
    const known = messages.get(key) ?? { by: '–', own: false };
    const own = item.place === 'wire request' && item.peer === DEVICE && item.party === party;
    const by = sender === undefined ? '–' : namedBy(sender);
    messages.set(key, { by: stronger(known.by, by), own: known.own || own });
  }
  const others = [...messages.values()].filter(({ own }) => !own).map(({ by }) => by);
  const strongest = others.reduce<NamedBy>(stronger, '–');
  const named = others.filter((by) => by !== '–').length;
  return { others: strongest, named, of: others.length };
}

/** How a URI names its bearer. */
export function namedBy(uri: string): NamedBy {
  if (parseMimiUri(uri).kind === 'provider') return 'D';
  return PEOPLE.some((person) => userOf(person) === uri) ? 'R' : 'P';
}

/** The one of two that says more. */
export function stronger(one: NamedBy, other: NamedBy): NamedBy {
  return NAMED_BY.indexOf(one) >= NAMED_BY.indexOf(other) ? one : other;
}
