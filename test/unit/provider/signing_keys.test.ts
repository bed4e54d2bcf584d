// The provider's own keys: made once, and made whole where a store of an earlier version lacks one.

import { beforeAll, expect, test } from 'vitest';
import {
  decryptWithLabel,
  encryptWithLabel,
  generateSignatureKeyPair,
  init,
} from '../../../ts/mls/index.ts';
import { openSigningKeys } from '../../../ts/provider/accounts/signing_keys.ts';
import { Directory } from '../../../ts/provider/directory.ts';
import { defaultLimits } from '../../../ts/provider/limits.ts';
import { accountRows } from '../../../ts/provider/rows.ts';
import type { Store } from '../../../ts/provider/store.ts';
import { openMemoryStore } from '../../../ts/store/index.ts';
import { Writer } from '../../../ts/wire/index.ts';

beforeAll(() => init());

async function openKeys(store: Store) {
  const directory = await Directory.open({
    store,
    clock: Date.now,
    limits: defaultLimits,
    owner: 'test',
    onLost: () => {},
    roomShards: 1,
  });
  const keys = await openSigningKeys(store, directory);
  return { keys, directory };
}

test('a provider has the keys that it had before', async () => {
  const store = openMemoryStore();
  const first = await openKeys(store);
  await first.directory.close();
  expect((await openKeys(store)).keys).toEqual(first.keys);
});

test('keys stored before there was a sealing key stay, and get one that stays', async () => {
  const store = openMemoryStore();
  const { directory } = await openKeys(store);
  const old = { ed25519: generateSignatureKeyPair(1), p256: generateSignatureKeyPair(2) };
  const writer = new Writer();
  writer.u8(1, 'version');
  for (const { publicKey, privateKey } of [old.ed25519, old.p256]) {
    writer.opaque(publicKey, 'public');
    writer.opaque(privateKey, 'private');
  }
  const rows = [{ key: accountRows.signingKey(), value: writer.finish() }];
  await directory.accounts.run({ decide: () => ({ answer: undefined, rows }) });
  await directory.close();

  const { keys, directory: next } = await openKeys(store);
  await next.close();
  expect(keys).toMatchObject(old);
  const sealed = encryptWithLabel(
    1,
    keys.sealing.publicKey,
    'l',
    new Uint8Array(),
    rows[0]?.key as Uint8Array,
  );
  const opened = decryptWithLabel(1, keys.sealing.privateKey, 'l', new Uint8Array(), sealed);
  expect(opened).toEqual(rows[0]?.key);
  expect((await openKeys(store)).keys).toEqual(keys);
});

test('keys of a version that nobody knows are refused', async () => {
  const store = openMemoryStore();
  const { directory } = await openKeys(store);
  const rows = [{ key: accountRows.signingKey(), value: new Uint8Array([3, 0, 0, 0, 0]) }];
  await directory.accounts.run({ decide: () => ({ answer: undefined, rows }) });
  await directory.close();
  await expect(openKeys(store)).rejects.toMatchObject({ code: 'unknownValue' });
});
