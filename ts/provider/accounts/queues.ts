// Opens queues for tokens, to nobody in particular, and ends them. A queue is an unlinked device: it is registered in the same
// write that notes its token as spent, so that of those who spend one token at once exactly one gets a queue.

import { challengeDigest } from '../../privacy/parts/token.ts';
import type { ClientUri, OpenQueue } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { decodeClientRow, encodeClientRow, encodeDeviceIdentity } from '../records/account_rows.ts';
import { decodeSpentToken, encodeSpentToken, type SpentTokenRow } from '../records/token_rows.ts';
import { accountRows, unlinkedRows } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { IssuerKeys } from './issuer_keys.ts';
import { leaveSet, readSets } from './stored_sets.ts';
import { newUnlinkedDevice, setOwner } from './unlinked.ts';

const NONE = new Uint8Array();

/** The unlinked devices of this provider. */
export class Queues {
  readonly #context: HiddenAccountsContext;
  readonly #keys: IssuerKeys;

  constructor(context: HiddenAccountsContext, keys: IssuerKeys) {
    this.#context = context;
    this.#keys = keys;
  }

  /**
   * Spends a token on a queue and gives its client URI. The same request again is answered as the first time; with
   * another secret it is refused. @throws ProviderError `badToken`, `tokenSpent`.
   */
  async open({ token, secretHash }: OpenQueue): Promise<ClientUri> {
    const { domain, random, directory } = this.#context;
    const ours = sameBytes(token.challengeDigest, challengeDigest(domain));
    if (!ours || !this.#keys.verifies(token)) throw new ProviderError('badToken');
    const key = unlinkedRows.spentToken(token.keyId, token.nonce);
    const device = newUnlinkedDevice(domain, random);
    let spent: SpentTokenRow | undefined;
    let taken = false;
    return directory.accounts.run({
      prepare: async (rows) => {
        const row = await rows.get(key);
        spent = row === undefined ? undefined : decodeSpentToken(row);
        taken = (await rows.get(accountRows.token(secretHash))) !== undefined;
      },
      decide: () => {
        if (spent !== undefined) {
          if (sameBytes(spent.secretHash, secretHash)) return { answer: spent.client };
          throw new ProviderError('tokenSpent');
        }
        // It would take the place of another's bearer token.
        if (taken) throw new ProviderError('badRequest', 'The secret is in use.');
        const { user, client } = device;
        const row = { user, suite: 0, signatureKey: NONE, tokenHash: secretHash };
        return {
          answer: client,
          rows: [
            { key, value: encodeSpentToken({ client, secretHash }) },
            { key: accountRows.client(client), value: encodeClientRow(row) },
            { key: accountRows.token(secretHash), value: encodeDeviceIdentity(device) },
          ],
        };
      },
    });
  }

  /** Takes a queue's part out of its set; what is on its way to the queue still comes. */
  async leaveSet(client: ClientUri): Promise<void> {
    await this.#change((reader) => this.#leaving(reader, client));
  }

  /** Ends a queue: nobody can use it any more, and its part of a set is gone. */
  async close(client: ClientUri): Promise<void> {
    await this.#change(async (reader) => {
      const rows = await this.#leaving(reader, client);
      const found = await reader.get(accountRows.client(client));
      if (found === undefined) return rows;
      const { tokenHash } = decodeClientRow(found);
      return [
        ...rows,
        { key: accountRows.client(client), value: undefined },
        { key: accountRows.token(tokenHash), value: undefined },
        { key: unlinkedRows.setOfQueue(client), value: undefined },
      ];
    });
  }

  async #leaving(reader: ShardReader, client: ClientUri): Promise<StoreRow[]> {
    const claimToken = await reader.get(unlinkedRows.setOfQueue(client));
    if (claimToken === undefined) return [];
    const owner = setOwner(this.#context.domain, claimToken);
    const sets = await readSets(reader, owner);
    return [...sets.values()].flatMap((set) => leaveSet(owner, set, client));
  }

  async #change(rowsFor: (reader: ShardReader) => Promise<StoreRow[]>): Promise<void> {
    let rows: StoreRow[] = [];
    await this.#context.directory.accounts.run({
      prepare: async (reader) => {
        rows = await rowsFor(reader);
      },
      decide: () => ({ answer: undefined, rows }),
    });
  }
}
