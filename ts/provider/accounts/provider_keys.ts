// The public keys of providers: our own, and those of others, asked for and remembered for a while.

import { PrivacyError } from '../../privacy/errors.ts';
import { modulusOf } from '../../privacy/parts/token.ts';
import { decodeProviderKeys, type ProviderKeys, providerUri } from '../../wire/index.ts';
import { askPeer, decodeAnswer } from '../ask_peer.ts';
import { ProviderError } from '../errors.ts';
import type { HiddenAccountsContext } from './context.ts';

const EMPTY = new Uint8Array();
/** Bytes of a public key: X25519, Ed25519, an uncompressed point of P-256. */
const LENGTHS = {
  sealingKey: 32,
  ed25519: 32,
  p256: 65,
  frankingEd25519: 32,
  frankingP256: 65,
} as const;

interface Remembered {
  readonly keys: Promise<ProviderKeys>;
  readonly until: number;
}

/** Gives the keys of this provider and of its peers. */
export class KnownProviderKeys {
  readonly #context: HiddenAccountsContext;
  /** By domain; only configured peers get in. */
  readonly #remembered = new Map<string, Remembered>();

  readonly #tokenKey: Uint8Array | undefined;

  /** `tokenKey`: by which this provider issues tokens, if it does. */
  constructor(context: HiddenAccountsContext, tokenKey: Uint8Array | undefined) {
    this.#context = context;
    this.#tokenKey = tokenKey;
  }

  /** Our own. */
  own(): ProviderKeys {
    const { sealing, ed25519, p256 } = this.#context.keys;
    const franking = this.#context.franking.current();
    return {
      sealingKey: sealing.publicKey,
      ed25519: ed25519.publicKey,
      p256: p256.publicKey,
      frankingEd25519: franking.ed25519,
      frankingP256: franking.p256,
      tokenKey: this.#tokenKey,
    };
  }

  /** Those of a domain. @throws ProviderError `unknownPeer`, `peer…`. */
  async of(domain: string): Promise<ProviderKeys> {
    if (domain === this.#context.domain) return this.own();
    const now = this.#context.clock();
    const remembered = this.#remembered.get(domain);
    if (remembered !== undefined && remembered.until > now) return remembered.keys;
    const asked: Remembered = {
      keys: this.#ask(domain),
      until: now + this.#context.limits.providerKeysMs,
    };
    this.#remembered.set(domain, asked);
    try {
      return await asked.keys;
    } catch (error) {
      // Only answers are remembered.
      if (this.#remembered.get(domain) === asked) this.#remembered.delete(domain);
      throw error;
    }
  }

  async #ask(domain: string): Promise<ProviderKeys> {
    const id = providerUri(domain);
    const request = { domain, endpoint: 'providerKeys', id, body: EMPTY } as const;
    const keys = decodeAnswer(decodeProviderKeys, await askPeer(this.#context.peers, request));
    for (const name of Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]) {
      if (keys[name].length === LENGTHS[name]) continue;
      throw new ProviderError('peerRefused', `The answer holds no ${name} of a provider.`);
    }
    requireTokenKey(keys);
    return keys;
  }
}

function requireTokenKey({ tokenKey }: ProviderKeys): void {
  if (tokenKey === undefined) return;
  try {
    modulusOf(tokenKey);
  } catch (cause) {
    if (!(cause instanceof PrivacyError)) throw cause;
    throw new ProviderError('peerRefused', 'The answer holds no tokenKey of a provider.', {
      cause,
    });
  }
}
