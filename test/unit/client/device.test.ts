// Opening a device, its parts that keep order, and its manners towards listeners.

import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  Account,
  ClientError,
  type Connection,
  Device,
  type KeyValue,
  memoryKeyValue,
} from '../../../ts/client/index.ts';
import { Notices } from '../../../ts/client/notices.ts';
import { Queue, Queues } from '../../../ts/client/queue.ts';
import { backoffMs, fraction, pause } from '../../../ts/client/waiting.ts';
import { clientUri, providerUri, roomUri, userUri } from '../../../ts/wire/index.ts';
import { faultKeyValue } from '../../support/fault_key_value.ts';
import { World } from '../../support/in_process_connection.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example');
});
afterEach(() => world[Symbol.asyncDispose]());

const account = new Account({
  user: userUri('a.example', 'alice'),
  provider: providerUri('a.example'),
});
const silent: Connection = {
  call: async () => {
    throw new ClientError('unavailable');
  },
};

test('user, provider and client are of one domain', async () => {
  expect(() => new Account({ user: account.user, provider: providerUri('b.example') })).toThrow(
    expect.objectContaining({ code: 'wrongDomain' }),
  );
  await expect(
    Device.open({
      account,
      client: clientUri('b.example', 'x'),
      connection: silent,
      storage: memoryKeyValue(),
    }),
  ).rejects.toMatchObject({ code: 'wrongDomain' });
});

test('a storage opens only the device that it belongs to', async () => {
  const storage = memoryKeyValue();
  await world.device('a.example', 'alice-1', { storage });

  await expect(world.reopen('a.example', 'alice-2', { storage })).rejects.toMatchObject({
    code: 'wrongStorage',
  });
});

test('a storage with rows of something else is refused', async () => {
  const storage = memoryKeyValue([{ key: Uint8Array.of(1, 99), value: Uint8Array.of(1) }]);
  await expect(world.reopen('a.example', 'alice-1', { storage })).rejects.toMatchObject({
    code: 'wrongStorage',
  });
});

test('a device that could not register keeps its key and registers when it is opened again', async () => {
  const storage = memoryKeyValue();
  const client = clientUri('a.example', 'alice-1');
  await expect(Device.open({ account, client, connection: silent, storage })).rejects.toMatchObject(
    { code: 'unavailable' },
  );
  const before = await storage.load(Uint8Array.of(1, 2));

  const device = await world.device('a.example', 'alice-1', { storage });

  expect(before.length).toBeGreaterThan(0);
  const after = await storage.load(Uint8Array.of(1, 2));
  for (const row of before) expect(after).toContainEqual(row);
  await expect(device.createRoom()).resolves.toBeDefined();
});

test('a registered device opens without its provider', async () => {
  const storage = memoryKeyValue();
  const online = await world.device('a.example', 'alice-1', { storage });
  const room = await online.createRoom();

  const offline = await Device.open({
    account,
    client: online.client,
    connection: silent,
    storage: memoryKeyValue(await storage.load()),
  });

  expect(offline.rooms().map(({ uri }) => uri)).toEqual([room.uri]);
  const sent = await offline.room(room.uri)?.send(Uint8Array.of(1));
  expect(sent).toEqual({ localId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(offline.room(room.uri)?.unsent).toBe(1);
  await offline.close();
});

test('a closed device refuses everything with a word', async () => {
  const device = await world.device('a.example', 'alice-1');
  const room = await device.createRoom();
  await device.close();

  await expect(device.sync()).rejects.toMatchObject({ code: 'closed' });
  await expect(room.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'closed' });
  await device.close();
});

test('closing ends a run that waits', async () => {
  const device = await world.device('a.example', 'alice-1');
  const run = device.run();
  await device.createRoom();
  await device.close();
  await expect(run).resolves.toBeUndefined();
});

test('a room that the device does not have has no state to ask for', async () => {
  const device = await world.device('a.example', 'alice-1');
  expect(device.room(roomUri('a.example', 'nowhere'))).toBeUndefined();
});

test('a storage that fails leaves what the app sees as it was', async () => {
  const failing = faultKeyValue(0, 'fail', memoryKeyValue());
  const device = await world.device('a.example', 'alice-1', { storage: failing });
  const room = await device.createRoom();
  await room.selfUpdate();
  failing.at = failing.writes + 1;

  await expect(room.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'storageFailed' });

  expect([room.epoch, room.unsent]).toEqual([1n, 0]);
  await room.send(Uint8Array.of(2));
  await device.sync();
  expect((await room.messages()).map(({ content }) => [...content])).toEqual([[2]]);
});

test('the app sees a change, and hears of it, only when it is stored', async () => {
  const inner = memoryKeyValue();
  const during: unknown[] = [];
  let look = () => {};
  const storage: KeyValue = {
    ...inner,
    write: async (changes) => {
      look();
      await inner.write(changes);
    },
  };
  const device = await world.device('a.example', 'alice-1', { storage });
  const room = await device.createRoom();
  let told = 0;
  device.on('members', () => {
    told += 1;
  });
  look = () => during.push([room.epoch, told]);
  await room.selfUpdate();

  expect(during.length).toBeGreaterThan(1);
  for (const seen of during) expect(seen).toEqual([0n, 0]);
  expect([room.epoch, told]).toEqual([1n, 1]);
});

test('a listener that throws keeps nothing from the others', async () => {
  const notices = new Notices();
  const heard: string[] = [];
  const uncaught: unknown[] = [];
  const catcher = (error: unknown) => uncaught.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', catcher);
  notices.on('problem', () => {
    throw new Error('listener');
  });
  const stop = notices.on('problem', ({ code }) => heard.push(code));

  notices.emit([{ name: 'problem', code: 'one' }]);
  stop();
  notices.emit([{ name: 'problem', code: 'two' }]);
  await new Promise((resolve) => setImmediate(resolve));

  process.off('uncaughtException', catcher);
  for (const listener of before) process.on('uncaughtException', listener);
  expect(heard).toEqual(['one']);
  expect(uncaught).toHaveLength(2);
});

test('a queue runs one piece of work at a time, in order, and goes on after a failure', async () => {
  const queue = new Queue();
  const order: string[] = [];
  const work = (name: string, ms: number) =>
    queue.run(async () => {
      order.push(`${name} begins`);
      await pause(ms);
      order.push(`${name} ends`);
      if (name === 'b') throw new Error('b');
    });

  const all = await Promise.allSettled([work('a', 5), work('b', 0), work('c', 0)]);

  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(queue.busy).toBe(false);
});

test('queues of different keys do not wait for each other, and an idle one is forgotten', async () => {
  const queues = new Queues<string>();
  let release = () => {};
  const held = queues.run('a', () => new Promise<void>((resolve) => (release = resolve)));

  await queues.run('b', () => undefined);

  expect([queues.busy('a'), queues.busy('b')]).toEqual([true, false]);
  release();
  await held;
  expect(queues.busy('a')).toBe(false);
});

test('pauses between attempts grow to a bound and differ between devices', () => {
  const least = () => Uint8Array.of(0, 0);
  const most = () => Uint8Array.of(255, 255);

  expect([0, 1, 2, 3, 60].map((attempt) => backoffMs(attempt, 100, 500, least))).toEqual([
    50, 100, 200, 250, 250,
  ]);
  expect(backoffMs(60, 100, 500, most)).toBeCloseTo(500, 1);
  expect(fraction(most)).toBeLessThan(1);
});

test('a pause ends with its signal', async () => {
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  await expect(pause(60_000, stop.signal)).rejects.toMatchObject({ code: 'aborted' });
});
