// The devices of this provider: minted or signed in by the operator's own means, registered by themselves.

import { hash } from '../../mls/index.ts';
import { type ClientUri, domainOf, type RegisterDevice } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import type { Directory } from '../directory.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import {
  type ClientRow,
  type DeviceIdentity,
  decodeClientRow,
  decodeDeviceIdentity,
  encodeClientRow,
  encodeDeviceIdentity,
} from '../records/account_rows.ts';
import { accountRows, prefixes } from '../rows.ts';
import type { Input, ShardReader } from '../shard.ts';
import type { Store, StoreRow } from '../store.ts';
import { suiteOf } from '../suites.ts';
import { leaveSet, readSets } from './stored_sets.ts';
import { isReservedName } from './unlinked.ts';

const NONE = new Uint8Array();
const TOKEN_BYTES = 32;

/** What accounts need of the provider. */
export interface AccountsContext {
  readonly domain: string;
  readonly store: Store;
  readonly directory: Directory;
  readonly random: (length: number) => Uint8Array;
}

/** Who may call this provider's local API, and with which signature key. */
export class Devices {
  readonly #context: AccountsContext;

  constructor(context: AccountsContext) {
    this.#context = context;
  }

  /**
   * Makes a token for a device of a user; an older token of the device ends. Only its hash is stored.
   * @throws ProviderError `wrongDevice` when the client is another user's, or of another domain.
   */
  async mint(device: DeviceIdentity): Promise<string> {
    if (isReservedName(device.user) || isReservedName(device.client)) {
      throw new ProviderError('wrongDevice', 'Names of this form are kept for queues.');
    }
    const token = toBase64Url(this.#context.random(TOKEN_BYTES));
    const tokenHash = tokenHashOf(token);
    await this.#context.directory.accounts.run(
      this.#change(device, (row) => ({
        row: { ...row, tokenHash },
        rows: [
          ...endToken(row),
          { key: accountRows.token(tokenHash), value: encodeDeviceIdentity(device) },
        ],
      })),
    );
    return token;
  }

  /** Ends the token of a device; what it has stored stays. */
  async revoke(client: ClientUri): Promise<void> {
    const row = await this.find(client);
    if (row === undefined) return;
    await this.#context.directory.accounts.run(
      this.#change({ user: row.user, client }, (found) => ({
        row: { ...found, tokenHash: NONE },
        rows: endToken(found),
      })),
    );
  }

  /** The device that a token stands for. */
  async authenticate(token: string): Promise<DeviceIdentity | undefined> {
    const key = accountRows.token(tokenHashOf(token));
    const row = await this.#context.store.get(ACCOUNTS_SHARD, key);
    return row === undefined ? undefined : decodeDeviceIdentity(row);
  }

  /**
   * Notes a device's suite and signature key. May be repeated; a device that lost its state registers anew, with
   * another key: its stored key packages are then of no use to anybody and are dropped, those in sets too.
   * @throws ProviderError `wrongDevice`, `badRequest`.
   */
  async register(device: DeviceIdentity, request: RegisterDevice): Promise<void> {
    if (request.clientUri !== device.client) throw new ProviderError('wrongDevice');
    const suite = suiteOf(request.suite, '/suite');
    const { user, client } = device;
    let stock: StoreRow[] = [];
    const prepare = async (reader: ShardReader) => {
      const rows = await reader.under(prefixes.keyPackages(client));
      stock = rows.map(({ key }) => ({ key, value: undefined }));
      stock.push({ key: accountRows.lastResort(client), value: undefined });
      for (const set of (await readSets(reader, user)).values())
        stock.push(...leaveSet(user, set, client));
    };
    const change = (row: ClientRow) => ({
      row: { ...row, suite, signatureKey: request.signatureKey },
      rows: [
        { key: accountRows.clientOfUser(device.user, device.client), value: NONE },
        ...(sameBytes(row.signatureKey, request.signatureKey) ? [] : stock),
      ],
    });
    await this.#context.directory.accounts.run(this.#change(device, change, prepare));
  }

  /** What is known of a client. */
  async find(client: ClientUri): Promise<ClientRow | undefined> {
    const row = await this.#context.store.get(ACCOUNTS_SHARD, accountRows.client(client));
    return row === undefined ? undefined : decodeClientRow(row);
  }

  #change(
    device: DeviceIdentity,
    change: (row: ClientRow) => { row: ClientRow; rows: StoreRow[] },
    prepare?: (reader: ShardReader) => Promise<void>,
  ): Input<void> {
    const { domain } = this.#context;
    if (domainOf(device.user) !== domain || domainOf(device.client) !== domain) {
      throw new ProviderError('wrongDevice', `Users and clients here are of the domain ${domain}.`);
    }
    let found: ClientRow | undefined;
    return {
      prepare: async (rows) => {
        const row = await rows.get(accountRows.client(device.client));
        found = row === undefined ? undefined : decodeClientRow(row);
        await prepare?.(rows);
      },
      decide: () => {
        if (found !== undefined && found.user !== device.user) {
          throw new ProviderError('wrongDevice', 'The client belongs to another user.');
        }
        const fresh: ClientRow = {
          user: device.user,
          suite: 0,
          signatureKey: NONE,
          tokenHash: NONE,
        };
        const { row, rows } = change(found ?? fresh);
        rows.push({ key: accountRows.client(device.client), value: encodeClientRow(row) });
        return { answer: undefined, rows };
      },
    };
  }
}

function endToken(row: ClientRow): StoreRow[] {
  return row.tokenHash.length === 0
    ? []
    : [{ key: accountRows.token(row.tokenHash), value: undefined }];
}

/** SHA-256 of a token: tokens are random, so that the plain hash gives nothing away. */
function tokenHashOf(token: string): Uint8Array {
  return hash(1, new TextEncoder().encode(token));
}

/** RFC 4648, section 5, without padding. */
function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
