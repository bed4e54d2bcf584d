// The sets of key packages of one user as its rows hold them: a set has a part of each device that took part in it.

import type { CipherSuite } from '../../mls/index.ts';
import type { ClientUri, OpenSet, SetKind, UserUri } from '../../wire/index.ts';
import { toHex } from '../bytes.ts';
import {
  decodeSetEntryRow,
  encodeSetEntryRow,
  encodeSetPackageRow,
  type SetEntryRow,
  type SetPackageRow,
} from '../records/set_rows.ts';
import { hiddenRows, prefixes, setEntryOf } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';

const CLOSED = new Uint8Array([1]);

/** What all parts of a set have in common. */
export interface SetTerms {
  readonly kind: SetKind;
  readonly lastResort: boolean;
  readonly suite: CipherSuite;
  /** The user pseudonym; empty where the key packages name the user. */
  readonly pseudonym: string;
}

export interface StoredSet extends SetTerms {
  readonly id: Uint8Array;
  /** Whether it was handed out before; of a last resort only. */
  readonly used: boolean;
  readonly parts: Map<ClientUri, SetEntryRow>;
}

/** The sets of a user by the hexadecimal form of their ids. */
export type StoredSets = Map<string, StoredSet>;

/** Reads them in a turn of the accounts' shard. */
export async function readSets(rows: ShardReader, user: UserUri): Promise<StoredSets> {
  const sets: StoredSets = new Map();
  for (const { key, value } of await rows.under(prefixes.setEntries(user))) {
    const { id, client } = setEntryOf(key);
    const row = decodeSetEntryRow(value);
    const set = sets.get(toHex(id)) ?? { ...row, id, parts: new Map<ClientUri, SetEntryRow>() };
    set.parts.set(client, row);
    sets.set(toHex(id), set);
  }
  return sets;
}

/** Whether the key package of a part has not expired; `now` in milliseconds since the epoch of UNIX. */
export function isLive({ notAfter }: SetEntryRow, now: number): boolean {
  return notAfter > now / 1000;
}

/** The sets that are listed as open: a last resort that was handed out is to be replaced. */
export function openSetsOf(sets: StoredSets, client: ClientUri): OpenSet[] {
  return [...sets.values()]
    .filter(({ used }) => !used)
    .map(({ id, kind, lastResort, parts }) => ({ id, kind, lastResort, own: parts.has(client) }));
}

/** Stores a part. */
export function putPart(
  user: UserUri,
  id: Uint8Array,
  client: ClientUri,
  part: { readonly row: SetEntryRow; readonly content: SetPackageRow },
): StoreRow[] {
  const { row, content } = part;
  return [
    { key: hiddenRows.setEntry(user, id, client), value: encodeSetEntryRow(row) },
    { key: hiddenRows.setPackage(row.ref), value: encodeSetPackageRow(content) },
  ];
}

/** Deletes a part. */
export function dropPart(
  user: UserUri,
  id: Uint8Array,
  client: ClientUri,
  { ref }: SetEntryRow,
): StoreRow[] {
  return [
    { key: hiddenRows.setEntry(user, id, client), value: undefined },
    { key: hiddenRows.setPackage(ref), value: undefined },
  ];
}

/** Takes a client out of a set. */
export function leaveSet(user: UserUri, set: StoredSet, client: ClientUri): StoreRow[] {
  const row = set.parts.get(client);
  if (row === undefined) return [];
  // A set that was handed out takes no more parts, even when no part of it is left.
  const closed = set.used ? [closeSet(user, set.id)] : [];
  return [...dropPart(user, set.id, client, row), ...closed];
}

/** Deletes a set; one that was handed out takes no more parts: its pseudonym stands in a room. */
export function dropSet(user: UserUri, { id, used, parts }: StoredSet): StoreRow[] {
  const rows = [...parts].flatMap(([client, row]) => dropPart(user, id, client, row));
  return used ? [...rows, closeSet(user, id)] : rows;
}

/** Notes that a set takes no more parts. */
export function closeSet(user: UserUri, id: Uint8Array): StoreRow {
  return { key: hiddenRows.closedSet(user, id), value: CLOSED };
}

/** Takes expired parts out of `sets`, and sets of which none is left; gives the deletions. */
export function dropExpired(user: UserUri, sets: StoredSets, now: number): StoreRow[] {
  const rows: StoreRow[] = [];
  for (const [name, set] of sets) {
    for (const [client, row] of set.parts) {
      if (isLive(row, now)) continue;
      rows.push(...dropPart(user, set.id, client, row));
      set.parts.delete(client);
    }
    if (set.parts.size > 0) continue;
    rows.push(...dropSet(user, set));
    sets.delete(name);
  }
  return rows;
}
