// Secrets and real names where nobody may have them: searched for in every byte of every window, whatever it is about.

import { modeNamed } from '../../privacy/index.ts';
import { clientsOf, PEOPLE, userOf } from './cast.ts';
import type { Life } from './life.ts';
import { Needles } from './needles.ts';
import type { Recorded } from './tape.ts';

/** A secret in bytes that a server had. */
export interface Leak {
  readonly mode: string;
  readonly what: string;
  readonly encoding: string;
  readonly party: string;
  readonly window: string;
  readonly place: string;
}

/** Accounts are made and people connect here: who asks for somebody names them to the providers of both. */
const ACCOUNTS = 'accounts';

/** All leaks of a life, each kind once for a party, a window and a place. */
export function findLeaks(life: Life, recorded: readonly Recorded[]): Leak[] {
  const { mode, secrets } = life;
  const names = modeNamed(mode).credentials.keyPackageSets === undefined ? undefined : realNames();
  const leaks = new Map<string, Leak>();
  for (const { party, window, place, bytes } of recorded) {
    const found = secrets.find(bytes).map(({ name, encoding }) => ({ what: name, encoding }));
    if (window !== ACCOUNTS) {
      for (const { name, encoding } of names?.find(bytes) ?? []) {
        const [who, domain] = name.split('@');
        if (domain !== party) found.push({ what: `real URI of ${who}`, encoding });
      }
    }
    for (const { what, encoding } of found) {
      const leak = { mode, what, encoding, party, window, place };
      leaks.set(Object.values(leak).join('|'), leak);
    }
  }
  return [...leaks.values()];
}

/** The real URIs of everybody, by whose they are and at which provider. */
function realNames(): Needles {
  const needles = new Needles();
  for (const person of PEOPLE) {
    const { name, domain } = person;
    for (const uri of [userOf(person), ...clientsOf(person)]) {
      needles.addText(`${name}@${domain}`, uri);
    }
  }
  return needles;
}
