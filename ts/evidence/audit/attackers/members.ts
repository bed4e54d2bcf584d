// How many clients are in the room, and at which providers: from the roster where it can be followed, else from those who
// show themselves, else from the Welcomes.

import { HubGroup } from '../../../mls/index.ts';
import { type Mode, resolveChanges } from '../../../privacy/index.ts';
import { domainOf } from '../../../wire/index.ts';
import { attempt, type Frame } from '../frames.ts';
import { leavesIn, SUITE } from '../leaves.ts';
import { DEVICE } from '../relay.ts';

/** By what a number of clients was found; each tells more than the one before it. */
export const COUNTED_BY = ['nothing', 'own users', 'Welcomes', 'identities', 'roster'] as const;

/** What a party makes of the clients of a room. */
export interface Counted {
  readonly by: (typeof COUNTED_BY)[number];
  /** By the domain of their provider. */
  readonly perProvider: Readonly<Record<string, number>>;
  /** The users, as they are called in the room; of a roster only. */
  readonly users: readonly string[];
}

/** What a count is made with besides what was read. */
export interface CountingParty {
  readonly mode: Mode;
  /** The domain of the room's hub. */
  readonly hub: string;
  /** Who counts. */
  readonly domain: string;
  /** Devices of its own that it has served the room to. */
  readonly served: number;
}

/** Counts the clients of a room from all that a party has read of it so far. */
export function countMembers(frames: readonly Frame[], party: CountingParty): Counted {
  const { mode, hub, domain, served } = party;
  const roster = byRoster(frames, mode);
  if (roster !== undefined) return roster;
  const own: Record<string, number> = served === 0 ? {} : { [domain]: served };
  const shown = byIdentities(frames, mode);
  if (shown !== undefined) {
    const most = Math.max(served, shown[domain] ?? 0);
    const perProvider = most === 0 ? shown : { ...shown, [domain]: most };
    return { by: 'identities', perProvider: inOrder(perProvider), users: [] };
  }
  const welcomed = domain === hub ? byWelcomes(frames, hub) : undefined;
  if (welcomed !== undefined) return { by: 'Welcomes', perProvider: welcomed, users: [] };
  return { by: served === 0 ? 'nothing' : 'own users', perProvider: own, users: [] };
}

/** Who was shown the group when it began, and can read each handshake, follows it as a hub does. */
function byRoster(frames: readonly Frame[], mode: Mode): Counted | undefined {
  const part = frames.find(({ content }) => content === 'created')?.part;
  if (part === undefined || part.groupInfo.length === 0) return undefined;
  const group = attempt(() => HubGroup.track(part.groupInfo, part.ratchetTree));
  if (group === undefined) return undefined;
  using followed = group;
  // What a hub has accepted stands in its log, once each.
  for (const { item, handshakes } of frames) {
    if (item.place !== 'log record') continue;
    for (const { bytes } of handshakes) {
      attempt(() => followed.apply(followed.process(bytes, resolveChanges)));
    }
  }
  const { suite } = followed;
  const members = followed.members().map((leaf) => mode.credentials.participant(leaf, suite));
  const perProvider = perDomain(members.map(({ client }) => client));
  return { by: 'roster', perProvider, users: members.map(({ user }) => user) };
}

/** Whoever commits shows its leaf, and so does who is added. */
function byIdentities(frames: readonly Frame[], mode: Mode): Record<string, number> | undefined {
  const clients = new Set<string>();
  for (const { bytes } of frames.flatMap(({ handshakes }) => handshakes)) {
    for (const leaf of leavesIn(bytes)) {
      const named = attempt(() => mode.credentials.participant(leaf, SUITE));
      if (named !== undefined) clients.add(named.client);
    }
  }
  return clients.size === 0 ? undefined : perDomain(clients);
}

/** One who has created the room, those who were welcomed, those who came by themselves; nobody is seen to go. */
function byWelcomes(frames: readonly Frame[], hub: string): Record<string, number> | undefined {
  const domains = new Map<string, string>();
  const joins = new Map<string, string>();
  for (const { welcomes, external, item, message } of frames) {
    if (item.place !== 'wire request') continue;
    for (const { ref, domain } of welcomes) {
      if (domain !== undefined) domains.set(Buffer.from(ref).toString('hex'), domain);
    }
    if (external && item.what.includes('/update/')) {
      const from = item.peer === undefined || item.peer === DEVICE ? item.party : item.peer;
      joins.set(Buffer.from(message).toString('latin1'), from);
    }
  }
  const seen = [...domains.values(), ...joins.values()];
  return seen.length === 0 ? undefined : counts([hub, ...seen]);
}

const perDomain = (clients: Iterable<string>) => counts([...clients].map(domainOf));

function counts(domains: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const domain of domains) found[domain] = (found[domain] ?? 0) + 1;
  return inOrder(found);
}

const inOrder = (record: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
