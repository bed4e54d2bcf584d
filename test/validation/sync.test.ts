// What a device is served by `sync`: its own events and no others, at once, and for as long as it asks.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { Store } from '../../ts/provider/store.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import type { SyncResponse } from '../../ts/wire/index.ts';
import { decodeSyncResponse, encodeSyncRequest, roomUri, Writer } from '../../ts/wire/index.ts';
import { add, convene, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const club = roomUri(HUB, 'club');
const hello = new TextEncoder().encode('hello');
const START = new Uint8Array();
const LONG_MS = 15_000;

let network: Network;
let store: Store;
let alice: MlsMember;
let bob: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB);
  store = openMemoryStore();
  await network.open(HUB, store);
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, HUB, 'bob-1');
  for (const member of [alice, bob]) await member.register();
  await convene(club, [alice, bob]);
});

afterEach(() => network.provider(HUB).close());

async function sync(
  { device }: MlsMember,
  cursor: Uint8Array = START,
  waitMs = 0,
  signal?: AbortSignal,
): Promise<SyncResponse> {
  const request = encodeSyncRequest({ cursor, waitMs, limit: 100 });
  const reply = await network.provider(HUB).fromDevice(device, 'sync', '', request, { signal });
  return decodeSyncResponse(reply.body);
}

/** A cursor as the provider makes it, with numbers of our choice. */
function cursorAt(mail: bigint, seq: bigint): Uint8Array {
  const writer = new Writer();
  writer.u8(1, 'version');
  writer.list([mail], 'shards', (shard) => {
    shard.u64(mail, 'mail');
    shard.list([seq], 'rooms', (entry) => {
      entry.text(club, 'room');
      entry.u64(seq, 'seq');
    });
  });
  return writer.finish();
}

test('no cursor serves a device events from before it was let in', async () => {
  await alice.submit(club, alice.group.encrypt(hello));
  const carol = new MlsMember(network.call, HUB, 'carol-1');
  await carol.register();
  await add(club, alice, [bob], [carol]);
  await alice.submit(club, alice.group.encrypt(hello));
  const { events } = await sync(carol);
  const own = events.map(({ seq }) => seq);
  expect(own).toHaveLength(2);
  for (const place of [
    0n,
    1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 2n,
    2n ** 64n - 1n,
  ]) {
    const served = await sync(carol, cursorAt(place, place)).then(
      (response) => response.events,
      (error: unknown) => {
        expect(error).toMatchObject({ kind: 'payload' });
        return [];
      },
    );
    for (const { seq } of served) expect(own).toContain(seq);
  }
});

test('a device that waits is woken by its own joining', async () => {
  const tablet = new MlsMember(network.call, HUB, 'bob-2');
  const bundle = await tablet.joinExternally(club);
  const began = performance.now();
  const waiting = sync(tablet, START, LONG_MS);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await tablet.update(club, bundle)).code).toBe('success');
  expect((await waiting).events).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test('a caller that has gone before its turn is not waited for', async () => {
  const { cursor } = await sync(bob);
  const began = performance.now();
  expect((await sync(bob, cursor, LONG_MS, AbortSignal.abort())).events).toEqual([]);
  expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
});

test('an answer is no larger than the bound, unless a single event is', async () => {
  await network.provider(HUB).close();
  await network.open(HUB, store, { syncBytes: 2000 });
  let { cursor } = await sync(bob);
  for (const size of [100, 1500, 100, 5000, 100]) {
    await alice.submit(club, alice.group.encrypt(new Uint8Array(size)));
  }
  const sizes: number[][] = [];
  for (let more = true; more; ) {
    const answer = await sync(bob, cursor);
    sizes.push(answer.events.map(({ fanout }) => fanout.length));
    ({ cursor, more } = answer);
  }
  const seen = sizes.flat();
  expect(seen).toHaveLength(5);
  for (const answer of sizes) {
    const total = answer.reduce((sum, size) => sum + size, 0);
    expect(answer.length === 1 || total <= 2000).toBe(true);
  }
});

test('a room that always has news does not keep a device from those of others', async () => {
  await network.provider(HUB).close();
  await network.open(HUB, store, { syncEvents: 2 });
  const quiet = roomUri(HUB, 'quiet');
  const host = new MlsMember(network.call, HUB, 'bob-1');
  await host.createRoom(quiet);
  let { cursor } = await sync(bob);
  await host.submit(quiet, host.group.encrypt(hello));
  const served = new Set<string>();
  for (let round = 0; round < 4; round++) {
    for (let sent = 0; sent < 3; sent++) await alice.submit(club, alice.group.encrypt(hello));
    const answer = await sync(bob, cursor);
    ({ cursor } = answer);
    for (const { roomUri: room } of answer.events) served.add(room);
  }
  expect([...served].sort()).toEqual([club, quiet]);
});
