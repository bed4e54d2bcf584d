// Sets of key packages, one part a device and one room a set: uploaded by the devices of a user, handed out whole to
// who holds the user's claim token. spec/privacy-modes.md, "Key packages".

import type { ClientUri, OpenSet, UploadKeyPackageSets, UserUri } from '../../wire/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { ownerRows, readOwner } from '../enterprise/pseudonym_map.ts';
import { ProviderError } from '../errors.ts';
import type { DeviceIdentity } from '../records/account_rows.ts';
import type { OwnerRow } from '../records/enterprise_rows.ts';
import { decodePseudonymRow, encodePseudonymRow, type PseudonymRow } from '../records/set_rows.ts';
import { accountRows, hiddenRows, prefixes, unlinkedRows } from '../rows.ts';
import type { Decision, Input, ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { Devices } from './devices.ts';
import { type CheckedPart, checkPart } from './set_upload.ts';
import {
  dropExpired,
  dropPart,
  dropSet,
  openSetsOf,
  putPart,
  readSets,
  type SetTerms,
  type StoredSet,
  type StoredSets,
} from './stored_sets.ts';
import { isSetOwner, isUnlinked, setOwner } from './unlinked.ts';

const TOKEN_HASH_BYTES = 32;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the rows say before an upload. */
interface Before {
  readonly sets: StoredSets;
  /** The hash of the current claim token. */
  readonly token: Uint8Array | undefined;
  /** Whose the token of the upload is or was. */
  readonly tokenOwner: string | undefined;
  /** Rows of claims under the current token. */
  readonly claims: readonly Uint8Array[];
  /** Paths of parts whose set was handed out, or whose key package was. */
  readonly gone: ReadonlySet<string>;
  /** Paths of parts whose key package is in the stock of the device. */
  readonly stocked: ReadonlySet<string>;
  readonly pseudonyms: Map<string, PseudonymRow>;
  /** The hash of the token under which this queue has uploaded before. */
  readonly tokenOfQueue: Uint8Array | undefined;
  /** Whose user pseudonyms are, where the provider maps them. */
  readonly owners: Map<string, OwnerRow>;
}

/** The sets of this provider's users. */
export class KeyPackageSets {
  readonly #context: HiddenAccountsContext;
  readonly #devices: Devices;

  constructor(context: HiddenAccountsContext, devices: Devices) {
    this.#context = context;
    this.#devices = devices;
  }

  /**
   * Stores the device's parts after checking each in full, and gives the open sets of the user. Without parts it only
   * asks. Parts of sets that were handed out meanwhile are not stored; the device sees it by the answer. A token other
   * than the current one takes its place: sets that were not claimed end with it. What comes through a queue is of no
   * known user: there the token itself is the owner of its sets, and a queue uploads under one.
   * @throws ProviderError `notRegistered`, `badRequest`, `tooLarge`, `wrongDevice`, `pseudonymReused`,
   * `claimTokenEnded`, `tooManyKeyPackages`; RoomError `badCredential`.
   */
  async upload(sender: DeviceIdentity, request: UploadKeyPackageSets): Promise<OpenSet[]> {
    const { domain, limits } = this.#context;
    const { entries, tokenHash } = request;
    const unlinked = isUnlinked(sender);
    const registered = await this.#devices.find(sender.client);
    if (registered === undefined || (registered.suite === 0 && !unlinked)) {
      throw new ProviderError('notRegistered');
    }
    if (tokenHash.length !== TOKEN_HASH_BYTES && (unlinked || entries.length > 0)) {
      throw badRequest(`The hash of a token has ${TOKEN_HASH_BYTES} bytes.`, '/tokenHash');
    }
    const device = unlinked ? { ...sender, user: setOwner(domain, tokenHash) } : sender;
    if (entries.length === 0) return this.#run(this.#ask(device.user, device.client));
    this.#requireRoom(entries.length);
    const real = unlinked ? entries.findIndex(({ kind }) => kind === 'real') : -1;
    if (real !== -1) {
      throw new ProviderError('wrongDevice', 'A queue has no key packages that name anybody.', {
        details: { path: `/entries/${real}` },
      });
    }
    const by = { device, registered, domain, keyPackageBytes: limits.keyPackageBytes };
    const parts = entries.map((entry, index) => checkPart(entry, `/entries/${index}`, by));
    requireOneOfEachSet(parts);
    return this.#run(this.#store(device, tokenHash, parts));
  }

  #run<Answer>(input: Input<Answer>): Promise<Answer> {
    return this.#context.directory.accounts.run(input);
  }

  #ask(user: UserUri, client: ClientUri): Input<OpenSet[]> {
    let sets: StoredSets;
    return {
      prepare: async (rows) => {
        sets = await readSets(rows, user);
      },
      decide: ({ now }) => {
        const rows = dropExpired(user, sets, now);
        return { answer: openSetsOf(sets, client), rows };
      },
    };
  }

  #store(
    device: DeviceIdentity,
    tokenHash: Uint8Array,
    parts: readonly CheckedPart[],
  ): Input<OpenSet[]> {
    const { user, client } = device;
    let before: Before;
    return {
      prepare: async (rows) => {
        before = await readBefore(rows, device, tokenHash, parts);
      },
      decide: ({ now }): Decision<OpenSet[]> => {
        const { sets } = before;
        const rows = [...changeToken(user, tokenHash, before), ...dropExpired(user, sets, now)];
        if (isSetOwner(user)) rows.push(...bindQueue(client, tokenHash, before));
        const refs = setsByRef(sets);
        const filled: StoredSet[] = [];
        for (const part of parts) {
          const set = sets.get(toHex(part.id));
          if (before.gone.has(part.path) || set?.used) continue;
          rows.push(...claimPseudonyms(user, part, before.pseudonyms));
          if (this.#context.maps) rows.push(...mapPseudonym(user, part, before.owners, now));
          rows.push(...place(device, part, before, refs));
          filled.push(sets.get(toHex(part.id)) as StoredSet);
        }
        for (const set of filled) rows.push(...replaceUsed(user, set, sets));
        this.#requireRoom(sets.size);
        return { answer: openSetsOf(sets, client), rows };
      },
    };
  }

  #requireRoom(count: number): void {
    const limit = this.#context.limits.keyPackageSetsPerUser;
    if (count > limit) {
      throw new ProviderError('tooManyKeyPackages', undefined, { details: { limit } });
    }
  }
}

async function readBefore(
  rows: ShardReader,
  { user, client }: DeviceIdentity,
  tokenHash: Uint8Array,
  parts: readonly CheckedPart[],
): Promise<Before> {
  const has = async (key: Uint8Array) => (await rows.get(key)) !== undefined;
  const token = await rows.get(hiddenRows.claimToken(user));
  const owner = await rows.get(hiddenRows.tokenOwner(tokenHash));
  const claims = token === undefined ? [] : await rows.under(prefixes.claims(token));
  const gone = new Set<string>();
  const stocked = new Set<string>();
  const pseudonyms = new Map<string, PseudonymRow>();
  const owners = new Map<string, OwnerRow>();
  for (const { id, path, row, pseudonyms: named } of parts) {
    const spent = await has(accountRows.spent(row.ref));
    if (spent || (await has(hiddenRows.closedSet(user, id)))) gone.add(path);
    if (await has(accountRows.keyPackage(client, row.ref))) stocked.add(path);
    for (const uri of named === undefined ? [] : [named.user, named.client]) {
      const found = await rows.get(hiddenRows.pseudonym(uri));
      if (found !== undefined) pseudonyms.set(uri, decodePseudonymRow(found));
    }
    const owner = named && (await readOwner(rows, named.user));
    if (named && owner) owners.set(named.user, owner);
  }
  return {
    sets: await readSets(rows, user),
    token,
    tokenOwner: owner === undefined ? undefined : decoder.decode(owner),
    claims: claims.map(({ key }) => key),
    gone,
    stocked,
    pseudonyms,
    tokenOfQueue: await rows.get(unlinkedRows.setOfQueue(client)),
    owners,
  };
}

/** Keeps a queue to one token: sets under two would be seen to be of one user. */
function bindQueue(client: ClientUri, tokenHash: Uint8Array, { tokenOfQueue }: Before): StoreRow[] {
  if (tokenOfQueue === undefined) {
    return [{ key: unlinkedRows.setOfQueue(client), value: tokenHash }];
  }
  if (sameBytes(tokenOfQueue, tokenHash)) return [];
  throw badRequest('This queue has a part in a set under another token.', '/tokenHash');
}

function requireOneOfEachSet(parts: readonly CheckedPart[]): void {
  const seen = new Set<string>();
  for (const { id, path } of parts) {
    if (seen.has(toHex(id))) throw badRequest('A device has one part in a set.', `${path}/id`);
    seen.add(toHex(id));
  }
}

/**
 * Puts the token of an upload in the place of the user's current one, whose sets end. A token that was replaced does
 * not come back, so that a device that has not heard of the new one ends no sets, and nobody takes another's.
 */
function changeToken(user: UserUri, tokenHash: Uint8Array, before: Before): StoreRow[] {
  const { sets, token, tokenOwner, claims } = before;
  if (token !== undefined && sameBytes(token, tokenHash)) return [];
  if (tokenOwner !== undefined) throw new ProviderError('claimTokenEnded');
  const ended = [...sets.values()].flatMap((set) => dropSet(user, set));
  sets.clear();
  return [
    ...ended,
    ...claims.map((key) => ({ key, value: undefined })),
    { key: hiddenRows.claimToken(user), value: tokenHash },
    { key: hiddenRows.tokenOwner(tokenHash), value: encoder.encode(user) },
  ];
}

/** Binds the pseudonyms of a part to its set and its key package, for good. */
function claimPseudonyms(
  user: UserUri,
  { id, path, row, pseudonyms }: CheckedPart,
  known: Map<string, PseudonymRow>,
): StoreRow[] {
  if (pseudonyms === undefined) return [];
  const bindings = [
    { uri: pseudonyms.user, carrier: id },
    { uri: pseudonyms.client, carrier: row.ref },
  ];
  return bindings.flatMap(({ uri, carrier }) => {
    const found = known.get(uri);
    if (found === undefined) {
      known.set(uri, { user, carrier });
      return [{ key: hiddenRows.pseudonym(uri), value: encodePseudonymRow({ user, carrier }) }];
    }
    if (found.user === user && sameBytes(found.carrier, carrier)) return [];
    throw new ProviderError('pseudonymReused', undefined, { details: { path } });
  });
}

/** Notes whose the pseudonym of a part is. */
function mapPseudonym(
  user: UserUri,
  { path, pseudonyms }: CheckedPart,
  owners: Map<string, OwnerRow>,
  at: number,
): StoreRow[] {
  if (pseudonyms === undefined) return [];
  const owner: OwnerRow = { user, source: 'uploaded', at, room: '' };
  const rows = ownerRows(pseudonyms.user, owners.get(pseudonyms.user), owner, path);
  if (rows.length > 0) owners.set(pseudonyms.user, owner);
  return rows;
}

/** Puts a part into its set, in the place of an older one of the same device. */
function place(
  { user, client }: DeviceIdentity,
  part: CheckedPart,
  { sets, stocked }: Before,
  refs: Map<string, string>,
): StoreRow[] {
  const { id, path, row, content } = part;
  const name = toHex(id);
  const set = sets.get(name) ?? { ...row, id, parts: new Map() };
  if (!haveSameTerms(set, row)) {
    throw badRequest('The part differs from the others of its set.', path);
  }
  const ref = toHex(row.ref);
  if ((refs.get(ref) ?? name) !== name || stocked.has(path)) {
    throw badRequest('The key package is stored in another place.', `${path}/keyPackage`);
  }
  const older = set.parts.get(client);
  const replaced = older === undefined ? [] : dropPart(user, id, client, older);
  set.parts.set(client, row);
  sets.set(name, set);
  refs.set(ref, name);
  return [...replaced, ...putPart(user, id, client, { row, content })];
}

/** The names of sets by the refs of their key packages. */
function setsByRef(sets: StoredSets): Map<string, string> {
  const refs = new Map<string, string>();
  for (const [name, { parts }] of sets) {
    for (const { ref } of parts.values()) refs.set(toHex(ref), name);
  }
  return refs;
}

function haveSameTerms(one: SetTerms, other: SetTerms): boolean {
  return (
    one.kind === other.kind &&
    one.lastResort === other.lastResort &&
    one.suite === other.suite &&
    one.pseudonym === other.pseudonym
  );
}

/** A new last resort ends those that were handed out: whoever got one shares its pseudonym with others. */
function replaceUsed(user: UserUri, by: StoredSet, sets: StoredSets): StoreRow[] {
  if (!by.lastResort) return [];
  const rows: StoreRow[] = [];
  for (const [name, set] of sets) {
    if (!set.used || set.kind !== by.kind || set.suite !== by.suite) continue;
    rows.push(...dropSet(user, set));
    sets.delete(name);
  }
  return rows;
}

function badRequest(why: string, path: string): ProviderError {
  return new ProviderError('badRequest', why, { details: { path } });
}
