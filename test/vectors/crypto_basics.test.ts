// The MLS working group's crypto-basics vectors through the WASM boundary, for the cipher suites of the core.
// What the boundary does not offer (ExpandWithLabel, DeriveSecret) runs on the same file in rust-core.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  decryptWithLabel,
  encryptWithLabel,
  signWithLabel,
  verifyWithLabel,
} from '../../ts/mls/index.ts';

type Fields<Name extends string> = Record<Name, string>;

interface Case {
  readonly cipher_suite: CipherSuite;
  readonly encrypt_with_label: Fields<
    'priv' | 'pub' | 'label' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext'
  >;
  readonly sign_with_label: Fields<'priv' | 'pub' | 'label' | 'content' | 'signature'>;
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const file = new URL('mls/crypto-basics.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

test('the vectors are those of the suites 1, 2 and 3', () => {
  expect(cases.map((vector) => vector.cipher_suite)).toEqual([1, 2, 3]);
});

describe.each(cases)('cipher suite $cipher_suite', ({ cipher_suite: suite, ...vector }) => {
  test('the published ciphertext opens, and what we seal opens with the published key', () => {
    const { priv, pub, label, context, plaintext, kem_output, ciphertext } =
      vector.encrypt_with_label;
    const published = { kemOutput: hex(kem_output), ciphertext: hex(ciphertext) };
    const ours = encryptWithLabel(suite, hex(pub), label, hex(context), hex(plaintext));
    for (const sealed of [published, ours]) {
      expect(decryptWithLabel(suite, hex(priv), label, hex(context), sealed)).toEqual(
        hex(plaintext),
      );
    }
  });

  test('the published signature holds, and so does ours with the published key', () => {
    const { priv, pub, label, content, signature } = vector.sign_with_label;
    const ours = signWithLabel(suite, hex(priv), label, hex(content));
    for (const made of [hex(signature), ours]) {
      expect(verifyWithLabel(suite, hex(pub), label, hex(content), made)).toBe(true);
    }
  });
});
