// Where the library is known to show more than the table lets a party see, with the reason. A cell stays ok with these and
// says so; anything beyond them makes it fail. What is known of each mode stands in docs/modes as well.

import type { Action, Party } from './cast.ts';
import type { TableMode } from './expected.ts';
import type { Inferred } from './inferred.ts';
import type { Token } from './saw.ts';

/** A known difference from the table. */
export interface Deviation {
  readonly modes: readonly TableMode[];
  readonly actions: readonly Action[];
  readonly parties: readonly Party[];
  /** What is seen besides. */
  readonly saw?: readonly Token[];
  /** What is found out besides. */
  readonly inferred?: readonly (keyof Inferred)[];
  readonly why: string;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    modes: ['open'],
    actions: ['message'],
    parties: ['hub', 'own', 'follower'],
    inferred: ['sizes'],
    why: 'Messages of open rooms are not padded: their sizes are those of the contents (docs/modes/README.md, "Padding").',
  },
  {
    modes: ['open'],
    actions: ['welcome'],
    parties: ['target'],
    saw: ['R actor', 'R others', 'D actor', 'D others'],
    why: 'The draft’s FanoutMessage carries the ratchet tree beside the Welcome, in the clear: the provider of who is added reads all members, as followers of open rooms may.',
  },
  {
    modes: ['open'],
    actions: ['report'],
    parties: ['own'],
    saw: ['R target', 'D target', 'name', 'content'],
    why: 'The draft’s AbuseReport is in the clear: the reporter’s provider reads what is reported. In the other modes reports are sealed to the hub (docs/franking.md, "Reports").',
  },
  {
    modes: ['pseudonymous'],
    actions: ['join by link', 'remove'],
    parties: ['follower'],
    saw: ['link id'],
    why: 'Handshakes are PublicMessages: followers read the ids of links where one is claimed, made or retired. An id opens nothing.',
  },
  {
    modes: ['members-only'],
    actions: ['join by link'],
    parties: ['follower'],
    saw: ['external'],
    why: 'A sealed external commit is told from a PrivateMessage by an octet before it, which followers get too (docs/modes/members-only.md, "What it does not protect").',
  },
  {
    modes: ['pseudonymous', 'hub-visible', 'members-only'],
    actions: ['key packages'],
    parties: ['hub'],
    saw: ['D actor', 'G'],
    why: 'The hub passes claims on for providers in one of its rooms only, so that a claim names the room, and comes from a provider. The add that follows tells both.',
  },
  {
    modes: ['pseudonymous', 'hub-visible', 'members-only'],
    actions: ['key packages'],
    parties: ['target'],
    saw: ['D actor'],
    inferred: ['invites'],
    why: 'Before its first claim a provider asks the target’s for its keys, directly, and remembers them for a time: the target’s provider can put the two together.',
  },
];
