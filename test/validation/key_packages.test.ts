// The stock of key packages: each is handed out once, and only while its owner can use it.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeyPackage, init, inspectKeyPackage } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeUploadKeyPackagesResponse,
  encodeUploadKeyPackages,
  roomUri,
  type UploadKeyPackagesResponse,
} from '../../ts/wire/index.ts';
import { MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const STOCK = 4;
const club = roomUri(HUB, 'club');

let network: Network;
let alice: MlsMember;
let bob: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB);
  await network.open(HUB, openMemoryStore(), { keyPackagesPerClient: STOCK });
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, HUB, 'bob-1');
  await alice.createRoom(club);
  await bob.register(0);
  await bob.allow(alice.device.user);
});

afterEach(async () => {
  vi.useRealTimers();
  await network.provider(HUB).close();
});

const make = ({ store, identity }: MlsMember, count: number, lifetimeSeconds?: number) =>
  Array.from(
    { length: count },
    () =>
      createKeyPackage(store, identity, lifetimeSeconds === undefined ? {} : { lifetimeSeconds })
        .keyPackage,
  );

async function upload(
  by: MlsMember,
  keyPackages: Uint8Array[],
  lastResort?: Uint8Array,
): Promise<UploadKeyPackagesResponse> {
  const body = encodeUploadKeyPackages({ keyPackages, lastResort });
  return decodeUploadKeyPackagesResponse(await by.call('uploadKeyPackages', '', body));
}

async function claim(): Promise<Uint8Array> {
  const [keyPackage] = await alice.claim(club, bob.device.user);
  return keyPackage as Uint8Array;
}

const NONE_LEFT = 'has none';

test('a key package that was handed out is not taken into stock again', async () => {
  const keyPackages = make(bob, 2);
  await upload(bob, keyPackages);
  const given = await claim();
  expect(await upload(bob, keyPackages)).toEqual({ stored: 0, stock: 1 });
  expect(await claim()).not.toEqual(given);
  await expect(claim()).rejects.toThrow(NONE_LEFT);
});

test('an upload whose answer got lost can be repeated', async () => {
  const keyPackages = make(bob, STOCK);
  expect(await upload(bob, keyPackages)).toEqual({ stored: STOCK, stock: STOCK });
  expect(await upload(bob, keyPackages)).toEqual({ stored: 0, stock: STOCK });
});

test('uploads made at once stay within the bound together', async () => {
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => upload(bob, make(bob, STOCK - 1))));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('key packages that have expired make room for new ones', async () => {
  await upload(bob, make(bob, STOCK, 60));
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + 24 * 3_600_000);
  network.now = Date.now();
  expect(await upload(bob, make(bob, 1))).toEqual({ stored: 1, stock: 1 });
});

test('a device that registers with a new key is claimed by its new key packages only', async () => {
  const lastResort = createKeyPackage(bob.store, bob.identity, { lastResort: true }).keyPackage;
  await upload(bob, make(bob, STOCK), lastResort);
  const anew = new MlsMember(network.call, HUB, 'bob-1');
  await anew.register(0);
  await expect(claim()).rejects.toThrow(NONE_LEFT);
  expect(await upload(anew, make(anew, 1))).toEqual({ stored: 1, stock: 1 });
  expect(inspectKeyPackage(await claim()).signatureKey).toEqual(anew.identity.signatureKey);
  await expect(claim()).rejects.toThrow(NONE_LEFT);
});

test('what is marked as last resort is stored as that and nothing else', async () => {
  const lastResort = createKeyPackage(bob.store, bob.identity, { lastResort: true }).keyPackage;
  await expect(upload(bob, [lastResort])).rejects.toMatchObject({ code: 'badRequest' });
  await expect(upload(bob, [], make(bob, 1)[0])).rejects.toMatchObject({ code: 'badRequest' });
  await upload(bob, [], lastResort);
  expect(await claim()).toEqual(await claim());
});

test('a key package is not larger than the bound', async () => {
  await network.provider(HUB).close();
  await network.open(HUB, openMemoryStore(), { keyPackageBytes: 100 });
  await bob.register(0);
  await expect(upload(bob, make(bob, 1))).rejects.toMatchObject({ code: 'tooLarge' });
});
