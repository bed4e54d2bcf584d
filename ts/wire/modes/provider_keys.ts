// struct ProviderKeys: ours, the endpoint `providerKeys`: the keys to which what only one provider shall read is
// sealed, and by which it signs.
//   struct {
//     opaque sealing_key<V>; opaque ed25519<V>; opaque p256<V>; opaque franking_ed25519<V>; opaque franking_p256<V>;
//     optional<opaque<V>> token_key;
//   } ProviderKeys;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface ProviderKeys {
  /** HPKE public key of cipher suite 1, whatever the suite of a room. */
  readonly sealingKey: Uint8Array;
  /** Verifies the provider's signatures of suites 1 and 3. */
  readonly ed25519: Uint8Array;
  /** Verifies the provider's signatures of suite 2. */
  readonly p256: Uint8Array;
  /** Verifies the franks of new rooms of suites 1 and 3. */
  readonly frankingEd25519: Uint8Array;
  /** Verifies the franks of new rooms of suite 2. */
  readonly frankingP256: Uint8Array;
  /**
   * By which it signs tokens, as RFC 9578, section 6.5, writes it. Only a provider that does not map pseudonyms to its users
   * has one (docs/modes/deployments.md).
   */
  readonly tokenKey?: Uint8Array | undefined;
}

export const encodeProviderKeys = encoder((writer: Writer, value: ProviderKeys) => {
  writer.opaque(value.sealingKey, 'sealingKey');
  writer.opaque(value.ed25519, 'ed25519');
  writer.opaque(value.p256, 'p256');
  writer.opaque(value.frankingEd25519, 'frankingEd25519');
  writer.opaque(value.frankingP256, 'frankingP256');
  writer.optional(value.tokenKey, (to, key) => to.opaque(key, 'tokenKey'));
});

export const decodeProviderKeys = decoder(
  (reader: Reader): ProviderKeys => ({
    sealingKey: reader.opaque('sealingKey'),
    ed25519: reader.opaque('ed25519'),
    p256: reader.opaque('p256'),
    frankingEd25519: reader.opaque('frankingEd25519'),
    frankingP256: reader.opaque('frankingP256'),
    tokenKey: reader.optional('tokenKey', (item) => item.opaque('key')),
  }),
);
