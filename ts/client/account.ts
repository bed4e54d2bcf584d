// Who the app's user is and where: what all devices of one user have in common.

import type { CipherSuite } from '../mls/index.ts';
import { domainOf, type ProviderUri, parseMimiUri, type UserUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';

export interface AccountOptions {
  readonly user: UserUri;
  readonly provider: ProviderUri;
  /** Suite of the device's keys and of the rooms it creates. Default 1, mandatory to implement. */
  readonly suite?: CipherSuite | undefined;
  /**
   * 32 random bytes that all devices of the user have and nobody else: pseudonyms and connection keys follow from it.
   * Needed for rooms of all modes but `open`.
   */
  readonly secret?: Uint8Array | undefined;
  /**
   * Whether the provider is to know by which pseudonyms this user takes part in rooms. With `consumer` no device tells it.
   * Default `enterprise`.
   */
  readonly deployment?: 'enterprise' | 'consumer' | undefined;
}

const SECRET_BYTES = 32;

/** A user at its provider. */
export class Account {
  readonly user: UserUri;
  readonly provider: ProviderUri;
  readonly suite: CipherSuite;
  readonly deployment: 'enterprise' | 'consumer';
  readonly #secret: Uint8Array | undefined;

  /** Throws WireError `invalidUri`, ClientError `wrongDomain`. */
  constructor({ user, provider, suite = 1, secret, deployment = 'enterprise' }: AccountOptions) {
    if (parseMimiUri(user).domain !== parseMimiUri(provider).domain) {
      throw new ClientError('wrongDomain', undefined, { details: { user, provider } });
    }
    this.user = user;
    this.provider = provider;
    if (secret !== undefined && secret.length !== SECRET_BYTES) {
      throw new ClientError('noAccountSecret', undefined, { details: { length: secret.length } });
    }
    this.suite = suite;
    this.deployment = deployment;
    this.#secret = secret?.slice();
  }

  /** Throws ClientError `noAccountSecret` where none was given. */
  get secret(): Uint8Array {
    if (this.#secret === undefined) throw new ClientError('noAccountSecret');
    return this.#secret;
  }

  /** Whether the devices of this user share a secret. */
  get hasSecret(): boolean {
    return this.#secret !== undefined;
  }

  get domain(): string {
    return domainOf(this.provider);
  }
}
