// Keys that are derived from secrets: the same for the same key material, and good for what they are for.

import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  decryptWithLabel,
  deriveHpkeKeyPair,
  deriveSignatureKeyPair,
  encryptDerived,
  encryptWithLabel,
  Identity,
  MemberStore,
  signWithLabel,
  verifyWithLabel,
} from '../../../ts/mls/index.ts';
import { bytes, codeOf, hex, suites } from './devices.ts';

const material = (first: number, length = 32): Uint8Array => new Uint8Array(length).fill(first);

describe.each(suites)('cipher suite %i', (suite) => {
  test('the same key material gives the same pairs, other material other ones', () => {
    for (const derive of [deriveHpkeKeyPair, deriveSignatureKeyPair]) {
      const pairs = [material(1), material(1), material(2), material(1, 33)].map((ikm) =>
        derive(suite, ikm),
      );
      expect(pairs[1]).toEqual(pairs[0]);
      expect(new Set(pairs.map(({ publicKey }) => hex(publicKey))).size).toBe(3);
      expect(new Set(pairs.map(({ privateKey }) => hex(privateKey))).size).toBe(3);
    }
    expect(deriveHpkeKeyPair(suite, material(1)).privateKey).not.toEqual(
      deriveSignatureKeyPair(suite, material(1)).privateKey,
    );
  });

  test('key material of less than 32 bytes is refused', () => {
    for (const derive of [deriveHpkeKeyPair, deriveSignatureKeyPair]) {
      expect(codeOf(() => derive(suite, material(1, 31)))).toBe('invalidArgument');
      expect(codeOf(() => derive(suite, material(1, 0)))).toBe('invalidArgument');
    }
  });

  test('a derived signature key signs, alone and as an identity', () => {
    for (let first = 0; first < 20; first += 1) {
      const { publicKey, privateKey } = deriveSignatureKeyPair(suite, material(first));
      const signature = signWithLabel(suite, privateKey, 'Label', bytes('content'));
      expect(verifyWithLabel(suite, publicKey, 'Label', bytes('content'), signature)).toBe(true);
    }
    const pair = deriveSignatureKeyPair(suite, material(7));
    const store = MemberStore.create();
    const credential = { type: 1, bytes: bytes('alice') };
    const identity = Identity.import(store, suite, credential, pair);
    expect(identity.signatureKey).toEqual(pair.publicKey);
    expect(Identity.load(store, pair.publicKey).credential).toEqual(credential);
    const wrong = { ...pair, publicKey: deriveSignatureKeyPair(suite, material(8)).publicKey };
    expect(codeOf(() => Identity.import(store, suite, credential, wrong))).toBe('invalidArgument');
  });

  test('a derived HPKE key opens what is sealed to it', () => {
    const { publicKey, privateKey } = deriveHpkeKeyPair(suite, material(1));
    const sealed = encryptWithLabel(suite, publicKey, 'Label', bytes('context'), bytes('text'));
    expect(decryptWithLabel(suite, privateKey, 'Label', bytes('context'), sealed)).toEqual(
      bytes('text'),
    );
  });

  test('what is sealed by a derived ephemeral key is the same each time, opens as ever, and differs with all it is of', () => {
    const { publicKey, privateKey } = deriveHpkeKeyPair(suite, material(1));
    const other = deriveHpkeKeyPair(suite, material(2)).publicKey;
    const seal = (ikm = material(3), key = publicKey, context = 'context', text = 'text') =>
      encryptDerived(suite, ikm, key, 'Label', bytes(context), bytes(text));
    const sealed = seal();
    expect(seal()).toEqual(sealed);
    expect(sealed.kemOutput).toEqual(deriveHpkeKeyPair(suite, material(3)).publicKey);
    expect(decryptWithLabel(suite, privateKey, 'Label', bytes('context'), sealed)).toEqual(
      bytes('text'),
    );
    const others = [
      seal(material(4)),
      seal(undefined, other),
      seal(undefined, undefined, 'place'),
      seal(undefined, undefined, undefined, 'more'),
    ];
    expect(new Set([sealed, ...others].map(({ ciphertext }) => hex(ciphertext))).size).toBe(5);
    expect(codeOf(() => seal(material(3, 31)))).toBe('invalidArgument');
    expect(codeOf(() => seal(undefined, new Uint8Array(3)))).toBe('invalidArgument');
  });
});

test('an Ed25519 seed is HKDF over the key material under a labelled struct', () => {
  const label = bytes('Exedra 1.0 signature key');
  const info = Uint8Array.from([0, 32, label.length, ...label, 3, 0x08, 0x07, 0]);
  const seed = hkdfSync('sha256', material(1), new Uint8Array(), info, 32);
  expect(hex(deriveSignatureKeyPair(1, material(1)).privateKey)).toBe(
    Buffer.from(seed).toString('hex'),
  );
});

test('an X25519 key is that of DeriveKeyPair in RFC 9180, section 7.1.3', () => {
  const suite = Buffer.concat([bytes('KEM'), Uint8Array.of(0, 0x20)]);
  const labelled = (label: string, ...rest: Uint8Array[]): Buffer =>
    Buffer.concat([bytes('HPKE-v1'), suite, bytes(label), ...rest]);
  const prk = createHmac('sha256', Buffer.alloc(32)).update(labelled('dkp_prk', material(1)));
  const info = Buffer.concat([Uint8Array.of(0, 32), labelled('sk'), Uint8Array.of(1)]);
  const key = createHmac('sha256', prk.digest()).update(info).digest('hex');
  expect(hex(deriveHpkeKeyPair(1, material(1)).privateKey)).toBe(key);
});
