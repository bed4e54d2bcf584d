// What key packages tell about their owner, and what their init keys are good for beside a Welcome.

import { describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  type Credential,
  createKeyPackage,
  decryptWithKeyPackage,
  deleteKeyPackage,
  encryptWithLabel,
  Identity,
  inspectKeyPackage,
  MemberStore,
  PSEUDONYM_CREDENTIAL,
} from '../../../ts/mls/index.ts';
import { bytes, codeOf, device, suites } from './devices.ts';

const week = 7 * 24 * 3600;

function keyPackageFor(suite: CipherSuite, credential: Credential) {
  const store = MemberStore.create();
  const identity = Identity.create(store, suite, credential);
  return inspectKeyPackage(createKeyPackage(store, identity).keyPackage);
}

describe.each(suites)('cipher suite %i', (suite) => {
  test('capabilities are the same list for a real and a pseudonymous credential', () => {
    const real = keyPackageFor(suite, { type: 1, bytes: bytes('alice') });
    const hidden = keyPackageFor(suite, { type: PSEUDONYM_CREDENTIAL, bytes: bytes('a1b2') });
    expect(hidden.capabilities).toEqual(real.capabilities);
    expect(real.capabilities.credentials).toEqual([1, PSEUDONYM_CREDENTIAL]);
    const other = keyPackageFor(suite, { type: 0xf00d, bytes: bytes('test') });
    expect(other.capabilities).toEqual({
      ...real.capabilities,
      credentials: [1, PSEUDONYM_CREDENTIAL, 0xf00d],
    });
  });

  test('what is encrypted to the init key opens by the ref, without its private key', () => {
    const bob = device(suite, 'bob');
    const { keyPackage, ref } = createKeyPackage(bob.store, bob.identity);
    const { initKey } = inspectKeyPackage(keyPackage);
    const [context, text] = [bytes('context'), bytes('text')];
    const sealed = encryptWithLabel(suite, initKey, 'Label', context, text);
    const open = (label = 'Label', about = context, of = ref): Uint8Array =>
      decryptWithKeyPackage(bob.store, of, label, about, sealed);
    expect(open()).toEqual(text);
    expect(codeOf(() => open('Other'))).toBe('undecryptable');
    expect(codeOf(() => open('Label', bytes('other')))).toBe('undecryptable');
    const another = createKeyPackage(bob.store, bob.identity);
    expect(codeOf(() => open('Label', context, another.ref))).toBe('undecryptable');
    expect(codeOf(() => open('Label', context, bytes('no ref')))).toBe('noKeyPackage');
    deleteKeyPackage(bob.store, ref);
    expect(codeOf(() => open())).toBe('noKeyPackage');
  });
});

test('a lifetime can be rounded to whole weeks', () => {
  const { store, identity } = device(1, 'bob');
  const notBefore = Math.floor(Date.now() / 1000 / week) * week;
  const notAfter = notBefore + 12 * week;
  const make = (from: number, until: number) =>
    createKeyPackage(store, identity, { lifetime: { notBefore: from, notAfter: until } });
  const info = inspectKeyPackage(make(notBefore, notAfter).keyPackage);
  expect([info.notBefore, info.notAfter]).toEqual([notBefore, notAfter]);
  for (const [from, until] of [
    [notBefore, notBefore],
    [notAfter, notBefore],
    [notBefore, notAfter + 2 * 3600],
    [-1, notAfter],
    [0.5, notAfter],
    [notBefore, Number.NaN],
  ] as const) {
    expect(codeOf(() => make(from, until))).toBe('invalidArgument');
  }
  const past = make(notBefore - 12 * week, notBefore).keyPackage;
  expect(codeOf(() => inspectKeyPackage(past))).toBe('expired');
});
