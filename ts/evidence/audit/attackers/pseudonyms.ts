// Whether a provider can tell which of its accounts stands behind a pseudonym: an enterprise provider shall, a consumer
// provider cannot. docs/modes/deployments.md. What is tried: everything that stands together in one request with its answer,
// one row, record or line; connections that several use; and the moments in which requests come.

import { createHash } from 'node:crypto';
import { clientsOf, PEOPLE, type Person, userOf } from '../cast.ts';
import type { Life } from '../life.ts';
import { Needles } from '../needles.ts';
import type { Recorded } from '../tape.ts';
import type { View } from '../view.ts';
import type { Access } from '../world.ts';
import { bearerOf } from './accounts.ts';
import { findLinks } from './linkage.ts';

/** How many of something, and of how many. */
export interface Share {
  readonly found: number;
  readonly of: number;
}

/** What a provider makes of who of its own users is who in the room. */
export interface Mapped {
  /** Users whose account stands together with one of their pseudonyms or queues. */
  readonly named: Share;
  /** Users whose account and queues show one value that nobody else does, where there are two users to compare. */
  readonly joined: Share;
  /** TCP connections of queues over which an account has come as well. */
  readonly connections: Share;
  /** Queues of which the account is guessed right by the moments of requests alone. */
  readonly byTime: Share;
}

/** Maps as the provider of a domain, from all that it has. */
export function mapPseudonyms(life: Life, domain: string): Mapped {
  const items = life.tape.recorded.filter(({ party }) => party === domain);
  const accesses = life.accesses.get(domain) ?? [];
  const own = PEOPLE.filter((one) => one.domain === domain && life.seats.has(one));
  const units = unitsOf(items);
  const sides = own.map((person) => sidesOf(person, life, accesses, units));
  const named = sides.filter(({ account, hidden }) =>
    account.some((unit) => hidden.includes(unit)),
  );
  const calls = callsOf(accesses, items);
  return {
    named: { found: named.length, of: own.length },
    joined: joinedByValue(domain, sides),
    connections: sharedConnections(calls),
    byTime: guessedByTime(calls),
  };
}

/** What came or was written as one. */
type Unit = readonly Recorded[];

/** A request with its answer; a row's key with its value; anything else by itself. */
function unitsOf(items: readonly Recorded[]): Unit[] {
  const asked = new Map<string, Recorded>();
  return items.map((item, index) => {
    const { place, peer, what, connection } = item;
    // Each relay counts its connections: what one provider asks another has numbers of the other's.
    const way = `${peer} ${connection}`;
    if (place === 'wire request') asked.set(way, item);
    const request = place === 'wire response' ? asked.get(way) : undefined;
    if (request !== undefined) return [request, item];
    const next = items[index + 1];
    const isKey = place === 'store row' && next?.place === place && next.what === what;
    return isKey ? [item, next] : [item];
  });
}

/** What a provider has of a person's accounts, and of what serves its pseudonyms. */
interface Sides {
  readonly person: Person;
  readonly account: readonly Unit[];
  readonly hidden: readonly Unit[];
}

function sidesOf(
  person: Person,
  { seats }: Life,
  accesses: readonly Access[],
  units: readonly Unit[],
): Sides {
  const account = new Needles();
  const hidden = new Needles();
  for (const uri of [userOf(person), ...clientsOf(person)]) account.addText('account', uri);
  for (const { user, token, queues } of accesses) {
    if (user !== userOf(person)) continue;
    addToken(account, token);
    for (const queue of queues) {
      addToken(hidden, queue.token);
      hidden.addText('queue', queue.client);
    }
  }
  for (const seat of seats.get(person) ?? []) {
    if (seat.user === userOf(person)) continue;
    for (const text of [seat.user, seat.client]) hidden.addText('pseudonym', text);
  }
  const of = (needles: Needles) =>
    units.filter((unit) => unit.some(({ bytes }) => needles.in(bytes).length > 0));
  return { person, account: of(account), hidden: of(hidden) };
}

/** A bearer token, and the hash that its provider keeps of it. */
function addToken(needles: Needles, token: string): void {
  needles.addText('token', token);
  needles.add('token hash', createHash('sha256').update(token).digest());
}

/** Joins account and queues by a value that both showed, and neither of anybody else: it takes two users to tell. */
function joinedByValue(domain: string, sides: readonly Sides[]): Share {
  if (sides.length < 2) return { found: 0, of: 0 };
  const viewOf = (units: readonly Unit[]): View => {
    const items = [...new Set(units.flat())];
    return { domain, items, frames: [], opened: [], bytes: items.map(({ bytes }) => bytes) };
  };
  const joined = sides.filter(({ person, account, hidden }) => {
    const others = sides.filter((other) => other.person !== person);
    const links = findLinks({
      person,
      first: viewOf(account),
      second: viewOf(hidden),
      others: others.flatMap((other) => [viewOf(other.account), viewOf(other.hidden)]),
    });
    return links.length > 0;
  });
  return { found: joined.length, of: sides.length };
}

/** A request of a device, by whose token it came. */
interface Call {
  readonly user: string;
  /** The queue whose token it had; of an account, `undefined`. */
  readonly queue: string | undefined;
  readonly connection: number;
  readonly at: number;
}

function callsOf(accesses: readonly Access[], items: readonly Recorded[]): Call[] {
  const byToken = new Map<string, { user: string; queue: string | undefined }>();
  for (const { user, token, queues } of accesses) {
    byToken.set(token, { user, queue: undefined });
    for (const queue of queues) byToken.set(queue.token, { user, queue: queue.client });
  }
  return items.flatMap((item) => {
    const { connection = 0, at } = item;
    const who = byToken.get(bearerOf(item) ?? '');
    return who === undefined ? [] : [{ ...who, connection, at }];
  });
}

function sharedConnections(calls: readonly Call[]): Share {
  const accounts = new Set(
    calls.filter(({ queue }) => queue === undefined).map(({ connection }) => connection),
  );
  const queues = new Set(
    calls.filter(({ queue }) => queue !== undefined).map(({ connection }) => connection),
  );
  const shared = [...queues].filter((connection) => accounts.has(connection));
  return { found: shared.length, of: queues.size };
}

/** Each queue votes for the accounts that ask when it does; most votes win. Of one account there is nothing to guess. */
function guessedByTime(calls: readonly Call[]): Share {
  const accounts = calls.filter(({ queue }) => queue === undefined);
  if (new Set(accounts.map(({ user }) => user)).size < 2) return { found: 0, of: 0 };
  const queues = new Map<string, Call[]>();
  for (const call of calls) {
    if (call.queue !== undefined) {
      queues.set(call.queue, [...(queues.get(call.queue) ?? []), call]);
    }
  }
  const right = [...queues.values()].filter((asked) => {
    const votes = new Map<string, number>();
    for (const { at } of asked) {
      const nearest = nearestTo(at, accounts);
      if (nearest !== undefined) votes.set(nearest.user, (votes.get(nearest.user) ?? 0) + 1);
    }
    const [winner] = [...votes].sort(([, one], [, other]) => other - one);
    return winner?.[0] === asked[0]?.user;
  });
  return { found: right.length, of: queues.size };
}

function nearestTo(at: number, calls: readonly Call[]): Call | undefined {
  let best: Call | undefined;
  for (const call of calls) {
    if (best === undefined || Math.abs(call.at - at) < Math.abs(best.at - at)) best = call;
  }
  return best;
}
