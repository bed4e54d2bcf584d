// Officers of an enterprise provider, and orders that they sign.

import { generateSignatureKeyPair, init, type KeyPair } from '../../mls/index.ts';
import { signOrder } from '../../privacy/parts/statements.ts';
import type { BreakGlassConfig } from '../../provider/index.ts';
import {
  type BreakGlassOrder,
  encodeSignedOrder,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';

/** Three people, two of whom must sign. */
export class Officers {
  readonly config: BreakGlassConfig;
  readonly #keys: ReadonlyMap<string, KeyPair>;

  private constructor(keys: ReadonlyMap<string, KeyPair>) {
    this.#keys = keys;
    this.config = {
      officers: [...keys].map(([name, { publicKey }]) => ({ name, publicKey })),
      required: 2,
    };
  }

  static async appoint(): Promise<Officers> {
    await init();
    const names = ['legal', 'safety', 'privacy'];
    return new Officers(new Map(names.map((name) => [name, generateSignatureKeyPair(1)])));
  }

  /** The order with the signatures of these officers, as it is sent; `altered` after they have signed. */
  sign(
    order: BreakGlassOrder,
    names: readonly string[] = ['legal', 'safety'],
    altered: Partial<BreakGlassOrder> = {},
  ): Uint8Array {
    const signatures = names.map((officer) => {
      const keys = this.#keys.get(officer) ?? generateSignatureKeyPair(1);
      return { officer, signature: signOrder(order, keys.privateKey) };
    });
    return encodeSignedOrder({ order: { ...order, ...altered }, signatures });
  }
}

/** An order that is good for an hour. */
export function orderFor(
  provider: string,
  room: RoomUri,
  pseudonym: UserUri,
  change: Partial<BreakGlassOrder> = {},
): BreakGlassOrder {
  return {
    provider,
    room,
    pseudonym,
    reason: 'case 7',
    notAfter: BigInt(Date.now() + 3_600_000),
    nonce: crypto.getRandomValues(new Uint8Array(16)),
    ...change,
  };
}
