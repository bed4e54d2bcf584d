// The table "What must be shown, not claimed" of the privacy modes' specification, cell by cell, as the most that a party may
// see and find out. `spec` is the cell in the words of the table; what it lets each party see follows in the letters
// of saw.ts. Where the library is known to show more, that is no part of the table: see deviations.ts.
//
// H hub, F other followers, A the acting user's own provider, T the provider of the user whom the action is about.
// `room` stands for what the table of the modes says that hub and followers see of a room at all times (STANDING).

import type { COUNTED_BY } from './attackers/members.ts';
import type { NamedBy } from './attackers/senders.ts';
import type { Sizes } from './attackers/sizes.ts';
import type { Action, Party } from './cast.ts';
import { TOKENS, type Token } from './saw.ts';

export const TABLE_MODES = ['open', 'pseudonymous', 'hub-visible', 'members-only'] as const;
export type TableMode = (typeof TABLE_MODES)[number];

type Provider = Exclude<Party, 'outsider'>;

/** What hub and followers see of a room whatever happens in it: the columns of the table of the modes. */
const STANDING: Readonly<Record<TableMode, Readonly<Record<'hub' | 'follower', string>>>> = {
  open: {
    hub: 'R others, D actor, D target, D others, G, E, CT, S, state, role, link id',
    follower: 'R others, D actor, D target, D others, G, E, CT, S, role, link id',
  },
  pseudonymous: {
    hub: 'P others, D actor, D target, D others, G, E, CT, S, state, role, link id',
    follower: 'P others, D actor, D target, D others, G, E, CT, S, role',
  },
  'hub-visible': {
    hub: 'P others, D actor, D target, D others, G, E, CT, S, state, role, link id',
    follower: 'G, E, CT, S',
  },
  'members-only': {
    hub: 'D actor, D target, D others, G, E, CT, S',
    follower: 'G, E, CT, S',
  },
};

/** A provider knows its own accounts, and by which pseudonyms they take part (deployment "enterprise"). */
const ACCOUNTS = 'R own, P own';
const ACTOR = 'R actor, P actor';
const TARGET = 'R target, P target';
/** What of an update is for the hub and followers alike, or for the hub, passes through the provider of who sends it. */
const PASSES = 'ref, D target, external, link id, link token, state';

/** A cell: what the table says, and what that is for each party. A party that is not named sees nothing. */
interface Row {
  readonly spec: string;
  readonly hub?: string;
  readonly own?: string;
  readonly follower?: string;
  readonly target?: string;
}

const hidden = (spec: string): Row => ({
  spec,
  hub: 'D target, ref, S',
  own: `D target, G, S`,
  target: `claim token, ref, S, ${TARGET}`,
});

const TABLE: Readonly<Record<Action, Readonly<Record<TableMode, Row>>>> = {
  create: {
    open: { spec: 'H R, state; F –; A all', hub: 'room, R actor' },
    pseudonymous: { spec: 'H P, D, state; F –; A', hub: `room, P actor, ${ACTOR}` },
    'hub-visible': { spec: 'H P, D, state; F –; A, G, S', hub: `room, P actor, ${ACTOR}` },
    'members-only': { spec: 'H G, D, S; F –; A, G', hub: `room, ${ACTOR}` },
  },
  // The Welcomes are part of the same request, and what they show stands in the row `welcome`.
  add: {
    open: {
      spec: 'H, F, A: R of both, role',
      hub: 'room, R actor, R target, ref',
      own: `room, R actor, R target, ${PASSES}`,
      follower: 'room, R actor, R target',
    },
    pseudonymous: {
      spec: 'H P of both; F same; A',
      hub: 'room, P actor, P target, ref',
      own: `room, ${ACTOR}, P target, ${PASSES}`,
      follower: 'room, P actor, P target',
    },
    'hub-visible': {
      spec: 'H P of both; F G,E,CT,S; A',
      hub: 'room, P actor, P target, ref',
      own: `room, ${ACTOR}, ref, D target`,
      follower: 'room',
    },
    'members-only': {
      spec: 'H G,E,CT,S, target D, ref count; F G,E,CT,S',
      hub: 'room, ref',
      own: `room, ${ACTOR}, ref, D target`,
      follower: 'room',
    },
  },
  'join by link': {
    open: {
      spec: 'R, link id',
      hub: 'room, R actor, external, link id',
      own: `room, R actor, ${PASSES}`,
      follower: 'room, R actor, external, link id',
    },
    pseudonymous: {
      spec: 'H P, D, link id; F P, D',
      hub: 'room, P actor, external, link id',
      own: `room, ${ACTOR}, ${PASSES}`,
      follower: 'room, P actor, external',
    },
    'hub-visible': {
      spec: 'H P, D, link id; F G,E,CT,S, same form as any commit',
      hub: 'room, P actor, external, link id',
      own: `room, ${ACTOR}, external, link id`,
      follower: 'room',
    },
    'members-only': {
      spec: 'H G,E,CT,S, that it is external, link token, D; F G,E,CT,S',
      hub: 'room, external, link token',
      own: `room, ${ACTOR}, external, link token`,
      follower: 'room',
    },
  },
  remove: {
    open: {
      spec: 'H, F R→R',
      hub: 'room, R actor, R target',
      own: `room, R actor, R target, ${PASSES}`,
      follower: 'room, R actor, R target',
    },
    pseudonymous: {
      spec: 'H, F P→P',
      hub: 'room, P actor, P target',
      own: `room, ${ACTOR}, P target, ${PASSES}`,
      follower: 'room, P actor, P target',
    },
    'hub-visible': {
      spec: 'H P→P; F G,E,CT,S',
      hub: 'room, P actor, P target',
      own: `room, ${ACTOR}`,
      follower: 'room',
    },
    'members-only': {
      spec: 'H, F G,E,CT,S',
      hub: 'room',
      own: `room, ${ACTOR}`,
      follower: 'room',
    },
  },
  leave: {
    open: {
      spec: 'R',
      hub: 'room, R actor',
      own: `room, R actor, ${PASSES}`,
      follower: 'room, R actor',
    },
    pseudonymous: {
      spec: 'P',
      hub: 'room, P actor',
      own: `room, ${ACTOR}, ${PASSES}`,
      follower: 'room, P actor',
    },
    'hub-visible': {
      spec: 'H P; F G,E,CT,S',
      hub: 'room, P actor',
      own: `room, ${ACTOR}`,
      follower: 'room',
    },
    'members-only': {
      spec: 'H G,E,CT,S, later D’s subscription ends',
      hub: 'room',
      own: `room, ${ACTOR}`,
      follower: 'room',
    },
  },
  message: {
    open: {
      spec: 'H R sender, tag, S; F G,E,S,tag',
      hub: 'room, R actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    pseudonymous: {
      spec: 'H P sender; F as open',
      hub: 'room, P actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    'hub-visible': {
      spec: 'H P sender; F G,E,S,tag',
      hub: 'room, P actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    'members-only': {
      spec: 'H G,E,S,tag,D; F G,E,S,tag',
      hub: 'room, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
  },
  'key packages': {
    open: {
      spec: 'H R of both, room',
      hub: 'R actor, R target, D actor, D target, G, ref, S',
      own: `${ACTOR}, R target, D target, G, ref, S`,
      target: 'R actor, R target, D actor, G, ref, S',
    },
    pseudonymous: {
      ...hidden('H target D, ref, time; T: token → set, room only when the Welcome comes'),
      own: `${ACTOR}, D target, G, S`,
    },
    'hub-visible': { ...hidden('as pseudonymous'), own: `${ACTOR}, D target, G, S` },
    'members-only': { ...hidden('as pseudonymous'), own: `${ACTOR}, D target, G, S` },
  },
  welcome: {
    open: {
      spec: 'H refs, target D; T: its user',
      hub: 'ref, D target, G, S',
      own: 'ref, D target, S',
      target: `ref, G, S, ${TARGET}`,
    },
    pseudonymous: {
      spec: 'same, P',
      hub: 'ref, D target, G, S',
      own: 'ref, D target, S',
      target: `ref, G, S, ${TARGET}`,
    },
    'hub-visible': {
      spec: 'H ref, D; T: own client + G',
      hub: 'ref, D target, G, S',
      own: 'ref, D target, S',
      target: `ref, G, S, ${TARGET}`,
    },
    'members-only': {
      spec: 'H ref, D, size class',
      hub: 'ref, D target, G, S',
      own: 'ref, D target, S',
      target: `ref, G, S, ${TARGET}`,
    },
  },
  // What is reported is shown to the hub on purpose: content, and who is said to have sent it.
  report: {
    open: {
      spec: 'H R of reporter and sender',
      hub: 'room, R actor, R target, content, name',
      own: `${ACTOR}, G, S`,
    },
    pseudonymous: {
      spec: 'H P; reporter’s provider: that a report went',
      hub: 'room, P actor, P target, content, name',
      own: `${ACTOR}, G, S`,
    },
    'hub-visible': {
      spec: 'as pseudonymous',
      hub: 'room, P actor, P target, content, name',
      own: `${ACTOR}, G, S`,
    },
    'members-only': {
      spec: 'H content disclosed, sender unproven',
      hub: 'room, R target, content, name',
      own: `${ACTOR}, G, S`,
    },
  },
  'fan-out': {
    open: {
      spec: 'H providers and clients; F its own',
      hub: 'room, R actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    pseudonymous: {
      spec: 'H clients per provider; F own queues↔P',
      hub: 'room, P actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    'hub-visible': {
      spec: 'H clients per provider; F own members of G',
      hub: 'room, P actor, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
    'members-only': {
      spec: 'H provider set; F own subscribers',
      hub: 'room, tag',
      own: `${ACTOR}, G, E, CT, S, tag`,
      follower: 'G, E, CT, S, tag',
    },
  },
};

/** Between providers anybody sees which two they are, when, and how much. */
const OUTSIDER = 'D actor, D target, D others, S, time';

/** The words of the table for a cell. */
export function specOf(action: Action, mode: TableMode): string {
  return TABLE[action][mode].spec;
}

/** The most that a party may see in a cell. */
export function allowedTokens(action: Action, mode: TableMode, party: Party): Token[] {
  if (party === 'outsider') return tokensOf(OUTSIDER, '');
  const cell = TABLE[action][mode][party];
  if (cell === undefined) return [];
  return tokensOf(`${cell}, ${ACCOUNTS}`, STANDING[mode][party === 'hub' ? 'hub' : 'follower']);
}

function tokensOf(cell: string, standing: string): Token[] {
  const words = cell.replace(/\broom\b/, standing || 'room').split(/, */);
  const known = new Set(words);
  return TOKENS.filter((token) => known.has(token));
}

/** The most that a party may find out. */
export interface AllowedInferences {
  /** By what it may count the members. */
  readonly members: (typeof COUNTED_BY)[number];
  /** How it may name who acts and on whom. */
  readonly invites: readonly [actor: NamedBy, target: NamedBy];
  /** How it may name who sent what was not sent by its own users. */
  readonly sender: NamedBy;
  readonly sizes: Sizes['tell'];
}

const INFERENCES: Readonly<Record<TableMode, Readonly<Record<Provider, AllowedInferences>>>> = {
  open: {
    hub: { members: 'roster', invites: ['R', 'R'], sender: 'R', sizes: 'classes' },
    own: { members: 'roster', invites: ['R', 'R'], sender: '–', sizes: 'classes' },
    follower: { members: 'roster', invites: ['R', 'R'], sender: '–', sizes: 'classes' },
    target: { members: 'roster', invites: ['R', 'R'], sender: '–', sizes: 'classes' },
  },
  pseudonymous: {
    hub: { members: 'roster', invites: ['P', 'P'], sender: 'P', sizes: 'classes' },
    own: { members: 'roster', invites: ['R', 'P'], sender: '–', sizes: 'classes' },
    follower: { members: 'roster', invites: ['P', 'P'], sender: '–', sizes: 'classes' },
    target: { members: 'roster', invites: ['P', 'R'], sender: '–', sizes: 'classes' },
  },
  'hub-visible': {
    hub: { members: 'roster', invites: ['P', 'P'], sender: 'P', sizes: 'classes' },
    own: { members: 'own users', invites: ['R', 'D'], sender: '–', sizes: 'classes' },
    follower: { members: 'own users', invites: ['–', '–'], sender: '–', sizes: 'classes' },
    target: { members: 'own users', invites: ['–', 'R'], sender: '–', sizes: 'classes' },
  },
  'members-only': {
    hub: { members: 'Welcomes', invites: ['D', 'D'], sender: 'D', sizes: 'classes' },
    own: { members: 'own users', invites: ['R', 'D'], sender: '–', sizes: 'classes' },
    follower: { members: 'own users', invites: ['–', '–'], sender: '–', sizes: 'classes' },
    target: { members: 'own users', invites: ['–', 'R'], sender: '–', sizes: 'classes' },
  },
};

/** The most that a party may find out in rooms of a mode; an outsider finds out nothing of these. */
export function allowedInferences(mode: TableMode, party: Party): AllowedInferences {
  if (party !== 'outsider') return INFERENCES[mode][party];
  return { members: 'nothing', invites: ['–', '–'], sender: '–', sizes: 'nothing' };
}

/**
 * Whether a party may tell that a user of one room is one of another: of its own users, and where it sees real names. By
 * key packages of last resort, which are used twice until their user has replaced them, so may who sees the pseudonyms
 * and who sees the refs of Welcomes (docs/modes/pseudonymous.md, "What it does not protect").
 */
export function mayLink(mode: TableMode, party: Party, lastResort: boolean): boolean {
  if (party === 'own') return true;
  if (party === 'outsider') return false;
  return mode === 'open' || (lastResort && (party === 'hub' || mode === 'pseudonymous'));
}
