// What a follower takes from the hub of a room, and does not let it do.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeMlsMessage,
  encodeFanoutMessage,
  type PrivateMessageView,
  roomUri,
  type WelcomeMessageView,
} from '../../ts/wire/index.ts';
import { convene, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const STRANGER = 'c.example';
const club = roomUri(HUB, 'club');

let network: Network;
let alice: MlsMember;
let bob: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB, FOLLOWER, STRANGER);
  for (const domain of [HUB, FOLLOWER, STRANGER]) await network.open(domain, openMemoryStore());
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, FOLLOWER, 'bob-1');
  for (const member of [alice, bob]) await member.register();
  await convene(club, [alice, bob]);
  await network.provider(HUB).deliver();
});

afterEach(async () => {
  for (const domain of [HUB, FOLLOWER, STRANGER]) await network.provider(domain).close();
});

const notify = (...messages: Uint8Array[]) =>
  network.provider(FOLLOWER).fromPeer(HUB, 'notify', club, Buffer.concat(messages));

const message = (timestamp: bigint): Uint8Array =>
  encodeFanoutMessage({
    kind: 'application',
    timestamp,
    message: decodeMlsMessage(alice.group.encrypt(new Uint8Array([1]))) as PrivateMessageView,
  });

test('messages that were refused for one among them are taken without it', async () => {
  const good = message(5n);
  const before = await network.provider(FOLLOWER).inspect(club);
  await expect(notify(good, message(2n ** 64n - 1n))).rejects.toMatchObject({ code: 'badRequest' });
  expect(await network.provider(FOLLOWER).inspect(club)).toEqual(before);
  expect((await notify(good)).status).toBe(201);
  const { seq } = await network.provider(FOLLOWER).inspect(club);
  expect(seq).toBe(before.seq + 1);
});

test('a key package given for one room lets no other hub bring its owner into a room', async () => {
  const [keyPackage] = await alice.claim(club, bob.device.user);
  const trap = roomUri(STRANGER, 'trap');
  const mallory = new MlsMember(network.call, STRANGER, 'mallory-1');
  await mallory.createRoom(trap);
  const bundle = mallory.commit({ add: [keyPackage as Uint8Array] });
  const welcome = encodeFanoutMessage({
    kind: 'welcome',
    timestamp: 1n,
    message: decodeMlsMessage(bundle.welcome as Uint8Array) as WelcomeMessageView,
    ratchetTree: { representation: 'full', ratchetTree: mallory.group.ratchetTree() },
  });
  const follower = network.provider(FOLLOWER);
  await expect(follower.fromPeer(STRANGER, 'notify', trap, welcome)).rejects.toMatchObject({
    code: 'unknownRoom',
  });
});

test('a hub does not get the key packages of a user by asking in the name of that user', async () => {
  const trap = roomUri(STRANGER, 'trap');
  const forger = new MlsMember(ask, FOLLOWER, 'bob-1');
  await expect(forger.claim(trap, bob.device.user)).rejects.toMatchObject({ code: 'wrongPeer' });
  // Bob's own device may ask, through whatever hub.
  const tablet = new MlsMember(ask, FOLLOWER, 'bob-2');
  await tablet.register();
  expect(await tablet.claim(trap, bob.device.user)).toHaveLength(2);

  /** Brings a request to the follower as the hostile hub does. */
  async function ask(...[device, operation, id, body]: Parameters<typeof network.call>) {
    if (operation !== 'keyMaterial') return network.call(device, operation, id, body);
    return (await network.provider(FOLLOWER).fromPeer(STRANGER, operation, id, body)).body;
  }
});
