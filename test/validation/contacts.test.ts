// Contact cards and the keys of providers: what anybody may ask a provider for, and what is believed of an answer.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { Store } from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  asUserUri,
  encodeProviderKeys,
  providerUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import { HiddenAccount, HiddenDevice } from '../support/hidden_account.ts';
import { Network } from '../support/network.ts';

const HOME = 'a.example';
const OTHER = 'b.example';
const NONE = new Uint8Array();

let network: Network;
let store: Store;
let alice: HiddenDevice;
let bob: HiddenDevice;

beforeEach(async () => {
  await init();
  network = new Network(HOME, OTHER);
  store = openMemoryStore();
  await network.open(HOME, store, { providerKeysMs: 1000 });
  await network.open(OTHER, openMemoryStore());
  alice = new HiddenDevice(network.call, HOME, 'alice-1', new HiddenAccount());
  bob = new HiddenDevice(network.call, OTHER, 'bob-1', new HiddenAccount());
  for (const device of [alice, bob]) await device.register(0);
});

afterEach(async () => {
  for (const domain of [HOME, OTHER]) await network.provider(domain).close();
});

const publish = (by: HiddenDevice, card = by.card()) => by.call('publishContact', '', card);
const ask = (by: HiddenDevice, user: UserUri) => by.call('contact', user, NONE);

describe('a contact card', () => {
  test('is given to users of every provider, the latest one', async () => {
    await publish(bob);
    bob.account.generation++;
    const card = bob.card();
    await publish(bob, card);
    expect(await ask(alice, bob.device.user)).toEqual(card);
    expect(await ask(bob, bob.device.user)).toEqual(card);
  });

  test('that is not there is refused alike for a user without one and for nobody', async () => {
    const refusals: unknown[] = [];
    for (const domain of [HOME, OTHER]) {
      for (const name of ['bob', 'nobody']) {
        const asked = ask(alice, asUserUri(userUri(domain, name)));
        refusals.push(await asked.catch(({ code, message }) => ({ code, message })));
      }
    }
    expect(refusals).toMatchObject(Array(4).fill({ code: 'noSuchContact' }));
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  });

  test('is of the user of the device, signed by one of its registered devices', async () => {
    await expect(publish(alice, bob.card())).rejects.toMatchObject({ code: 'wrongDevice' });
    // A thief of the token who does not have the key of the device.
    const thief = new HiddenDevice(network.call, HOME, 'alice-1', new HiddenAccount());
    await expect(publish(thief)).rejects.toMatchObject({ code: 'wrongDevice' });
    const tablet = new HiddenDevice(network.call, HOME, 'alice-2', alice.account);
    await expect(publish(tablet)).rejects.toMatchObject({ code: 'wrongDevice' });
    await tablet.register(0);
    await publish(alice, tablet.card());
  });

  test('is refused when it is damaged or too large', async () => {
    const card = alice.card();
    for (let at = 0; at < card.length; at++) {
      const damaged = card.map((octet, index) => (index === at ? octet ^ 1 : octet));
      await expect(publish(alice, damaged)).rejects.toMatchObject({ code: 'badRequest' });
    }
    await expect(publish(alice, NONE)).rejects.toMatchObject({ code: 'badRequest' });
    const large = new Uint8Array(4097);
    await expect(publish(alice, large)).rejects.toMatchObject({ code: 'tooLarge' });
  });

  test('of another user than was asked for is the fault of the provider that gave it', async () => {
    await publish(bob);
    const answers = [alice.card(), new Uint8Array(9), new Uint8Array(5000)];
    for (const body of answers) {
      network.interfere = () => ({ status: 200, body });
      await expect(ask(alice, bob.device.user)).rejects.toMatchObject({ code: 'peerRefused' });
    }
  });

  test('is asked for where its user is, with no body', async () => {
    const peer = (id: string, body: Uint8Array) =>
      network.provider(HOME).fromPeer(OTHER, 'contact', id, body);
    await expect(peer(bob.device.user, NONE)).rejects.toMatchObject({ code: 'notTarget' });
    await publish(alice);
    await expect(peer(alice.device.user, new Uint8Array(1))).rejects.toMatchObject({
      code: 'badRequest',
    });
  });

  test('is kept across a restart', async () => {
    const card = alice.card();
    await publish(alice, card);
    await network.provider(HOME).close();
    await network.open(HOME, store);
    expect(await ask(bob, alice.device.user)).toEqual(card);
  });
});

describe('the keys of a provider', () => {
  test('are those that it gives to its own devices and to its peers', async () => {
    const own = await bob.providerKeys(OTHER);
    expect(own.sealingKey).toHaveLength(32);
    expect(await alice.providerKeys(OTHER)).toEqual(own);
    expect(await alice.providerKeys(HOME)).not.toEqual(own);
  });

  test('are remembered for a while, and asked for again afterwards', async () => {
    await Promise.all([alice.providerKeys(OTHER), alice.providerKeys(OTHER)]);
    network.now += 999;
    await alice.providerKeys(OTHER);
    expect(network.posts).toHaveLength(1);
    network.now += 1;
    await alice.providerKeys(OTHER);
    expect(network.posts).toHaveLength(2);
  });

  test('are not remembered when the provider gave none', async () => {
    network.interfere = () => ({ status: 503, body: NONE });
    await expect(alice.providerKeys(OTHER)).rejects.toMatchObject({ code: 'peerRefused' });
    network.interfere = () => undefined;
    await alice.providerKeys(OTHER);
  });

  test('are refused when they cannot be keys', async () => {
    const keys = await bob.providerKeys(OTHER);
    const short = encodeProviderKeys({ ...keys, sealingKey: new Uint8Array(31) });
    for (const body of [NONE, short, new Uint8Array([...encodeProviderKeys(keys), 0])]) {
      network.interfere = () => ({ status: 200, body });
      await expect(alice.providerKeys(OTHER)).rejects.toMatchObject({ code: 'peerRefused' });
    }
  });

  test('are given by the provider itself only', async () => {
    const unknown = alice.providerKeys('nobody.example');
    await expect(unknown).rejects.toMatchObject({ code: 'unknownPeer' });
    const asked = network
      .provider(HOME)
      .fromPeer(OTHER, 'providerKeys', providerUri('c.example'), NONE);
    await expect(asked).rejects.toMatchObject({ code: 'notTarget' });
  });
});
