// The stock of key packages: uploaded by their owners, each handed out once.
// draft-ietf-mimi-protocol-06, "Fetch Key Material".

import { inspectKeyPackage, type KeyPackageInfo, MlsError } from '../../mls/index.ts';
import {
  type ClientKeyMaterial,
  type ClientUri,
  decodeKeyPackage,
  type KeyMaterialRequest,
  type KeyMaterialResponse,
  type RoomUri,
  type UploadKeyPackages,
  type UploadKeyPackagesResponse,
  type UserUri,
} from '../../wire/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import {
  type ClientRow,
  type DeviceIdentity,
  decodeClientRow,
  encodeKeyPackageRoute,
} from '../records/account_rows.ts';
import { accountRows, hiddenRows, lastPart, prefixes } from '../rows.ts';
import type { Decision, ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { hasConsent } from './consent.ts';
import type { AccountsContext, Devices } from './devices.ts';
import { inspectUploaded, requireOwn } from './uploaded_key_package.ts';

const SPENT = new Uint8Array([1]);

interface Offer {
  readonly client: ClientUri;
  readonly status: 'success' | 'keyMaterialExhausted' | 'nothingCompatible';
  readonly keyPackage?: { readonly bytes: Uint8Array; readonly info: KeyPackageInfo } | undefined;
}

interface Inspected {
  readonly bytes: Uint8Array;
  readonly info: KeyPackageInfo;
}

/** The key packages of this provider's clients. */
export class KeyPackages {
  readonly #context: AccountsContext & { readonly limits: Limits; readonly clock: () => number };
  readonly #devices: Devices;

  constructor(
    context: AccountsContext & { readonly limits: Limits; readonly clock: () => number },
    devices: Devices,
  ) {
    this.#context = context;
    this.#devices = devices;
  }

  /**
   * Stores key packages of a device after checking each in full. Those that are in stock, or were handed out, are
   * not stored again; those in stock that are of no use any more make room.
   * @throws ProviderError `notRegistered`, `badRequest`, `wrongDevice`, `tooLarge`, `tooManyKeyPackages`.
   */
  async upload(
    device: DeviceIdentity,
    request: UploadKeyPackages,
  ): Promise<UploadKeyPackagesResponse> {
    const { client } = device;
    const registered = await this.#devices.find(client);
    if (registered === undefined || registered.suite === 0) {
      throw new ProviderError('notRegistered');
    }
    this.#requireRoom(request.keyPackages.length);
    const uploaded = request.keyPackages.map((bytes, index) =>
      this.#inspect(bytes, device, registered, {
        path: `/keyPackages/${index}`,
        lastResort: false,
      }),
    );
    const lastResort =
      request.lastResort === undefined
        ? undefined
        : this.#inspect(request.lastResort, device, registered, {
            path: '/lastResort',
            lastResort: true,
          });
    let stock: { key: Uint8Array; value: Uint8Array }[] = [];
    let fresh: Inspected[] = [];
    return this.#context.directory.accounts.run({
      prepare: async (rows) => {
        stock = await rows.under(prefixes.keyPackages(client));
        fresh = await unknownOf(rows, client, uploaded);
      },
      decide: (): Decision<UploadKeyPackagesResponse> => {
        const spent = stock.filter(({ value }) => !this.#isUsable(value, registered));
        const total = stock.length - spent.length + fresh.length;
        this.#requireRoom(total);
        const rows: StoreRow[] = spent.map(({ key }) => ({ key, value: undefined }));
        for (const { bytes, info } of fresh) {
          rows.push({ key: accountRows.keyPackage(client, info.ref), value: bytes });
        }
        if (lastResort !== undefined) {
          rows.push({ key: accountRows.lastResort(client), value: lastResort.bytes });
        }
        const stored = fresh.length + (lastResort === undefined ? 0 : 1);
        return { answer: { stored, stock: total }, rows };
      },
    });
  }

  /** Hands out one key package of each client of the target user for a room, where the user has consented. */
  async claim(room: RoomUri, request: KeyMaterialRequest): Promise<KeyMaterialResponse> {
    const target = request.targetUser as UserUri;
    const answer = (
      userStatus: KeyMaterialResponse['userStatus'],
      clients: readonly ClientKeyMaterial[] = [],
    ): KeyMaterialResponse => ({ protocol: 'mls10', userStatus, userUri: target, clients });
    let offers: Offer[] = [];
    return this.#context.directory.accounts.run({
      prepare: async (rows) => {
        const requester = request.requestingUser as UserUri;
        const consent = await hasConsent(rows, target, requester, room);
        offers = consent ? await this.#offers(rows, target, request) : [];
      },
      decide: () => {
        // Unknown users and refusing users get the same answer: nobody learns who exists.
        if (offers.length === 0) return { answer: answer('noConsent') };
        const rows: StoreRow[] = [];
        for (const { client, keyPackage } of offers) {
          if (keyPackage === undefined) continue;
          const { ref, notAfter, lastResort } = keyPackage.info;
          rows.push({
            key: accountRows.handedOut(room, ref),
            value: encodeKeyPackageRoute({ owner: client, notAfter }),
          });
          if (lastResort) continue;
          rows.push({ key: accountRows.keyPackage(client, ref), value: undefined });
          rows.push({ key: accountRows.spent(ref), value: SPENT });
        }
        const clients = offers.map(toClientKeyMaterial);
        return { answer: answer(userStatusOf(offers), clients), rows };
      },
    });
  }

  #requireRoom(count: number): void {
    const limit = this.#context.limits.keyPackagesPerClient;
    if (count > limit) {
      throw new ProviderError('tooManyKeyPackages', undefined, { details: { limit } });
    }
  }

  #inspect(
    bytes: Uint8Array,
    device: DeviceIdentity,
    registered: ClientRow,
    { path, lastResort }: { readonly path: string; readonly lastResort: boolean },
  ): Inspected {
    const limit = this.#context.limits.keyPackageBytes;
    const info = inspectUploaded(bytes, { path, lastResort, limit });
    requireOwn(info, device, registered, path);
    return { bytes, info };
  }

  async #offers(rows: ShardReader, target: UserUri, request: KeyMaterialRequest): Promise<Offer[]> {
    const clients = await rows.under(prefixes.clientsOfUser(target));
    return Promise.all(
      clients.map(({ key }) => this.#offer(rows, lastPart(key) as ClientUri, request)),
    );
  }

  /** The first fitting key package of a client, else its last resort. */
  async #offer(rows: ShardReader, client: ClientUri, request: KeyMaterialRequest): Promise<Offer> {
    const row = await rows.get(accountRows.client(client));
    const registered = row === undefined ? undefined : decodeClientRow(row);
    const stocked = await rows.under(prefixes.keyPackages(client));
    const candidates = stocked.map(({ value }) => value);
    const lastResort = await rows.get(accountRows.lastResort(client));
    if (lastResort !== undefined) candidates.push(lastResort);
    let found = false;
    for (const bytes of candidates) {
      if (registered === undefined || !this.#isUsable(bytes, registered)) continue;
      const info = inspectStocked(bytes);
      if (info === undefined) continue;
      found = true;
      if (fits(info, request)) return { client, status: 'success', keyPackage: { bytes, info } };
    }
    return { client, status: found ? 'nothingCompatible' : 'keyMaterialExhausted' };
  }

  /** Whether a key package in stock has not expired, and is of the key that its client has now. */
  #isUsable(bytes: Uint8Array, { signatureKey }: ClientRow): boolean {
    const view = decodeKeyPackage(bytes);
    const now = BigInt(Math.floor(this.#context.clock() / 1000));
    return view.lifetime.notAfter > now && sameBytes(view.signatureKey, signatureKey);
  }
}

/** A key package in stock, unless it has expired by the clock of the core. */
function inspectStocked(bytes: Uint8Array): KeyPackageInfo | undefined {
  try {
    return inspectKeyPackage(bytes);
  } catch (error) {
    if (error instanceof MlsError && error.code === 'expired') return undefined;
    throw error;
  }
}

/** Those that are neither in stock nor in a set nor handed out, each once. */
async function unknownOf(
  rows: ShardReader,
  client: ClientUri,
  uploaded: readonly Inspected[],
): Promise<Inspected[]> {
  const unknown = new Map<string, Inspected>();
  for (const item of uploaded) {
    const { ref } = item.info;
    const places = [
      accountRows.keyPackage(client, ref),
      accountRows.spent(ref),
      hiddenRows.setPackage(ref),
    ];
    const found = await Promise.all(places.map((place) => rows.get(place)));
    if (found.every((row) => row === undefined)) unknown.set(toHex(ref), item);
  }
  return [...unknown.values()];
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
