// Key packages: what their owner makes, what an inspection tells, and each rule that it refuses by.

import { describe, expect, test } from 'vitest';
import {
  createKeyPackage,
  deleteKeyPackage,
  hash,
  inspectKeyPackage,
  keyPackageRef,
  PSEUDONYM_CREDENTIAL,
} from '../../../ts/mls/index.ts';
import {
  agree,
  bytes,
  codeOf,
  creator,
  type Device,
  device,
  errorOf,
  hex,
  join,
  keyPackageOf,
  suites,
} from './devices.ts';
import { type KeyPackageParts, signedAgain } from './key_package_parts.ts';

const now = (): number => Math.floor(Date.now() / 1000);
const hour = 3600;
const day = 24 * hour;

describe.each(suites)('cipher suite %i', (suite) => {
  test('an inspection tells who, what and until when', () => {
    const bob = device(suite, 'bob');
    const { keyPackage, ref } = createKeyPackage(bob.store, bob.identity, {
      lastResort: true,
      lifetimeSeconds: 10 * day,
    });
    const info = inspectKeyPackage(keyPackage);
    expect(info).toMatchObject({
      ref,
      suite,
      credential: bob.identity.credential,
      signatureKey: bob.identity.signatureKey,
      lastResort: true,
      capabilities: { versions: [1], suites: [1, 2, 3], credentials: [1, PSEUDONYM_CREDENTIAL] },
    });
    expect(Math.abs(info.notAfter - now() - 10 * day)).toBeLessThan(60);
    expect(Math.abs(info.notBefore - now() + hour)).toBeLessThan(60);
    expect(inspectKeyPackage(new Uint8Array([0, 1, 0, 5, ...keyPackage])).ref).toEqual(ref);
    expect(inspectKeyPackage(keyPackageOf(bob)).lastResort).toBe(false);
  });

  test('the ref is the labelled hash of the bytes', () => {
    const bob = device(suite, 'bob');
    const { keyPackage, ref } = createKeyPackage(bob.store, bob.identity);
    const label = bytes('MLS 1.0 KeyPackage Reference');
    const length = keyPackage.length;
    const input = [label.length, ...label, 0x40 | (length >> 8), length & 0xff, ...keyPackage];
    expect(hash(suite, new Uint8Array(input))).toEqual(ref);
    expect(keyPackageRef(keyPackage)).toEqual(ref);
  });

  test('a key package signed again without a change is still valid', () => {
    const bob = device(suite, 'bob');
    expect(codeOf(() => inspectKeyPackage(again(bob, {})))).toBe('nothing thrown');
  });
});

function again(of: Device, changes: Partial<KeyPackageParts>): Uint8Array {
  return signedAgain(keyPackageOf(of), of.identity, changes);
}

const rules: [rule: string, changes: () => Partial<KeyPackageParts>, code: string][] = [
  ['has run out', () => ({ notAfter: now() - 1 }), 'expired'],
  ['is not valid yet', () => ({ notBefore: now() + hour }), 'expired'],
  ['is valid for too long', () => ({ notAfter: now() + 400 * day }), 'expired'],
  ['omits its own credential type', () => ({ credentials: [0x0a0a] }), 'invalidKeyPackage'],
  ['omits its own cipher suite', () => ({ suites: [2] }), 'invalidKeyPackage'],
  ['omits MLS 1.0', () => ({ versions: [0x0a0a] }), 'invalidKeyPackage'],
];

test.each(rules)('a key package that %s is refused', (_rule, changes, code) => {
  expect(codeOf(() => inspectKeyPackage(again(device(1, 'bob'), changes())))).toBe(code);
});

test('a key package with any byte changed is refused', () => {
  const keyPackage = keyPackageOf(device(1, 'bob'));
  const codes = new Set<string>();
  for (let at = 0; at < keyPackage.length; at++) {
    const damaged = keyPackage.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    codes.add(codeOf(() => inspectKeyPackage(damaged)));
    codes.add(codeOf(() => inspectKeyPackage(keyPackage.subarray(0, at))));
  }
  expect(codes).toContain('invalidSignature');
  expect(codes).not.toContain('nothing thrown');
  expect(codes).not.toContain('internal');
});

test('a key package of a suite that is not asked for, or unknown, is refused', () => {
  const keyPackage = keyPackageOf(device(2, 'bob'));
  expect(errorOf(() => inspectKeyPackage(keyPackage, [1, 3]))).toMatchObject({
    code: 'wrongSuite',
    details: { got: 2n },
  });
  const unknown = keyPackage.slice();
  unknown[3] = 7;
  expect(codeOf(() => inspectKeyPackage(unknown))).toBe('wrongSuite');
  const version = keyPackage.slice();
  version[1] = 2;
  expect(codeOf(() => inspectKeyPackage(version))).toBe('wrongVersion');
  expect(codeOf(() => inspectKeyPackage(new Uint8Array(2 ** 20 + 1)))).toBe('tooLarge');
});

test('a lifetime of more than 84 days is not made', () => {
  const bob = device(1, 'bob');
  expect(
    codeOf(() => createKeyPackage(bob.store, bob.identity, { lifetimeSeconds: 85 * day })),
  ).toBe('invalidArgument');
});

test('a last-resort key package serves for two groups, an ordinary one for one', () => {
  for (const lastResort of [true, false]) {
    const bob = device(1, 'bob');
    const { keyPackage } = createKeyPackage(bob.store, bob.identity, { lastResort });
    const outcomes = ['one', 'two'].map((id) => {
      const alice = creator(1, 'alice', id);
      const { welcome } = alice.group.commit({ add: [keyPackage] });
      alice.group.acceptPending();
      return codeOf(() => {
        const joined = join(bob, welcome, alice.group.ratchetTree());
        expect(agree([alice, joined])).toBe(true);
      });
    });
    expect(outcomes).toEqual(['nothing thrown', lastResort ? 'nothing thrown' : 'noKeyPackage']);
  }
});

test('a deleted key package joins nothing', () => {
  const bob = device(1, 'bob');
  const { keyPackage, ref } = createKeyPackage(bob.store, bob.identity);
  const alice = creator(1, 'alice');
  const { welcome } = alice.group.commit({ add: [keyPackage] });
  alice.group.acceptPending();
  const before = bob.store.rows().map(({ key }) => hex(key));
  deleteKeyPackage(bob.store, ref);
  expect(bob.store.rows()).toHaveLength(before.length - 1);
  expect(codeOf(() => join(bob, welcome, alice.group.ratchetTree()))).toBe('noKeyPackage');
});
