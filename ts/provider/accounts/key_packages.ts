// The stock of key packages: uploaded by their owners, each handed out once.
// draft-ietf-mimi-protocol-06, "Fetch Key Material".

import { inspectKeyPackage, type KeyPackageInfo, MlsError } from '../../mls/index.ts';
import { participantOf } from '../../room/index.ts';
import type {
  ClientKeyMaterial,
  ClientUri,
  KeyMaterialRequest,
  KeyMaterialResponse,
  RoomUri,
  UploadKeyPackages,
  UploadKeyPackagesResponse,
  UserUri,
} from '../../wire/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { type DeviceIdentity, encodeKeyPackageRoute } from '../records/account_rows.ts';
import { accountRows, lastPart, prefixes, rangeOf } from '../rows.ts';
import type { Decision } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { hasConsent } from './consent.ts';
import type { AccountsContext, Devices } from './devices.ts';

interface Offer {
  readonly client: ClientUri;
  readonly status: 'success' | 'keyMaterialExhausted' | 'nothingCompatible';
  readonly keyPackage?: { readonly bytes: Uint8Array; readonly info: KeyPackageInfo } | undefined;
}

/** The key packages of this provider's clients. */
export class KeyPackages {
  readonly #context: AccountsContext & { readonly limits: Limits; readonly clock: () => number };
  readonly #devices: Devices;
  /** Refs handed out by decisions whose write is under way: the store still shows them. */
  readonly #taken = new Set<string>();

  constructor(
    context: AccountsContext & { readonly limits: Limits; readonly clock: () => number },
    devices: Devices,
  ) {
    this.#context = context;
    this.#devices = devices;
  }

  /**
   * Stores key packages of a device after checking each in full.
   * @throws ProviderError `notRegistered`, `badRequest`, `wrongDevice`, `tooManyKeyPackages`.
   */
  async upload(
    device: DeviceIdentity,
    request: UploadKeyPackages,
  ): Promise<UploadKeyPackagesResponse> {
    const registered = await this.#devices.find(device.client);
    if (registered === undefined || registered.suite === 0)
      throw new ProviderError('notRegistered');
    const { keyPackages, lastResort } = request;
    const rows = keyPackages.map((bytes, index) => {
      const info = this.#inspect(bytes, device, registered.signatureKey, `/keyPackages/${index}`);
      return { key: accountRows.keyPackage(device.client, info.ref), value: bytes };
    });
    if (lastResort !== undefined) {
      const info = this.#inspect(lastResort, device, registered.signatureKey, '/lastResort');
      if (!info.lastResort) {
        throw new ProviderError('badRequest', 'The key package is not marked as last resort.', {
          details: { path: '/lastResort' },
        });
      }
      rows.push({ key: accountRows.lastResort(device.client), value: lastResort });
    }
    const { directory, store, limits } = this.#context;
    let stock = 0;
    return directory.accounts.run({
      prepare: async () => {
        const range = rangeOf(prefixes.keyPackages(device.client));
        stock = (await store.range(ACCOUNTS_SHARD, range)).length;
      },
      decide: (): Decision<UploadKeyPackagesResponse> => {
        const total = stock + keyPackages.length;
        if (total > limits.keyPackagesPerClient) {
          throw new ProviderError('tooManyKeyPackages', undefined, {
            details: { limit: limits.keyPackagesPerClient, stock },
          });
        }
        return { answer: { stored: rows.length, stock: total }, rows };
      },
    });
  }

  /** Hands out one key package of each client of the target user, where the user has consented. */
  async claim(request: KeyMaterialRequest): Promise<KeyMaterialResponse> {
    const target = request.targetUser as UserUri;
    const answer = (
      userStatus: KeyMaterialResponse['userStatus'],
      clients: readonly ClientKeyMaterial[] = [],
    ): KeyMaterialResponse => ({ protocol: 'mls10', userStatus, userUri: target, clients });
    const taken: string[] = [];
    let consent = false;
    let offers: Offer[] = [];
    try {
      return await this.#context.directory.accounts.run({
        prepare: async () => {
          const room = request.roomId as RoomUri | undefined;
          const requester = request.requestingUser as UserUri;
          consent = await hasConsent(this.#context.store, target, requester, room);
          offers = consent ? await this.#offers(target, request) : [];
        },
        decide: () => {
          // Unknown users and refusing users get the same answer: nobody learns who exists.
          if (!consent || offers.length === 0) return { answer: answer('noConsent') };
          const rows: StoreRow[] = [];
          for (const { client, keyPackage } of offers) {
            if (keyPackage === undefined) continue;
            const { ref, notAfter, lastResort } = keyPackage.info;
            rows.push({
              key: accountRows.handedOut(ref),
              value: encodeKeyPackageRoute({ owner: client, notAfter }),
            });
            if (lastResort) continue;
            rows.push({ key: accountRows.keyPackage(client, ref), value: undefined });
            taken.push(toHex(ref));
            this.#taken.add(toHex(ref));
          }
          const clients = offers.map(toClientKeyMaterial);
          return { answer: answer(userStatusOf(offers), clients), rows };
        },
      });
    } finally {
      for (const ref of taken) this.#taken.delete(ref);
    }
  }

  #inspect(
    bytes: Uint8Array,
    device: DeviceIdentity,
    signatureKey: Uint8Array,
    path: string,
  ): KeyPackageInfo {
    let info: KeyPackageInfo;
    try {
      info = inspectKeyPackage(bytes);
    } catch (error) {
      if (!(error instanceof MlsError) || error.kind === 'bug') throw error;
      throw new ProviderError('badRequest', `The key package does not verify: ${error.code}.`, {
        cause: error,
        details: { path, reason: error.code },
      });
    }
    const { user, client } = participantOf(info.credential);
    const own = user === device.user && client === device.client;
    if (!own || !sameBytes(info.signatureKey, signatureKey)) {
      throw new ProviderError(
        'wrongDevice',
        'The key package is not of the device that sends it.',
        {
          details: { path },
        },
      );
    }
    return info;
  }

  async #offers(target: UserUri, request: KeyMaterialRequest): Promise<Offer[]> {
    const { store } = this.#context;
    const rows = await store.range(ACCOUNTS_SHARD, rangeOf(prefixes.clientsOfUser(target)));
    const clients = rows.map(({ key }) => lastPart(key) as ClientUri);
    return Promise.all(clients.map((client) => this.#offer(client, request)));
  }

  /** The first fitting key package of a client, else its last resort. */
  async #offer(client: ClientUri, request: KeyMaterialRequest): Promise<Offer> {
    const { store } = this.#context;
    const stocked = await store.range(ACCOUNTS_SHARD, rangeOf(prefixes.keyPackages(client)));
    const lastResort = await store.get(ACCOUNTS_SHARD, accountRows.lastResort(client));
    const candidates = stocked.map(({ value }) => value);
    if (lastResort !== undefined) candidates.push(lastResort);
    let found = false;
    for (const bytes of candidates) {
      const info = this.#usable(bytes);
      if (info === undefined || this.#taken.has(toHex(info.ref))) continue;
      found = true;
      if (fits(info, request)) return { client, status: 'success', keyPackage: { bytes, info } };
    }
    return { client, status: found ? 'nothingCompatible' : 'keyMaterialExhausted' };
  }

  /** A stored key package, unless it has expired since it was stored. */
  #usable(bytes: Uint8Array): KeyPackageInfo | undefined {
    try {
      const info = inspectKeyPackage(bytes);
      return info.notAfter * 1000 > this.#context.clock() ? info : undefined;
    } catch (error) {
      if (error instanceof MlsError && error.code === 'expired') return undefined;
      throw error;
    }
  }
}

/** Whether a key package has the suite and the capabilities that the requester asks for. */
function fits({ suite, capabilities }: KeyPackageInfo, request: KeyMaterialRequest): boolean {
  const { requiredCapabilities: required } = request;
  const has = (known: readonly number[], wanted: readonly number[]) =>
    wanted.every((value) => known.includes(value));
  return (
    request.acceptableCipherSuites.includes(suite) &&
    has(capabilities.extensions, required.extensions) &&
    has(capabilities.proposals, required.proposals) &&
    has(capabilities.credentials, required.credentials)
  );
}

function toClientKeyMaterial({ client, status, keyPackage }: Offer): ClientKeyMaterial {
  if (keyPackage !== undefined) {
    return { clientUri: client, clientStatus: 'success', keyPackage: keyPackage.bytes };
  }
  return status === 'keyMaterialExhausted'
    ? { clientUri: client, clientStatus: status }
    : { clientUri: client, clientStatus: 'nothingCompatible' };
}

function userStatusOf(offers: readonly Offer[]): KeyMaterialResponse['userStatus'] {
  const given = offers.filter(({ status }) => status === 'success').length;
  if (given === offers.length) return 'success';
  return given > 0 ? 'partialSuccess' : 'noCompatibleMaterial';
}
