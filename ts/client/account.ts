// Who the app's user is and where: what all devices of one user have in common.

import type { CipherSuite } from '../mls/index.ts';
import { domainOf, type ProviderUri, parseMimiUri, type UserUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';

export interface AccountOptions {
  readonly user: UserUri;
  readonly provider: ProviderUri;
  /** Suite of the device's keys and of the rooms it creates. Default 1, mandatory to implement. */
  readonly suite?: CipherSuite | undefined;
}

/** A user at its provider. */
export class Account {
  readonly user: UserUri;
  readonly provider: ProviderUri;
  readonly suite: CipherSuite;

  /** Throws WireError `invalidUri`, ClientError `wrongDomain`. */
  constructor({ user, provider, suite = 1 }: AccountOptions) {
    if (parseMimiUri(user).domain !== parseMimiUri(provider).domain) {
      throw new ClientError('wrongDomain', undefined, { details: { user, provider } });
    }
    this.user = user;
    this.provider = provider;
    this.suite = suite;
  }

  get domain(): string {
    return domainOf(this.provider);
  }
}
