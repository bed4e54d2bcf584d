// The keys by which this provider franks messages: made once, exchanged on demand, kept after that for as long as what
// they have franked may be reported. docs/franking.md, "Keys".

import { generateSignatureKeyPair } from '../../mls/index.ts';
import { type FrankingKey, frankingKeyId } from '../../privacy/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { ACCOUNTS_SHARD, type Directory } from '../directory.ts';
import type { SigningKey } from '../records/account_rows.ts';
import {
  decodeFrankingKeys,
  encodeFrankingKeys,
  type FrankingKeys,
} from '../records/franking_row.ts';
import { accountRows } from '../rows.ts';
import type { Store } from '../store.ts';
import { hostSigner } from './host_signer.ts';

const HUB_KEY_BYTES = 32;

export interface FrankingKeyDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  /** How long after its acceptance a message may be reported, in milliseconds. */
  readonly windowMs: number;
}

/** The franking keys of this provider. */
export class FrankingKeyring {
  readonly #deps: FrankingKeyDeps;
  #generations: readonly FrankingKeys[];
  #rotation: Promise<void> = Promise.resolve();
  /** Keys by the hex of their ids. */
  readonly #byId = new Map<string, FrankingKey>();

  private constructor(deps: FrankingKeyDeps, generations: readonly FrankingKeys[]) {
    this.#deps = deps;
    this.#generations = generations;
    this.#index();
  }

  /** Opens the keys; the first are made and stored. */
  static async open(deps: FrankingKeyDeps): Promise<FrankingKeyring> {
    const row = await deps.store.get(ACCOUNTS_SHARD, accountRows.frankingKeys());
    const keyring = new FrankingKeyring(deps, row === undefined ? [] : decodeFrankingKeys(row));
    if (row === undefined) await keyring.rotate();
    return keyring;
  }

  /** The public keys that new rooms name. */
  current(): { readonly ed25519: Uint8Array; readonly p256: Uint8Array } {
    const { ed25519, p256 } = this.#present();
    return { ed25519: ed25519.publicKey, p256: p256.publicKey };
  }

  /** The key with an id, as long as it still franks for rooms that name it: for one window after it has retired. */
  signer(keyId: Uint8Array): FrankingKey | undefined {
    return this.#find(keyId, 1);
  }

  /** The key with an id, as long as what it franked may be reported: for two windows after it has retired. */
  find(keyId: Uint8Array): FrankingKey | undefined {
    return this.#find(keyId, 2);
  }

  /** All keys whose franks may be reported, of one suite or another. */
  all(): FrankingKey[] {
    return [...this.#byId.values()].filter((key) => this.#serves(key, 2));
  }

  #find(keyId: Uint8Array, windows: number): FrankingKey | undefined {
    const found = this.#byId.get(toHex(keyId));
    return found !== undefined && this.#serves(found, windows) ? found : undefined;
  }

  /** Makes new keys for rooms to come; the present ones retire, and those past their time are forgotten. */
  rotate(): Promise<void> {
    // One after the other: each keeps what the one before has made.
    const rotated = this.#rotation.then(() => this.#rotate());
    this.#rotation = rotated.catch(() => undefined);
    return rotated;
  }

  async #rotate(): Promise<void> {
    const { clock, random, directory } = this.#deps;
    const now = clock();
    const kept = this.#generations
      .filter((keys) => !this.#isOver(keys, 2))
      .map((keys) => ({ ...keys, retiredAt: keys.retiredAt ?? now }));
    const fresh: FrankingKeys = {
      hubKey: random(HUB_KEY_BYTES),
      ed25519: generateSignatureKeyPair(1),
      p256: generateSignatureKeyPair(2),
      retiredAt: undefined,
    };
    const generations = [...kept, fresh];
    await directory.accounts.run({
      decide: () => ({
        answer: undefined,
        rows: [{ key: accountRows.frankingKeys(), value: encodeFrankingKeys(generations) }],
      }),
    });
    this.#generations = generations;
    this.#index();
  }

  #present(): FrankingKeys {
    return this.#generations.at(-1) as FrankingKeys;
  }

  #isOver({ retiredAt }: FrankingKeys, windows: number): boolean {
    const { clock, windowMs } = this.#deps;
    return retiredAt !== undefined && clock() > retiredAt + windows * windowMs;
  }

  #serves({ hubKey }: FrankingKey, windows: number): boolean {
    return this.#generations.some(
      (keys) => sameBytes(keys.hubKey, hubKey) && !this.#isOver(keys, windows),
    );
  }

  #index(): void {
    this.#byId.clear();
    for (const { hubKey, ed25519, p256 } of this.#generations) {
      this.#note(hubKey, 'ed25519', ed25519);
      this.#note(hubKey, 'p256', p256);
    }
  }

  #note(hubKey: Uint8Array, kind: 'ed25519' | 'p256', key: SigningKey): void {
    const { publicKey } = key;
    const sign = hostSigner(kind, key);
    this.#byId.set(toHex(frankingKeyId(publicKey)), { hubKey, publicKey, sign });
  }
}
