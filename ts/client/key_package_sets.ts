// Key packages in sets, one part a device: made by the devices of a user, claimed as a whole by who is connected with it.
// spec/privacy-modes.md, "Key packages".

import { type CipherSuite, createKeyPackage, inspectKeyPackage, MlsError } from '../mls/index.ts';
import {
  CLAIM_SLOTS,
  type ClaimedKeyPackage,
  claimSlotToken,
  claimToken,
  claimTokenHash,
  connectionKey,
  type Mode,
  openClaimAnswer,
  openClaimedLinkKey,
  openLink,
  type PendingClaim,
  PrivacyError,
  sealClaim,
  sealClaimedLinkKey,
} from '../privacy/index.ts';
import { RoomError } from '../room/index.ts';
import {
  decodeOpenSets,
  domainOf,
  encodeSealedRequest,
  encodeUploadKeyPackageSets,
  type OpenSet,
  providerUri,
  type RoomUri,
  type SetEntry,
  type SetKind,
  type UserUri,
} from '../wire/index.ts';
import { reading } from './answers.ts';
import type { Connection, UnlinkedSets } from './connection.ts';
import { ClientError, isClientError } from './errors.ts';
import { makeHiddenLeaf, roundedLifetime } from './hidden_identity.ts';
import { providerKeys } from './provider_keys.ts';
import type { Addition } from './requests.ts';
import type { DeviceState } from './state/device_state.ts';
import type { Vault } from './state/vault.ts';
import { fraction } from './waiting.ts';

/** Providers' keys are of this suite. */
const PROVIDER_SUITE = 1;
const SET_ID_BYTES = 16;
/** How long a claim may be on its way, in milliseconds. */
const CLAIM_MS = 5 * 60_000;

const KINDS: readonly SetKind[] = ['real', 'pseudonymous'];
/** The place of the set of last resort. */
const LAST_RESORT_SLOT = CLAIM_SLOTS;

export interface SetsParts {
  readonly vault: Vault;
  readonly connection: Connection;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
}

/**
 * Brings the stock of sets up to `count` of each kind, with one of last resort, and takes part in those that other
 * devices of this user have begun. Gives how many sets are open. Throws ClientError `noAccountSecret`.
 */
export async function publishSets(
  parts: SetsParts,
  generation: number,
  count: number,
): Promise<{ readonly stock: number }> {
  await endSlots(parts, generation);
  const open = await exchange(parts, generation, () => []);
  return fillStock(parts, generation, count, open);
}

/**
 * The first sets of a new generation: nothing of an older one counts, since the provider ends that with its token when
 * the first part comes under the new one. Gives and throws as `publishSets`.
 */
export async function replaceSets(
  parts: SetsParts,
  generation: number,
  count: number,
): Promise<{ readonly stock: number }> {
  await endSlots(parts, generation);
  return fillStock(parts, generation, count, []);
}

async function fillStock(
  parts: SetsParts,
  generation: number,
  count: number,
  open: readonly OpenSet[],
): Promise<{ readonly stock: number }> {
  const { unlinked } = parts.connection;
  const kinds = unlinked === undefined ? KINDS : (['real'] as const);
  const sets = await exchange(parts, generation, (state) => {
    const own = new Set(open.filter(({ own: mine }) => mine).map(({ id }) => key(id)));
    const entries = open
      .filter(({ id }) => !own.has(key(id)))
      .map((set) => makeEntry(parts, state, generation, set));
    for (const kind of kinds) {
      const ofKind = open.filter((set) => set.kind === kind);
      const fresh = count - ofKind.filter(({ lastResort }) => !lastResort).length;
      for (let made = 0; made < fresh; made++) {
        const id = parts.random(SET_ID_BYTES);
        entries.push(makeEntry(parts, state, generation, { id, kind, lastResort: false }));
      }
      if (!ofKind.some(({ lastResort }) => lastResort)) {
        const id = parts.random(SET_ID_BYTES);
        entries.push(makeEntry(parts, state, generation, { id, kind, lastResort: true }));
      }
    }
    return entries;
  });
  const stock = sets.filter(({ lastResort }) => !lastResort).length;
  if (unlinked === undefined) return { stock };
  return { stock: stock + (await fillSlots(parts, unlinked, generation, count)) };
}

/**
 * The stock of pseudonymous sets at a provider that must not see that they are of one user: each under a claim token of its
 * own, uploaded by itself. Their order is random, as it would show which places belong together. Gives how many are open.
 */
async function fillSlots(
  parts: SetsParts,
  unlinked: UnlinkedSets,
  generation: number,
  count: number,
): Promise<number> {
  const places = Array.from({ length: Math.min(count, CLAIM_SLOTS) }, (_, place) => place);
  let stock = 0;
  for (const slot of shuffled([...places, LAST_RESORT_SLOT], parts.random)) {
    const lastResort = slot === LAST_RESORT_SLOT;
    const open = await exchangeSlot(parts, unlinked, generation, slot, () => []);
    const set = open[0] ?? { id: parts.random(SET_ID_BYTES), kind: 'pseudonymous', lastResort };
    if (open[0]?.own !== true) {
      await exchangeSlot(parts, unlinked, generation, slot, (state) => [
        makeEntry(parts, state, generation, set),
      ]);
    }
    if (!lastResort) stock += 1;
  }
  return stock;
}

async function exchangeSlot(
  { vault }: SetsParts,
  unlinked: UnlinkedSets,
  generation: number,
  slot: number,
  make: (state: DeviceState) => SetEntry[],
): Promise<OpenSet[]> {
  const { tokenHash, body } = await vault.exclusive((state) => {
    const tokenHash = slotTokenHash(state, generation, slot);
    return { tokenHash, body: encodeUploadKeyPackageSets({ tokenHash, entries: make(state) }) };
  });
  return decoded(await unlinked.upload(tokenHash, body));
}

/** Takes back what this device has uploaded for connections of older generations, which nobody else ends. */
async function endSlots({ vault, connection }: SetsParts, generation: number): Promise<void> {
  const { unlinked } = connection;
  if (unlinked === undefined) return;
  for (let older = 0; older < generation; older++) {
    for (let slot = 0; slot <= LAST_RESORT_SLOT; slot++) {
      await unlinked.end(await vault.exclusive((state) => slotTokenHash(state, older, slot)));
    }
  }
}

function slotTokenHash({ account }: DeviceState, generation: number, slot: number): Uint8Array {
  return claimTokenHash(claimSlotToken(connectionKey(account.secret, generation), slot));
}

/** In a random order. */
function shuffled<Item>(items: readonly Item[], random: (length: number) => Uint8Array): Item[] {
  const left = [...items];
  const order: Item[] = [];
  while (left.length > 0) {
    order.push(...left.splice(Math.floor(fraction(random) * left.length), 1));
  }
  return order;
}

const key = (id: Uint8Array): string => String.fromCharCode(...id);

async function exchange(
  { vault, connection }: SetsParts,
  generation: number,
  make: (state: DeviceState) => SetEntry[],
): Promise<OpenSet[]> {
  const request = await vault.exclusive((state) => {
    const token = claimToken(connectionKey(state.account.secret, generation));
    return encodeUploadKeyPackageSets({ tokenHash: claimTokenHash(token), entries: make(state) });
  });
  return decoded(await connection.call('uploadKeyPackageSets', undefined, request));
}

const decoded = (answer: Uint8Array): OpenSet[] => reading(() => decodeOpenSets(answer));

function makeEntry(
  { clock }: SetsParts,
  state: DeviceState,
  generation: number,
  { id, kind, lastResort }: Pick<OpenSet, 'id' | 'kind' | 'lastResort'>,
): SetEntry {
  const { suite } = state.device;
  const leaf = kind === 'pseudonymous' ? makeHiddenLeaf(state, suite, id) : undefined;
  const identity = leaf?.identity ?? state.identity;
  const options = { lastResort, lifetime: roundedLifetime(clock()) };
  const { keyPackage, ref } = createKeyPackage(state.mls, identity, options);
  const link = leaf && { client: leaf.client, linkKey: leaf.linkKey };
  state.putKeyPackage({ ref, set: id, link });
  const own = connectionKey(state.account.secret, generation);
  const sealedKey = leaf ? sealClaimedLinkKey(own, keyPackage, leaf.linkKey) : new Uint8Array();
  return { id, kind, lastResort, keyPackage, sealedKey };
}

/** A claim under way, and what its answer is read with. */
interface OpenClaim {
  readonly sealed: Uint8Array;
  readonly pending: PendingClaim;
}

/** From whom a set is claimed, for which room. */
interface Target {
  readonly mode: Mode;
  readonly kind: SetKind;
  readonly suite: CipherSuite;
  readonly room: RoomUri;
  readonly user: UserUri;
  /** The connection key that the user has given. */
  readonly theirKey: Uint8Array;
  /** The sealing key of the user's provider. */
  readonly sealingKey: Uint8Array;
}

/**
 * Claims a set of a user that this account is connected with, through the hub of the room, which sees the user's
 * provider and nothing else. Throws ClientError `noKeyMaterial`, `wrongKeyPackage`, `badAnswer`.
 */
export async function claimSet(
  parts: SetsParts,
  mode: Mode,
  room: RoomUri,
  user: UserUri,
  theirKey: Uint8Array,
): Promise<Addition[]> {
  const { connection, vault, random } = parts;
  const { sealingKey, tokenKey } = await providerKeys(connection, domainOf(user));
  const suite = await vault.exclusive((state) => state.device.suite);
  const kind = mode.credentials.keyPackageSets;
  if (kind === undefined) throw new ClientError('noKeyMaterial', undefined, { details: { user } });
  const target: Target = { mode, kind, suite, room, user, theirKey, sealingKey };
  let additions: Addition[] | undefined;
  let foreign: ClientError | undefined;
  if (tokenKey === undefined || kind === 'real') {
    additions = await claimUnder(parts, target, claimToken(theirKey));
  } else {
    // There each set of the user's stock has a token of its own. Which places are filled nobody else knows.
    const places = Array.from({ length: CLAIM_SLOTS }, (_, place) => place);
    for (const slot of [...shuffled(places, random), LAST_RESORT_SLOT]) {
      try {
        additions = await claimUnder(parts, target, claimSlotToken(theirKey, slot));
        if (additions !== undefined) break;
      } catch (error) {
        // Others who are connected with the user could have put something of their own into a place.
        if (!isClientError(error, 'wrongKeyPackage')) throw error;
        foreign = error;
      }
    }
  }
  if (additions !== undefined) return additions;
  throw foreign ?? new ClientError('noKeyMaterial', undefined, { details: { user } });
}

/** Claims what there is under a token; `undefined` where that is nothing. */
async function claimUnder(
  { connection, clock }: SetsParts,
  target: Target,
  token: Uint8Array,
): Promise<Addition[] | undefined> {
  const { mode, kind, suite, room, user, sealingKey } = target;
  const domain = domainOf(user);
  const claim: OpenClaim = sealClaim(
    { suite: PROVIDER_SUITE, domain, publicKey: sealingKey },
    { token, expiry: clock() + CLAIM_MS, kind, suite },
  );
  const body = encodeSealedRequest({ roomUri: room, sealed: claim.sealed });
  const hidden = mode.credentials.hidesIdentities;
  const answer = await connection.call('claimKeyPackages', providerUri(domain), body, { hidden });
  const claimed = reading(() => openClaimAnswer(claim.pending, answer));
  return claimed.length === 0 ? undefined : claimed.map((item) => checked(target, item));
}

/** Checks that a claimed key package is what it is handed out as. */
function checked({ mode, suite, user, theirKey }: Target, item: ClaimedKeyPackage): Addition {
  const domain = domainOf(user);
  const { hidesIdentities } = mode.credentials;
  try {
    const info = inspectKeyPackage(item.keyPackage, [suite]);
    const { client, user: named } = mode.credentials.participant(info, suite);
    if (domainOf(client) !== domain) throw wrong('domain', user);
    if (!hidesIdentities && named !== user) throw wrong('user', user);
    const linkKey = hidesIdentities ? openClaimedLinkKey(theirKey, item) : undefined;
    if (linkKey !== undefined) {
      const { credential, signatureKey: leafSignatureKey } = info;
      const link = { suite, credential: credential.bytes, leafSignatureKey, linkKey };
      if (openLink(link).user !== user) throw wrong('identity', user);
    }
    const { ref, initKey } = info;
    return { keyPackage: item.keyPackage, client, user: named, ref, initKey, domain, linkKey };
  } catch (error) {
    const ours =
      error instanceof MlsError || error instanceof RoomError || error instanceof PrivacyError;
    if (ours && error.kind === 'payload') throw wrong(error.code, user, error);
    throw error;
  }
}

function wrong(rule: string, user: UserUri, cause?: unknown): ClientError {
  return new ClientError('wrongKeyPackage', undefined, { cause, details: { rule, user } });
}
