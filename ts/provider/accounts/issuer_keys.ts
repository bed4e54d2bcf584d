// The keys by which this provider issues tokens and checks them: made when they are missing or old, kept in the store.
// RFC 9578, section 6.5. node:crypto signs in 0.3 ms what a big-number library in JavaScript takes 100 to 280 ms for.

import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  verify,
} from 'node:crypto';
import { MODULUS_BYTES, tokenKeyId, tokenKeyOf } from '../../privacy/parts/token.ts';
import { encodeTokenInput, type Token } from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD, type Directory } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import { decodeIssuerKeys, encodeIssuerKeys, type IssuerKeyRow } from '../records/token_rows.ts';
import { prefixes, rangeOf, unlinkedRows } from '../rows.ts';
import type { Store, StoreRow } from '../store.ts';

/** Of RSASSA-PSS with SHA-384 in tokens. */
const SALT_BYTES = 48;

/** A key that issues, or has issued, tokens. */
interface IssuerKey {
  readonly row: IssuerKeyRow;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As it is published. */
  readonly tokenKey: Uint8Array;
  readonly id: Uint8Array;
}

/** What opening the keys takes. */
interface IssuerContext {
  readonly store: Pick<Store, 'get' | 'range'>;
  readonly directory: Directory;
  readonly clock: () => number;
  readonly limits: { readonly tokenKeyMs: number };
}

/** The keys of an issuer. */
export class IssuerKeys {
  readonly #keys: readonly IssuerKey[];

  private constructor(keys: readonly IssuerKey[]) {
    this.#keys = keys;
  }

  /**
   * Reads the keys, makes a new one where the newest is older than `limits.tokenKeyMs`, and forgets those that are twice
   * as old, with what was noted of their tokens.
   */
  static async open({ store, directory, clock, limits }: IssuerContext): Promise<IssuerKeys> {
    const now = clock();
    const oldest = now - 2 * limits.tokenKeyMs;
    const stored = await store.get(ACCOUNTS_SHARD, unlinkedRows.issuerKeys());
    const known = (stored === undefined ? [] : decodeIssuerKeys(stored)).map(openKey);
    const live = known.filter(({ row }) => row.madeAt > oldest);
    const issues = live.some(({ row }) => row.madeAt > now - limits.tokenKeyMs);
    if (issues && live.length === known.length) return new IssuerKeys(live);
    const keys = issues ? live : [...live, openKey(await makeKey(now))];
    const ended: StoreRow[] = [];
    for (const { id } of known.filter(({ row }) => row.madeAt <= oldest)) {
      const spent = await store.range(ACCOUNTS_SHARD, rangeOf(prefixes.spentTokens(id)));
      ended.push(...spent.map(({ key }) => ({ key, value: undefined })));
    }
    const value = encodeIssuerKeys(keys.map(({ row }) => row));
    const rows = [...ended, { key: unlinkedRows.issuerKeys(), value }];
    await directory.accounts.run({ decide: () => ({ answer: undefined, rows }) });
    return new IssuerKeys(keys);
  }

  /** The public key by which tokens are issued now. */
  get tokenKey(): Uint8Array {
    return this.#newest.tokenKey;
  }

  /** Signs a blinded message of 256 bytes. @throws ProviderError `badRequest`. */
  sign(blinded: Uint8Array): Uint8Array {
    const { privateKey, publicKey } = this.#newest;
    const padding = constants.RSA_NO_PADDING;
    let signature: Uint8Array;
    try {
      signature = plain(privateDecrypt({ key: privateKey, padding }, blinded));
    } catch (cause) {
      throw new ProviderError('badRequest', 'A blinded message is no number below the modulus.', {
        cause,
      });
    }
    // A fault in the computation would give the key away: RFC 9474, section 4.3.
    if (!sameBytes(plain(publicEncrypt({ key: publicKey, padding }, signature)), blinded)) {
      throw new ProviderError('corruptRecord', 'A signature of the issuer’s key came out wrong.');
    }
    return signature;
  }

  /** Whether one of the keys has signed a token. */
  verifies(token: Token): boolean {
    const key = this.#keys.find(({ id }) => sameBytes(id, token.keyId));
    if (key === undefined) return false;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const by = { key: key.publicKey, padding, saltLength: SALT_BYTES };
    return verify('sha384', encodeTokenInput(token), by, token.authenticator);
  }

  get #newest(): IssuerKey {
    return this.#keys.at(-1) as IssuerKey;
  }
}

function makeKey(madeAt: number): Promise<IssuerKeyRow> {
  const options = { modulusLength: 8 * MODULUS_BYTES, publicExponent: 0x10001 };
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', options, (error, _publicKey, privateKey) => {
      if (error !== null) reject(error);
      else
        resolve({ madeAt, privateKey: plain(privateKey.export({ format: 'der', type: 'pkcs8' })) });
    });
  });
}

function openKey(row: IssuerKeyRow): IssuerKey {
  const privateKey = createPrivateKey({
    key: row.privateKey as Buffer,
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  const { n = '' } = publicKey.export({ format: 'jwk' });
  const tokenKey = tokenKeyOf(plain(Buffer.from(n, 'base64url')));
  return { row, privateKey, publicKey, tokenKey, id: tokenKeyId(tokenKey) };
}

/** A plain view of a Buffer. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
