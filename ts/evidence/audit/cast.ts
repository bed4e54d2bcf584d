// The people of the audit, the actions that it records, and who does what in them.

import { clientUri, userUri } from '../../wire/index.ts';
import { DOMAINS } from './world.ts';

/** Somebody, and how their devices are called; neither name contains the other, so that each is found by itself. */
export interface Person {
  readonly name: string;
  /** What others see of a person in messages. */
  readonly displayName: string;
  readonly domain: string;
  /** The last part of the user's URI. */
  readonly user: string;
  /** The last parts of the devices' URIs. */
  readonly clients: readonly string[];
}

const person = (
  name: string,
  displayName: string,
  domain: string,
  user: string,
  ...clients: readonly string[]
): Person => ({ name, displayName, domain, user, clients });

/** Creates the rooms; of the hub's provider. */
export const alice = person('alice', 'Alice Åkerlund', DOMAINS.hub, 'a.akerlund', 'pixel-41c7');
/** Acts, with two devices. */
export const bob = person(
  'bob',
  'Bob Baumann',
  DOMAINS.own,
  'b.baumann',
  'nokia-9d02',
  'imac-77e1',
);
/** Joins by a link and leaves. Like Bob in all that is not theirs alone: the provider, the number of devices. */
export const ben = person(
  'ben',
  'Ben Børresen',
  DOMAINS.own,
  'b.borresen',
  'fairphone-5a',
  'kindle-b304',
);
/** Is there and listens. */
export const carol = person('carol', 'Carol Çelik', DOMAINS.follower, 'carol.celik', 'thinkpad-x3');
/** Is added and removed. */
export const dora = person('dora', 'Dóra Dvořák', DOMAINS.target, 'd.dvorak', 'jolla-c2-88');

/** Has published key packages of last resort and no others; of the same provider as Dora, and not in the room. */
export const eve = person('eve', 'Eve Ekström', DOMAINS.target, 'e.ekstrom', 'sony-z3-11');

export const PEOPLE = [alice, bob, ben, carol, dora, eve] as const;

/** The URI of a person's user. */
export const userOf = ({ domain, user }: Person) => userUri(domain, user);
/** The URIs of a person's devices. */
export const clientsOf = ({ domain, clients }: Person) =>
  clients.map((client) => clientUri(domain, client));

/** The actions of the table "What must be shown, not claimed" of the privacy modes. */
export const ACTIONS = [
  'create',
  'add',
  'join by link',
  'remove',
  'leave',
  'message',
  'key packages',
  'welcome',
  'report',
  'fan-out',
] as const;

export type Action = (typeof ACTIONS)[number];

/** Who acts, and on whom. */
export interface Roles {
  readonly actor: Person;
  readonly target: Person | undefined;
}

/** Who does what. */
export const ROLES: Readonly<Record<Action, Roles>> = {
  create: { actor: alice, target: undefined },
  add: { actor: bob, target: dora },
  'join by link': { actor: ben, target: undefined },
  remove: { actor: bob, target: dora },
  leave: { actor: ben, target: undefined },
  message: { actor: bob, target: undefined },
  'key packages': { actor: bob, target: dora },
  welcome: { actor: bob, target: dora },
  report: { actor: bob, target: carol },
  'fan-out': { actor: bob, target: undefined },
};

/** Who may look. */
export const PARTIES = ['hub', 'own', 'follower', 'target', 'outsider'] as const;

export type Party = (typeof PARTIES)[number];

/** The domain of a party in an action; the provider of who creates a room is its hub. */
export function domainOfParty(party: Exclude<Party, 'outsider'>, { actor }: Roles): string {
  return party === 'own' ? actor.domain : DOMAINS[party];
}
