// Whether a party can tell that somebody in one room is the same as somebody in another: docs/modes/pseudonymous.md, "Why
// it holds". Tried on two people of one provider, in two rooms, with all that each party had of them.

import { findLinks, type Link } from './attackers/linkage.ts';
import { PARTIES, type Party } from './cast.ts';
import { mayLink, type TableMode } from './expected.ts';
import { LINK_ROOMS, LINKED_PEOPLE, linkWindow } from './life.ts';
import type { Views } from './view.ts';
import { DOMAINS } from './world.ts';

/** What links a user across two rooms, for one party. */
export interface Linkage {
  readonly mode: string;
  readonly party: Party;
  readonly user: string;
  readonly links: readonly Link[];
  /** Whether the party may link the user: its own, or where real names are shown. */
  readonly expected: boolean;
  readonly ok: boolean;
}

/** Tries to link each of two users, as each party. */
export function linkages(views: Views, mode: string, table: TableMode): Linkage[] {
  return PARTIES.filter((party) => party !== 'target').flatMap((party) =>
    LINKED_PEOPLE.map((person): Linkage => {
      const expected = mayLink(table, party);
      const seen = (room: (typeof LINK_ROOMS)[number], who: typeof person) =>
        views.of(DOMAINS[party as 'hub'], [linkWindow(room, who)]);
      // Who sees times and lengths only has no values to join.
      const links =
        party === 'outsider'
          ? []
          : findLinks({
              person,
              first: seen(LINK_ROOMS[0], person),
              second: seen(LINK_ROOMS[1], person),
              others: LINKED_PEOPLE.filter((other) => other !== person).flatMap((other) =>
                LINK_ROOMS.map((room) => seen(room, other)),
              ),
            });
      const ok = expected || links.length === 0;
      return { mode, party, user: person.name, links, expected, ok };
    }),
  );
}
