// Issues tokens to accounts, blindly: what an account was issued cannot be told from what is spent later, so that counting
// here bounds what is done without an account. spec/privacy-modes.md, "Deployments".

import type { UserUri } from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { decodeIssued, encodeIssued, type IssuedRow } from '../records/token_rows.ts';
import { unlinkedRows } from '../rows.ts';
import type { HiddenAccountsContext } from './context.ts';
import type { IssuerKeys } from './issuer_keys.ts';

const DAY_MS = 24 * 3_600_000;

/** Issues tokens within each account's quota. */
export class Tokens {
  readonly #context: HiddenAccountsContext;
  readonly #keys: IssuerKeys;

  constructor(context: HiddenAccountsContext, keys: IssuerKeys) {
    this.#context = context;
    this.#keys = keys;
  }

  /**
   * Signs blinded messages of 256 bytes each for an account. They are counted before they are signed: who breaks off has
   * used them up. @throws ProviderError `badRequest`, `tooLarge`, `tokenQuota`.
   */
  async issue(user: UserUri, blinded: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { tokensPerRequest: limit } = this.#context.limits;
    if (blinded.length > limit)
      throw new ProviderError('tooLarge', undefined, { details: { limit } });
    await this.#count(user, blinded.length);
    return blinded.map((message) => this.#keys.sign(message));
  }

  async #count(user: UserUri, count: number): Promise<void> {
    const { directory, limits } = this.#context;
    const limit = limits.tokensPerAccountDaily;
    const key = unlinkedRows.tokensIssued(user);
    let before: IssuedRow | undefined;
    await directory.accounts.run({
      prepare: async (rows) => {
        const row = await rows.get(key);
        before = row === undefined ? undefined : decodeIssued(row);
      },
      decide: ({ now }) => {
        const day = Math.floor(now / DAY_MS);
        const issued = count + (before?.day === day ? before.count : 0);
        if (issued > limit) {
          const retryAfterMs = (day + 1) * DAY_MS - now;
          throw new ProviderError('tokenQuota', undefined, { details: { limit, retryAfterMs } });
        }
        return { answer: undefined, rows: [{ key, value: encodeIssued({ day, count: issued }) }] };
      },
    });
  }
}
