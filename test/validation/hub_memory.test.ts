// What the hub holds of a room in memory is what its store holds, and can be had from there at any time, at a
// cost that messages do not raise.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeyPackage, init, inspectKeyPackage } from '../../ts/mls/index.ts';
import type { Store } from '../../ts/provider/store.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { encodeUploadKeyPackages, roomUri } from '../../ts/wire/index.ts';
import { convene, damaged, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const club = roomUri(HUB, 'club');
const hello = new TextEncoder().encode('hello');

let network: Network;
let store: Store;
/** How often records were read from the store. */
let reads: number;
let alice: MlsMember;
let bob: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB);
  store = openMemoryStore();
  const read = store.read.bind(store);
  store.read = (...request) => {
    reads += 1;
    return read(...request);
  };
  await network.open(HUB, store);
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, HUB, 'bob-1');
  await alice.register();
  reads = 0;
});

afterEach(async () => {
  vi.useRealTimers();
  await network.provider(HUB).close();
});

async function reopen(): Promise<void> {
  await network.provider(HUB).close();
  await network.open(HUB, store);
}

test('a room is rebuilt after the key packages that were added to it have expired', async () => {
  await bob.register(0);
  const { keyPackage } = createKeyPackage(bob.store, bob.identity, { lifetimeSeconds: 60 });
  const upload = { keyPackages: [keyPackage], lastResort: undefined };
  await bob.call('uploadKeyPackages', '', encodeUploadKeyPackages(upload));
  await convene(club, [alice, bob]);
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + 24 * 3_600_000);
  expect(() => inspectKeyPackage(keyPackage)).toThrow(expect.objectContaining({ code: 'expired' }));
  await reopen();
  expect((await bob.submit(club, bob.group.encrypt(hello))).code).toBe('accepted');
  const update = alice.commit({ update: true });
  expect((await alice.update(club, update)).code).toBe('success');
});

test('a room is rebuilt from its handshakes, however many messages stand between them', async () => {
  await bob.register();
  await convene(club, [alice, bob]);
  const update = alice.commit({ update: true });
  await alice.update(club, update);
  alice.group.acceptPending();
  bob.follow(update.commit);
  for (let sent = 0; sent < 200; sent++) await bob.submit(club, bob.group.encrypt(hello));
  reads = 0;
  await reopen();
  expect((await bob.submit(club, bob.group.encrypt(hello))).code).toBe('accepted');
  // A commit that turns out wrong after it was merged makes the hub rebuild the room too.
  const wrong = bob.commit({ update: true });
  expect((await bob.update(club, wrong, damaged(wrong.groupInfo))).code).toBe('notAllowed');
  bob.group.discardPending();
  expect((await bob.submit(club, bob.group.encrypt(hello))).code).toBe('accepted');
  expect(reads).toBeLessThan(10);
});
