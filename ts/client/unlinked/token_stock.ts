// The stock of tokens: asked for by the account ahead of time, so that neither when they are issued nor how many says when
// a queue is opened. docs/modes/deployments.md, "Tokens".

import { requestTokens } from '../../privacy/index.ts';
import {
  decodeBlindedBatch,
  decodeProviderKeys,
  encodeBlindedBatch,
  providerUri,
} from '../../wire/index.ts';
import { reading } from '../answers.ts';
import { equalBytes } from '../bytes.ts';
import type { Connection } from '../connection.ts';
import { ClientError, isClientError } from '../errors.ts';
import { Queue } from '../queue.ts';
import { fraction } from '../waiting.ts';
import type { UnlinkedState } from './state.ts';

const NONE = new Uint8Array();

export interface TokenStockParts {
  readonly state: UnlinkedState;
  readonly account: Connection;
  /** A new connection of nobody in particular. */
  readonly anonymous: () => Connection;
  readonly domain: string;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  /** How many tokens are asked for at once. */
  readonly batch: number;
  /** After a stock has become low, the next batch is asked for within this time, at a random moment; milliseconds. */
  readonly delayMs: number;
}

export class TokenStock {
  readonly #parts: TokenStockParts;
  readonly #refilling = new Queue();
  #dueAt: number | undefined;

  constructor(parts: TokenStockParts) {
    this.#parts = parts;
  }

  /** A token; where there is none, a batch is asked for now. Throws as `refill`. */
  async next(): Promise<Uint8Array> {
    const { state } = this.#parts;
    if (state.nextToken === undefined) await this.#refilling.run(() => this.#refill(1));
    const token = state.nextToken;
    if (token === undefined) throw new ClientError('unavailable', 'No token is left.');
    return token;
  }

  /**
   * Fills the stock. Throws ClientError `badAnswer` where the provider gives this account another key than others, or a
   * signature does not verify; `unavailable`, `unknown`, `refused`.
   */
  refill(): Promise<void> {
    return this.#refilling.run(() => this.#refill(this.#parts.batch));
  }

  /** Fills the stock where it is low and the time has come; what fails now is tried again. */
  async refillWhenDue(): Promise<void> {
    const { state, batch, clock, delayMs, random } = this.#parts;
    if (state.stock >= batch / 2) {
      this.#dueAt = undefined;
      return;
    }
    this.#dueAt ??= clock() + fraction(random) * delayMs;
    if (clock() < this.#dueAt) return;
    this.#dueAt = undefined;
    try {
      await this.refill();
    } catch (error) {
      if (!isClientError(error, 'unavailable', 'unknown', 'refused')) throw error;
    }
  }

  /** Asks for a whole batch, always as many: the number says nothing. */
  async #refill(least: number): Promise<void> {
    const { state, account, domain, batch } = this.#parts;
    if (state.stock >= least) return;
    const tokenKey = await this.#tokenKey();
    const { blinded, finish } = await requestTokens(domain, tokenKey, batch);
    const answer = await account.call('issueTokens', undefined, encodeBlindedBatch(blinded));
    const signatures = reading(() => decodeBlindedBatch(answer));
    let tokens: Uint8Array[];
    try {
      tokens = await finish(signatures);
    } catch (cause) {
      throw new ClientError('badAnswer', undefined, { cause });
    }
    await state.change({ addTokens: tokens });
  }

  /** The issuer's key, asked for in two ways: a key of its own would mark an account's tokens. */
  async #tokenKey(): Promise<Uint8Array> {
    const { account, anonymous, domain } = this.#parts;
    const [own, common] = await Promise.all(
      [account, anonymous()].map(async (connection) => {
        const answer = await connection.call('providerKeys', providerUri(domain), NONE);
        return reading(() => decodeProviderKeys(answer)).tokenKey;
      }),
    );
    if (own === undefined) {
      throw new ClientError('refused', 'The provider issues no tokens.', {
        details: { code: 'wrongDeployment' },
      });
    }
    if (common === undefined || !equalBytes(own, common)) {
      throw new ClientError('badAnswer', 'The provider gives this account a token key of its own.');
    }
    return own.slice();
  }
}
