// Whether a party can tell that somebody in one room is the same as somebody in another: docs/modes/pseudonymous.md, "Why
// it holds". Tried on people of one provider, in two rooms, with all that each party had of them.

import type { Deployment } from '../../provider/index.ts';
import { findLinks, type Link } from './attackers/linkage.ts';
import { PARTIES, type Party, type Person } from './cast.ts';
import { mayLink, type TableMode } from './expected.ts';
import { LAST_RESORT, LINK_ROOMS, LINKED, type Life, linkWindow } from './life.ts';
import type { Views } from './view.ts';
import { DOMAINS } from './world.ts';

/** What links a user across two rooms, for one party. */
export interface Linkage {
  readonly mode: string;
  readonly deployment: Deployment;
  readonly party: Party;
  readonly user: string;
  /** Whether the user was added both times by the same key package, of last resort. */
  readonly lastResort: boolean;
  readonly links: readonly Link[];
  /** Whether the party may link the user: its own, or where real names are shown. */
  readonly expected: boolean;
  readonly ok: boolean;
}

/** Tries to link users, as each party. */
export function linkages(
  views: Views,
  { mode, deployment }: Pick<Life, 'mode' | 'deployment'>,
  table: TableMode,
): Linkage[] {
  return PARTIES.filter((party) => party !== 'target').flatMap((party) =>
    LINKED.map(({ person, control }): Linkage => {
      const lastResort = person === LAST_RESORT;
      const domain = party === 'own' ? person.domain : DOMAINS[party as 'hub'];
      const seen = (room: (typeof LINK_ROOMS)[number], who: Person) =>
        views.of(domain, [linkWindow(room, who)]);
      const [first, second] = LINK_ROOMS;
      const meetings = {
        person,
        first: seen(first, person),
        second: seen(second, person),
        others: [seen(first, control), seen(second, control)],
      };
      // Who sees times and lengths only has no values to join.
      const links = party === 'outsider' ? [] : findLinks(meetings);
      const expected = mayLink(table, party, lastResort);
      const ok = expected || links.length === 0;
      return { mode, deployment, party, user: person.name, lastResort, links, expected, ok };
    }),
  );
}
