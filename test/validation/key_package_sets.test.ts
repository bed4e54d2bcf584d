// Sets of key packages: what a provider takes into them, and that no pseudonym gets into two rooms by its stock.
// spec/privacy-modes.md, "Key packages".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateSignatureKeyPair, init } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  encodeRegisterDevice,
  encodeUploadKeyPackageSets,
  encodeUploadKeyPackages,
  type SetEntry,
} from '../../ts/wire/index.ts';
import { HiddenAccount, HiddenDevice, setId } from '../support/hidden_account.ts';
import { Network } from '../support/network.ts';

const HOME = 'a.example';
const MOST_SETS = 4;

let network: Network;
let bob: HiddenDevice;
let bobsTablet: HiddenDevice;
let mallory: HiddenDevice;

beforeEach(async () => {
  await init();
  network = new Network(HOME);
  await network.open(HOME, openMemoryStore(), {
    keyPackageSetsPerUser: MOST_SETS,
    keyPackageBytes: 4000,
  });
  const account = new HiddenAccount();
  bob = new HiddenDevice(network.call, HOME, 'bob-1', account);
  bobsTablet = new HiddenDevice(network.call, HOME, 'bob-2', account);
  mallory = new HiddenDevice(network.call, HOME, 'mallory-1', new HiddenAccount());
  for (const device of [bob, bobsTablet, mallory]) await device.register(0);
});

afterEach(() => network.provider(HOME).close());

const refused = (device: HiddenDevice, entries: readonly SetEntry[], code: string) =>
  expect(device.uploadSets(entries)).rejects.toMatchObject({ code });

const flipped = (bytes: Uint8Array, at = bytes.length - 1) =>
  bytes.map((octet, index) => (index === at ? octet ^ 1 : octet));

describe('a part of a set', () => {
  test('shows as open to all devices of the user, as own to the one that uploaded it', async () => {
    const set = { id: setId('one'), kind: 'pseudonymous', lastResort: false };
    expect(await bob.uploadSets([bob.part('one')])).toEqual([{ ...set, own: true }]);
    expect(await bobsTablet.uploadSets([])).toEqual([{ ...set, own: false }]);
    expect(await mallory.uploadSets([])).toEqual([]);
    await bobsTablet.uploadSets([bobsTablet.part('one')]);
    expect(await bobsTablet.uploadSets([])).toEqual([{ ...set, own: true }]);
  });

  test('may be uploaded again when the answer got lost', async () => {
    const entries = [bob.part('one'), bob.part('two', { kind: 'real' })];
    const first = await bob.uploadSets(entries);
    expect(await bob.uploadSets(entries)).toEqual(first);
  });

  test('takes the place of an older one of the same device', async () => {
    await bob.uploadSets([bob.part('one')]);
    const later = bob.part('one');
    await bob.uploadSets([later]);
    const [claimed, ...more] = await mallory.claimSet(HOME, bob.account.token);
    expect(more).toEqual([]);
    expect(claimed?.keyPackage).toEqual(later.keyPackage);
  });

  test('is taken of registered devices only', async () => {
    const stranger = new HiddenDevice(network.call, HOME, 'carol-1', new HiddenAccount());
    await refused(stranger, [stranger.part('one')], 'notRegistered');
  });

  test('is checked in full', async () => {
    const good = bob.part('one');
    await refused(bob, [{ ...good, keyPackage: flipped(good.keyPackage) }], 'badRequest');
    await refused(bob, [{ ...good, keyPackage: new Uint8Array(7) }], 'badRequest');
    await refused(bob, [{ ...good, keyPackage: new Uint8Array(4001) }], 'tooLarge');
    await refused(bob, [{ ...good, id: new Uint8Array() }], 'badRequest');
    await refused(bob, [{ ...good, id: new Uint8Array(33) }], 'badRequest');
    await refused(bob, [{ ...good, sealedKey: new Uint8Array(129) }], 'badRequest');
    await refused(bob, [{ ...good, sealedKey: new Uint8Array() }], 'badRequest');
    await refused(bob, [good, { ...bob.part('one') }], 'badRequest');
    expect(await bob.openSets()).toEqual([]);
  });

  test('is marked as last resort in the set and in the key package, or in neither', async () => {
    await refused(bob, [{ ...bob.part('one'), lastResort: true }], 'badRequest');
    const marked = bob.part('one', { lastResort: true });
    await refused(bob, [{ ...marked, lastResort: false }], 'badRequest');
  });

  test('of kind real names the device and has its key', async () => {
    const foreign = mallory.part('one', { kind: 'real' });
    await refused(bob, [foreign], 'wrongDevice');
    await refused(bobsTablet, [bob.part('one', { kind: 'real' })], 'wrongDevice');
    await refused(
      bob,
      [{ ...bob.part('one'), kind: 'real', sealedKey: new Uint8Array() }],
      'badCredential',
    );
    const real = bob.part('one', { kind: 'real' });
    await refused(bob, [{ ...real, sealedKey: new Uint8Array(1) }], 'badRequest');
  });

  test('of kind pseudonymous has a pseudonymous credential of this domain', async () => {
    const real = bob.part('one', { kind: 'real' });
    await refused(
      bob,
      [{ ...real, kind: 'pseudonymous', sealedKey: new Uint8Array(1) }],
      'badRequest',
    );
    await refused(bob, [bob.part('one', { credentialType: 0xf0e5 })], 'badRequest');
    const foreign = new HiddenDevice(network.call, 'b.example', 'bob-1', bob.account);
    await refused(bob, [foreign.part('one')], 'badRequest');
  });

  test('has the kind, mark and pseudonym of the other parts', async () => {
    await bob.uploadSets([bob.part('one')]);
    await refused(bobsTablet, [bobsTablet.part('one', { kind: 'real' })], 'badRequest');
    await refused(bobsTablet, [bobsTablet.part('one', { lastResort: true })], 'badRequest');
    await refused(bobsTablet, [bobsTablet.part('one', { index: 'other' })], 'badRequest');
  });

  test('is in one place: not in two sets, nor in the stock and a set', async () => {
    const real = bob.part('one', { kind: 'real' });
    await bob.uploadSets([real]);
    await refused(bob, [{ ...real, id: setId('two') }], 'badRequest');
    const stock = encodeUploadKeyPackages({
      keyPackages: [real.keyPackage],
      lastResort: undefined,
    });
    await bob.call('uploadKeyPackages', '', stock);
    const other = bob.part('two', { kind: 'real' });
    const keyPackages = [other.keyPackage];
    await bob.call(
      'uploadKeyPackages',
      '',
      encodeUploadKeyPackages({ keyPackages, lastResort: undefined }),
    );
    await refused(bob, [other], 'badRequest');
  });
});

describe('a pseudonym', () => {
  test('stands in one set only, also after that set is gone', async () => {
    await bob.uploadSets([bob.part('one')]);
    await refused(bob, [bob.part('two', { index: 'one' })], 'pseudonymReused');
    await refused(
      bob,
      [bob.part('three'), bob.part('four', { index: 'three' })],
      'pseudonymReused',
    );
    expect(await mallory.claimSet(HOME, bob.account.token)).toHaveLength(1);
    await refused(bob, [bob.part('two', { index: 'one' })], 'pseudonymReused');
  });

  test('cannot be taken over by another user', async () => {
    const part = bob.part('one');
    await bob.uploadSets([part]);
    await refused(mallory, [part], 'pseudonymReused');
  });
});

describe('the sets of a user', () => {
  test('are bounded in number', async () => {
    const parts = ['1', '2', '3', '4'].map((set) => bob.part(set, { kind: 'real' }));
    await bob.uploadSets(parts);
    await refused(bob, [bob.part('5', { kind: 'real' })], 'tooManyKeyPackages');
    const five = ['1', '2', '3', '4', '5'].map((set) => bobsTablet.part(set, { kind: 'real' }));
    await refused(bobsTablet, five, 'tooManyKeyPackages');
    await bobsTablet.uploadSets(five.slice(0, 4));
    expect(await bob.openSets()).toEqual(['1', '2', '3', '4']);
  });

  test('are bounded in number when devices upload at once', async () => {
    const uploads = [bob, bobsTablet].map((device, index) =>
      device.uploadSets(['1', '2', '3'].map((set) => device.part(`${index}${set}`))),
    );
    const outcomes = await Promise.allSettled(uploads);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await bob.openSets()).toHaveLength(3);
  });

  test('end with the token that they were uploaded under', async () => {
    await bob.uploadSets([bob.part('one'), bob.part('two')]);
    const before = bob.account.token;
    bob.account.generation++;
    await bobsTablet.uploadSets([bobsTablet.part('three')]);
    expect(await bob.openSets()).toEqual(['three']);
    expect(await mallory.claimSet(HOME, before)).toEqual([]);
    expect(await mallory.claimSet(HOME, bob.account.token)).toHaveLength(1);
  });

  test('that were not claimed may come again under the next token', async () => {
    await bob.uploadSets([bob.part('one')]);
    bob.account.generation++;
    await bob.uploadSets([bob.part('one')]);
    expect(await mallory.claimSet(HOME, bob.account.token)).toHaveLength(1);
  });

  test('do not end by a device that has not heard of the new token', async () => {
    const before = bob.account.tokenHash;
    await bob.uploadSets([bob.part('one')]);
    bob.account.generation++;
    await bob.uploadSets([bob.part('two')]);
    const late = bobsTablet.uploadSets([bobsTablet.part('one')], before);
    await expect(late).rejects.toMatchObject({ code: 'claimTokenEnded' });
    expect(await bob.openSets()).toEqual(['two']);
  });

  test('are not reached by the token of another user, now or later', async () => {
    const { tokenHash } = bob.account;
    await bob.uploadSets([bob.part('one')]);
    const take = () => mallory.uploadSets([mallory.part('one')], tokenHash);
    await expect(take()).rejects.toMatchObject({ code: 'claimTokenEnded' });
    bob.account.generation++;
    await bob.uploadSets([bob.part('two')]);
    await expect(take()).rejects.toMatchObject({ code: 'claimTokenEnded' });
  });

  test('are only asked for when nothing is uploaded, whatever the token', async () => {
    await bob.uploadSets([bob.part('one')]);
    await bob.uploadSets([], new Uint8Array(32));
    expect(await mallory.claimSet(HOME, bob.account.token)).toHaveLength(1);
  });

  test('lose the parts of a device that registers with another key', async () => {
    await bob.uploadSets([bob.part('one'), bob.part('two')]);
    await bobsTablet.uploadSets([bobsTablet.part('one')]);
    const { publicKey: signatureKey } = generateSignatureKeyPair(1);
    const { client } = bob.device;
    await bob.call(
      'register',
      '',
      encodeRegisterDevice({ clientUri: client, suite: 1, signatureKey }),
    );
    expect(await bob.openSets()).toEqual(['one']);
    expect(await bob.uploadSets([])).toMatchObject([{ own: false }]);
    expect(await mallory.claimSet(HOME, bob.account.token)).toHaveLength(1);
  });

  test('lose what has expired, so that the set can be filled anew', async () => {
    await bob.uploadSets([bob.part('one', { lifetimeSeconds: 60 }), bob.part('two')]);
    network.now += 3_600_000;
    expect(await bob.openSets()).toEqual(['two']);
    await bob.uploadSets([bob.part('one')]);
    expect(await bob.openSets()).toEqual(['one', 'two']);
  });
});

test('a token hash has 32 bytes', async () => {
  const entries = [bob.part('one')];
  for (const length of [0, 31, 33]) {
    const upload = bob.uploadSets(entries, new Uint8Array(length));
    await expect(upload).rejects.toMatchObject({ code: 'badRequest' });
  }
});

test('an upload with trailing bytes, or cut off, is refused', async () => {
  const body = encodeUploadKeyPackageSets({
    tokenHash: bob.account.tokenHash,
    entries: [bob.part('one')],
  });
  const upload = (bytes: Uint8Array) => bob.call('uploadKeyPackageSets', '', bytes);
  for (const bytes of [body.subarray(1), body.subarray(0, -1), new Uint8Array([...body, 0])]) {
    await expect(upload(bytes)).rejects.toMatchObject({ code: 'badRequest' });
  }
});
