// What a provider can see of a room: read from what it holds, as its operator's inspection shows it.

import type { RoomEntry, RoomInspection } from '../../provider/index.ts';

/** What one provider has of the room's log. */
export interface Sight {
  readonly domain: string;
  readonly entries: readonly RoomEntry[];
}

/** The demo's people, by the URIs of their accounts and devices. */
export type Cast = ReadonlyMap<string, string>;

/** What a provider could read of a room, as counts. */
export interface Knowledge {
  /** People of the demo whose real user or client URI it holds in the clear. */
  readonly realUsers: number;
  /** Pseudonyms of users and clients that it holds in the clear. */
  readonly pseudonyms: number;
  /** Of the room's clients of today, those that it holds the URI of. */
  readonly members: number;
  /** Commits that it holds, and those of them that show it whom they are from or about. */
  readonly commits: number;
  readonly readCommits: number;
}

/** The new entries of a provider since `seq`. */
export function sightSince(
  domain: string,
  inspection: RoomInspection | undefined,
  seq: number,
): Sight {
  return { domain, entries: inspection?.entries.filter((entry) => entry.seq > seq) ?? [] };
}

/** An entry that several providers have got. */
export interface SharedEntry {
  readonly entry: RoomEntry;
  /** The domains of those who have it. */
  readonly domains: readonly string[];
}

/** The entries of several followers, each once, in the order in which the hub accepted them. */
export function shared(sights: readonly Sight[]): SharedEntry[] {
  const found = new Map<string, { entry: RoomEntry; domains: string[] }>();
  for (const { domain, entries } of sights) {
    const times = new Map<string, number>();
    for (const entry of entries) {
      const line = `${entry.acceptedAt} ${lineOf(entry)}`;
      const nth = (times.get(line) ?? 0) + 1;
      times.set(line, nth);
      const key = `${nth} ${line}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { entry, domains: [domain] });
      else known.domains.push(domain);
    }
  }
  return [...found.values()].sort((one, other) => one.entry.acceptedAt - other.entry.acceptedAt);
}

/** An entry as one line; identities that stand in it in the clear stand in brackets. */
export function lineOf({ what, from, bytes, epoch, inClear }: RoomEntry): string {
  const named = new Set(inClear.map((found) => shortUri(pseudonymIn(found) ?? found)));
  return [
    `${what} from ${shortUri(from)}`,
    epoch === undefined ? '' : `, epoch ${epoch}`,
    bytes === 0 ? '' : `, ${bytes} B`,
    named.size === 0 ? '' : ` [${[...named].join(' ')}]`,
  ].join('');
}

/** What the followers saw, a line an entry with the domains of those who got it. */
export function linesOf(sights: readonly Sight[]): string[] {
  return shared(sights).map(({ entry, domains }) => `${lineOf(entry)} at ${domains.join(', ')}`);
}

/**
 * The pseudonym of a user or client in what an inspection found: the modes make them of 16 random bytes. Found in
 * stored bytes, a URI may run on into what stands behind it; hence all comparisons are of its beginning.
 */
export function pseudonymIn(found: string): string | undefined {
  return /^mimi:\/\/[^/]+\/[ud]\/[0-9a-f]{32}/.exec(found)?.[0];
}

/** The person of the demo whose real user or client URI was found. */
export function personIn(found: string, cast: Cast): string | undefined {
  return [...cast].find(([uri]) => found.startsWith(uri))?.[1];
}

/** Whether a URI names a user or client, and not only a provider. */
function isIdentity(uri: string): boolean {
  return /\/[ud]\//.test(uri);
}

/** Counts what a provider could read; `members` are the URIs of the room's clients of today. */
export function knowledgeOf(
  inspection: RoomInspection | undefined,
  cast: Cast,
  members: readonly string[],
): Knowledge {
  const entries = inspection?.entries ?? [];
  const held = [
    ...entries.flatMap(({ from, inClear }) => [from, ...inClear]),
    ...(inspection?.members ?? []).flatMap(({ user, client }) => [user, client]),
  ];
  const people = held.flatMap((found) => personIn(found, cast) ?? []);
  const pseudonyms = held.flatMap((found) => pseudonymIn(found) ?? []);
  const commits = entries.filter(({ what }) => what === 'commit');
  return {
    realUsers: new Set(people).size,
    pseudonyms: new Set(pseudonyms).size,
    members: members.filter((client) => held.some((found) => found.startsWith(client))).length,
    commits: commits.length,
    readCommits: commits.filter(({ from, inClear }) => isIdentity(from) || inClear.length > 0)
      .length,
  };
}

/** A URI without its scheme. */
export function shortUri(uri: string): string {
  return uri.replace('mimi://', '');
}
