// Claims of key package sets at the provider of the user whose they are. Whoever carries a claim learns nothing of its
// outcome: a wrong token, a repeated claim and an empty stock get answers that differ inside the seal only.
// spec/privacy-modes.md, "Key packages".

import { hash } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/errors.ts';
import { type OpenedClaim, openClaim, sealClaimAnswer } from '../../privacy/parts/claim.ts';
import { claimTokenHash } from '../../privacy/parts/pseudonym.ts';
import type { ClientUri, UserUri } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import { decodeKeyPackageRoute, encodeKeyPackageRoute } from '../records/account_rows.ts';
import {
  type ClaimRow,
  decodeClaimRow,
  decodeSetPackageRow,
  encodeClaimRow,
  encodeSetEntryRow,
  type SetEntryRow,
  type SetPackageRow,
} from '../records/set_rows.ts';
import { accountRows, hiddenRows, lastPart, prefixes } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { Store, StoreRow } from '../store.ts';
import type { HiddenAccountsContext } from './context.ts';
import { closeSet, dropSet, isLive, readSets, type StoredSet } from './stored_sets.ts';
import { isSetOwner } from './unlinked.ts';

const SPENT = new Uint8Array([1]);
const HOUR_MS = 3_600_000;
const decoder = new TextDecoder();

/** A set that is to be handed out. */
interface Picked {
  readonly set: StoredSet;
  /** Its parts that are of use. */
  readonly usable: StoredSet['parts'];
}

/** Which local client a key package is of that was handed out in a set. */
export async function clientOfRef(
  store: Pick<Store, 'get'>,
  ref: Uint8Array,
): Promise<ClientUri | undefined> {
  const row = await store.get(ACCOUNTS_SHARD, accountRows.handedOutRef(ref));
  return row === undefined ? undefined : (decodeKeyPackageRoute(row).owner as ClientUri);
}

/** Hands out sets of this provider's users. */
export class SetClaims {
  readonly #context: HiddenAccountsContext;

  constructor(context: HiddenAccountsContext) {
    this.#context = context;
  }

  /**
   * The sealed answer to a sealed claim. It holds the key packages of one set of the user whose token the claim shows:
   * none when the token is nobody's, the claim was made before, the token was used too often, or no set is left.
   * @throws ProviderError `claimUnreadable`, `claimExpired`.
   */
  async answer(sealed: Uint8Array): Promise<Uint8Array> {
    const { clock, limits } = this.#context;
    const now = clock();
    const claim = reading(() => this.#open(sealed, now));
    if (claim.expiry <= now || claim.expiry > now + limits.claimExpiryMs) {
      throw new ProviderError('claimExpired');
    }
    // Before a set is taken for it: a claim whose key is none would cost the user a set.
    const nothing = reading(() => sealClaimAnswer(claim, []));
    const packages = await this.#take(claim, now);
    return packages.length === 0 ? nothing : sealClaimAnswer(claim, packages);
  }

  #open(sealed: Uint8Array, now: number): OpenedClaim {
    const { domain, keys } = this.#context;
    return openClaim({ suite: 1, domain, privateKey: keys.sealing.privateKey, now }, sealed);
  }

  async #take(claim: OpenedClaim, now: number): Promise<readonly SetPackageRow[]> {
    const { directory } = this.#context;
    let taken: { readonly packages: readonly SetPackageRow[]; readonly rows: StoreRow[] };
    return directory.accounts.run({
      prepare: async (rows) => {
        taken = await this.#prepare(rows, claim, now);
      },
      decide: () => ({ answer: taken.packages, rows: taken.rows }),
    });
  }

  async #prepare(rows: ShardReader, claim: OpenedClaim, now: number) {
    const none = { packages: [], rows: [] };
    const tokenHash = claimTokenHash(claim.token);
    const user = await userOfToken(rows, tokenHash);
    if (user === undefined) return none;
    const noted = await this.#note(rows, tokenHash, claim, now);
    if (noted === undefined) return none;
    const picked = await pick(rows, user, claim, now);
    if (picked === undefined) return { packages: [], rows: noted };
    const packages: SetPackageRow[] = [];
    const handedOut: StoreRow[] = [];
    for (const [client, { ref, notAfter }] of picked.usable) {
      const content = await rows.get(hiddenRows.setPackage(ref));
      if (content === undefined) throw new ProviderError('corruptRecord');
      packages.push(decodeSetPackageRow(content));
      handedOut.push({
        key: accountRows.handedOutRef(ref),
        value: encodeKeyPackageRoute({ owner: client, notAfter }),
      });
    }
    return { packages, rows: [...noted, ...handedOut, ...used(user, picked)] };
  }

  /** The rows that make this claim known; `undefined` when it was made before, or the quota of its token is used up. */
  async #note(
    rows: ShardReader,
    tokenHash: Uint8Array,
    { responseKey, expiry }: OpenedClaim,
    now: number,
  ): Promise<StoreRow[] | undefined> {
    const key = hiddenRows.claim(tokenHash, hash(1, responseKey));
    let recent = 0;
    const written: StoreRow[] = [];
    for (const known of await rows.under(prefixes.claims(tokenHash))) {
      if (sameBytes(known.key, key)) return undefined;
      const row = decodeClaimRow(known.value);
      if (row.acceptedAt > now - HOUR_MS) recent++;
      else if (row.expiry <= now) written.push({ key: known.key, value: undefined });
    }
    if (recent >= this.#context.limits.claimsPerTokenHourly) return undefined;
    const row: ClaimRow = { acceptedAt: now, expiry };
    return [...written, { key, value: encodeClaimRow(row) }];
  }
}

/** Whose token this is, if it has not been replaced. */
async function userOfToken(rows: ShardReader, tokenHash: Uint8Array): Promise<UserUri | undefined> {
  const owner = await rows.get(hiddenRows.tokenOwner(tokenHash));
  if (owner === undefined) return undefined;
  const user = decoder.decode(owner) as UserUri;
  const current = await rows.get(hiddenRows.claimToken(user));
  return current !== undefined && sameBytes(current, tokenHash) ? user : undefined;
}

/**
 * The fitting set in which most of the user's clients take part; a last resort only when there is no other, and one
 * that was handed out only when there is no fresh one.
 */
async function pick(
  rows: ShardReader,
  user: UserUri,
  { kind, suite }: OpenedClaim,
  now: number,
): Promise<Picked | undefined> {
  const clients = new Set<string>();
  // Of the parts that came through queues nobody else has a list.
  const unlinked = isSetOwner(user);
  for (const { key } of await rows.under(prefixes.clientsOfUser(user))) clients.add(lastPart(key));
  let best: Picked | undefined;
  for (const set of (await readSets(rows, user)).values()) {
    if (set.kind !== kind || set.suite !== suite) continue;
    const isUsable = ([client, row]: [ClientUri, SetEntryRow]) =>
      (unlinked || clients.has(client)) && isLive(row, now);
    const picked = { set, usable: new Map([...set.parts].filter(isUsable)) };
    if (picked.usable.size > 0 && (best === undefined || isBetter(picked, best))) best = picked;
  }
  return best;
}

function isBetter(one: Picked, other: Picked): boolean {
  if (one.set.lastResort !== other.set.lastResort) return other.set.lastResort;
  if (one.set.used !== other.set.used) return other.set.used;
  return one.usable.size > other.usable.size;
}

/** The rows of a set once it is handed out: gone, or, a last resort, marked. Its key packages are not taken again. */
function used(user: UserUri, { set, usable }: Picked): StoreRow[] {
  const spent = [...usable.values()].map(({ ref }) => ({
    key: accountRows.spent(ref),
    value: SPENT,
  }));
  if (!set.lastResort) return [...dropSet(user, set), closeSet(user, set.id), ...spent];
  const marked = [...set.parts].map(([client, row]) => ({
    key: hiddenRows.setEntry(user, set.id, client),
    value: encodeSetEntryRow({ ...row, used: true }),
  }));
  return [...marked, ...spent];
}

/** What a claim holds that cannot be read is the fault of who made it. */
function reading<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof PrivacyError) || cause.kind !== 'payload') throw cause;
    throw new ProviderError(cause.code === 'expired' ? 'claimExpired' : 'claimUnreadable');
  }
}
