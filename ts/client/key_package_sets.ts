// Key packages in sets, one part a device: made by the devices of a user, claimed as a whole by who is connected with it.
// spec/privacy-modes.md, "Key packages".

import { createKeyPackage, inspectKeyPackage, MlsError } from '../mls/index.ts';
import {
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
import type { Connection } from './connection.ts';
import { ClientError } from './errors.ts';
import { makeHiddenLeaf, roundedLifetime } from './hidden_identity.ts';
import { providerKeys } from './provider_keys.ts';
import type { Addition } from './requests.ts';
import type { DeviceState } from './state/device_state.ts';
import type { Vault } from './state/vault.ts';

/** Providers' keys are of this suite. */
const PROVIDER_SUITE = 1;
const SET_ID_BYTES = 16;
/** How long a claim may be on its way, in milliseconds. */
const CLAIM_MS = 5 * 60_000;

const KINDS: readonly SetKind[] = ['real', 'pseudonymous'];

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
  const open = await exchange(parts, generation, () => []);
  return fillStock(parts, generation, count, open);
}

/**
 * The first sets of a new generation: nothing of an older one counts, since the provider ends that with its token when
 * the first part comes under the new one. Gives and throws as `publishSets`.
 */
export function replaceSets(
  parts: SetsParts,
  generation: number,
  count: number,
): Promise<{ readonly stock: number }> {
  return fillStock(parts, generation, count, []);
}

async function fillStock(
  parts: SetsParts,
  generation: number,
  count: number,
  open: readonly OpenSet[],
): Promise<{ readonly stock: number }> {
  const sets = await exchange(parts, generation, (state) => {
    const own = new Set(open.filter(({ own: mine }) => mine).map(({ id }) => key(id)));
    const entries = open
      .filter(({ id }) => !own.has(key(id)))
      .map((set) => makeEntry(parts, state, generation, set));
    for (const kind of KINDS) {
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
  return { stock: sets.filter(({ lastResort }) => !lastResort).length };
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
  const answer = await connection.call('uploadKeyPackageSets', undefined, request);
  return reading(() => decodeOpenSets(answer));
}

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
  const { connection, vault, clock } = parts;
  const domain = domainOf(user);
  const { sealingKey } = await providerKeys(connection, domain);
  const suite = await vault.exclusive((state) => state.device.suite);
  const kind = mode.credentials.keyPackageSets;
  if (kind === undefined) throw new ClientError('noKeyMaterial', undefined, { details: { user } });
  const claim: OpenClaim = sealClaim(
    { suite: PROVIDER_SUITE, domain, publicKey: sealingKey },
    { token: claimToken(theirKey), expiry: clock() + CLAIM_MS, kind, suite },
  );
  const body = encodeSealedRequest({ roomUri: room, sealed: claim.sealed });
  const answer = await connection.call('claimKeyPackages', providerUri(domain), body);
  const claimed = reading(() => openClaimAnswer(claim.pending, answer));
  if (claimed.length === 0)
    throw new ClientError('noKeyMaterial', undefined, { details: { user } });
  return claimed.map((item) => {
    try {
      const info = inspectKeyPackage(item.keyPackage, [suite]);
      const { client, user: named } = mode.credentials.participant(info, suite);
      if (domainOf(client) !== domain) throw wrong('domain', user);
      if (!mode.credentials.hidesIdentities && named !== user) throw wrong('user', user);
      const linkKey = mode.credentials.hidesIdentities
        ? openClaimedLinkKey(theirKey, item)
        : undefined;
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
  });
}

function wrong(rule: string, user: UserUri, cause?: unknown): ClientError {
  return new ClientError('wrongKeyPackage', undefined, { cause, details: { rule, user } });
}
