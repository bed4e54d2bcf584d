// A provider that issues tokens, asked directly: what the tests of tokens and queues share.

import { requestTokens } from '../../ts/privacy/index.ts';
import { type Deployment, Provider, type SomeLimits, type Store } from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  decodeBlindedBatch,
  decodeProviderKeys,
  decodeQueueOpened,
  decodeToken,
  encodeBlindedBatch,
  encodeOpenQueue,
  providerUri,
  type Token,
  userUri,
} from '../../ts/wire/index.ts';

const NONE = new Uint8Array();

export interface IssuerSetup {
  readonly store?: Store | undefined;
  readonly clock?: (() => number) | undefined;
  readonly limits?: SomeLimits | undefined;
  readonly deployment?: Deployment | undefined;
}

/** Opens a provider without peers; of deployment `consumer` where nothing else is said. */
export function openIssuer(domain: string, setup: IssuerSetup = {}): Promise<Provider> {
  return Provider.open({
    domain,
    store: setup.store ?? openMemoryStore(),
    clock: setup.clock ?? Date.now,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    peers: { domains: [], post: () => Promise.reject(new Error('there is no peer')) },
    report: () => {},
    limits: setup.limits,
    deployment: setup.deployment ?? 'consumer',
  });
}

/** The device of an account. */
export function accountDevice(domain: string, name: string) {
  const user = asUserUri(userUri(domain, name.split('-')[0] ?? name));
  return { user, client: asClientUri(clientUri(domain, name)) };
}

/** The key by which a provider issues tokens. */
export async function tokenKeyOfProvider(provider: Provider, domain: string): Promise<Uint8Array> {
  const { body } = await provider.fromAnybody('providerKeys', providerUri(domain), NONE);
  return decodeProviderKeys(body).tokenKey ?? NONE;
}

/** Has messages signed for an account. */
export async function signBlinded(
  provider: Provider,
  domain: string,
  blinded: readonly Uint8Array[],
  name = 'alice-1',
): Promise<Uint8Array[]> {
  const body = encodeBlindedBatch(blinded);
  const device = accountDevice(domain, name);
  return decodeBlindedBatch((await provider.fromDevice(device, 'issueTokens', '', body)).body);
}

/** Tokens that a provider has issued to an account. */
export async function issue(
  provider: Provider,
  domain: string,
  count: number,
  name = 'alice-1',
): Promise<Token[]> {
  const key = await tokenKeyOfProvider(provider, domain);
  const { blinded, finish } = await requestTokens(domain, key, count);
  return (await finish(await signBlinded(provider, domain, blinded, name))).map((bytes) =>
    decodeToken(bytes),
  );
}

/** The hash of a secret that a queue can be opened for. */
export const secretHashOf = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

/** Spends a token on a queue and gives its client URI. */
export async function spend(
  provider: Provider,
  token: Token,
  secretHash = secretHashOf(1),
): Promise<string> {
  const body = encodeOpenQueue({ token, secretHash });
  return decodeQueueOpened((await provider.fromAnybody('openQueue', '', body)).body);
}
