// Secrets and real names where nobody may have them: searched for in every byte of every window, whatever it is about.

import { type Mode, modeNamed } from '../../privacy/index.ts';
import type { Deployment } from '../../provider/index.ts';
import { clientsOf, PEOPLE, ROLES, userOf } from './cast.ts';
import { type Life, REPORTED, REPORTED_NAME, REPORTED_SALT } from './life.ts';
import { Needles } from './needles.ts';
import type { Recorded } from './tape.ts';
import { DOMAINS } from './world.ts';

/** A secret in bytes that a server had. */
export interface Leak {
  readonly mode: string;
  readonly deployment: Deployment;
  readonly what: string;
  readonly encoding: string;
  readonly party: string;
  readonly window: string;
  readonly place: string;
}

/** Accounts are made and people connect here: who asks for somebody names them to the providers of both. */
const ACCOUNTS = 'accounts';

const { actor: REPORTER, target: ACCUSED } = ROLES.report;
/** A request that brings a report, and the row that the hub keeps of one. */
const REPORT_REQUEST = /\/reportAbuse\//;
const REPORT_ROW = /^rooms-\d+ r$/;

/**
 * What a report shows on purpose: to the hub, where it comes and where it is kept, and in open rooms, whose reports are not
 * sealed, on the way there. With the reported content stands its salt and, in a franked room, who sends it as the room
 * names it; nothing else may stand beside it.
 */
function disclosedIn(mode: Mode, item: Recorded, found: readonly string[]): readonly string[] {
  const { window, party, place, what } = item;
  const comes = place === 'wire request' && REPORT_REQUEST.test(what);
  const isKept = party === DOMAINS.hub && place === 'store row' && REPORT_ROW.test(what);
  const reaches = party === DOMAINS.hub || (mode.framing === 'draft' && party === REPORTER.domain);
  if (window !== 'report' || !found.includes(REPORTED) || !(isKept || (comes && reaches)))
    return [];
  const named = mode.credentials.hidesIdentities ? [] : [`real URI of ${ACCUSED?.name}`];
  return [REPORTED, REPORTED_SALT, REPORTED_NAME, ...named];
}

/** All leaks of a life, each kind once for a party, a window and a place. */
export function findLeaks(life: Life, recorded: readonly Recorded[]): Leak[] {
  const { mode, deployment, secrets } = life;
  const made = modeNamed(mode);
  const names = made.credentials.keyPackageSets === undefined ? undefined : realNames();
  const leaks = new Map<string, Leak>();
  for (const item of recorded) {
    const { party, window, place, bytes } = item;
    const found = secrets.find(bytes).map(({ name, encoding }) => ({ what: name, encoding }));
    if (window !== ACCOUNTS) {
      for (const { name, encoding } of names?.find(bytes) ?? []) {
        const [who, domain] = name.split('@');
        if (domain !== party) found.push({ what: `real URI of ${who}`, encoding });
      }
    }
    const disclosed = disclosedIn(
      made,
      item,
      found.map(({ what }) => what),
    );
    for (const { what, encoding } of found) {
      if (disclosed.includes(what)) continue;
      const leak = { mode, deployment, what, encoding, party, window, place };
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
