// A client that was made elsewhere goes on here; keys that do not belong together are refused, and nothing is kept.

import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import {
  createKeyPackage,
  Group,
  Identity,
  importKeyPackage,
  keyPackageRef,
  MemberStore,
  storePsk,
} from '../../../ts/mls/index.ts';
import { bytes, codeOf, creator, device } from './devices.ts';

interface Published {
  readonly key_package: string;
  readonly init_priv: string;
  readonly encryption_priv: string;
  readonly signature_priv: string;
}

const file = new URL('../../vectors/mls/passive-client-welcome.json', import.meta.url);
const [first, , other] = JSON.parse(readFileSync(file, 'utf8')) as Published[];
const of = (text = ''): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const published = {
  keyPackage: of(first?.key_package),
  initKey: of(first?.init_priv),
  encryptionKey: of(first?.encryption_priv),
  signatureKey: of(first?.signature_priv),
};

/** The label of an identity's row in rust-core/src/storage.rs. */
const identityRow = 68;

/** Runs at a time when the published key package, which is of 2023, is valid. */
function then<T>(call: () => T): T {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2023, 6, 1) });
  try {
    return call();
  } finally {
    vi.useRealTimers();
  }
}

describe('an imported key package', () => {
  test('brings its identity, which signs, is added and joins like one that was made here', () => {
    const store = MemberStore.create();
    const ref = then(() => importKeyPackage(store, published));
    expect(ref).toEqual(keyPackageRef(published.keyPackage));
    const signatureKey = store
      .rows()
      .find(({ key }) => key[0] === identityRow)
      ?.key.slice(-32);
    const identity = Identity.load(store, signatureKey as Uint8Array);
    const alice = creator(1, 'alice');
    // Its own runs for longer than anybody should accept.
    const { keyPackage } = createKeyPackage(store, identity);
    const { welcome } = alice.group.commit({ add: [keyPackage] });
    alice.group.acceptPending();
    const group = Group.join(store, welcome as Uint8Array, alice.group.ratchetTree());
    const opened = alice.group.process(group.encrypt(bytes('hello')));
    expect(opened).toMatchObject({ kind: 'application', plaintext: bytes('hello') });
  });

  test.each([
    ['initKey', { initKey: of(other?.init_priv) }],
    ['encryptionKey', { encryptionKey: published.initKey }],
    ['signatureKey', { signatureKey: published.initKey }],
    ['signatureKey of another length', { signatureKey: bytes('short') }],
    ['initKey of another length', { initKey: bytes('short') }],
  ])('with another %s is refused, and leaves nothing behind', (_, wrong) => {
    then(() => {
      const store = MemberStore.create();
      expect(codeOf(() => importKeyPackage(store, { ...published, ...wrong }))).toBe(
        'invalidArgument',
      );
      expect(store.rows()).toEqual([]);
    });
  });

  test('that has run out is refused', () => {
    expect(codeOf(() => importKeyPackage(MemberStore.create(), published))).toBe('expired');
  });
});

test('a pre-shared key is kept in the rows', () => {
  const { store } = device(1, 'alice');
  const before = store.rows().length;
  storePsk(store, bytes('id'), bytes('secret'));
  expect(store.rows()).toHaveLength(before + 1);
});
