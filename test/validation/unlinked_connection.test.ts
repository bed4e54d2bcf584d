// A connection that goes through queues: what fails in one of them, is lost on the way, or dies with the process, loses no
// event and ties nothing together. docs/modes/deployments.md, "What a device does".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  Account,
  ClientError,
  type Connection,
  Device,
  type KeyValue,
  memoryKeyValue,
  type UnlinkedConnection,
  type UnlinkedOptions,
  unlinkedConnection,
} from '../../ts/client/index.ts';
import {
  asClientUri,
  decodeBlindedBatch,
  decodeProviderKeys,
  encodeProviderKeys,
  providerUri,
  type RoomUri,
} from '../../ts/wire/index.ts';
import { faultConnection } from '../support/fault_connection.ts';
import { faultKeyValue } from '../support/fault_key_value.ts';
import { anonymousConnection, settle, World } from '../support/in_process_connection.ts';
import { accountDevice } from '../support/issuer.ts';
import { accept, connect } from '../support/meeting.ts';

/** Blinding tokens takes its time on a busy machine. */
const PATIENCE = { timeout: 60_000 };
const HOME = 'a.example';
const MODE = 'pseudonymous';
const bytes = (content: string) => new TextEncoder().encode(content);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

let world: World;
const open: Device[] = [];

beforeEach(async () => {
  world = await World.with({ deployment: 'consumer' }, HOME);
});
afterEach(async () => {
  for (const device of open.splice(0)) await device.close();
  await world[Symbol.asyncDispose]();
});

/** What a test has its hands on: a device, its connection, and the ways that this one has made. */
interface Seat {
  readonly device: Device;
  readonly connection: UnlinkedConnection;
  readonly storage: KeyValue;
  readonly queues: KeyValue;
}

interface SeatSetup extends Partial<UnlinkedOptions> {
  readonly device?: KeyValue | undefined;
}

const secrets = new Map<string, Uint8Array>();

function secretOf(name: string): Uint8Array {
  const person = name.split('-')[0] ?? name;
  const secret = secrets.get(person) ?? crypto.getRandomValues(new Uint8Array(32));
  secrets.set(person, secret);
  return secret;
}

const account = (name: string): Connection => {
  const { user } = accountDevice(HOME, name);
  return world.connection(HOME, user, name);
};
const anonymous = (bearer?: string): Connection =>
  anonymousConnection(() => world.provider(HOME), bearer);

async function seat(name: string, setup: SeatSetup = {}): Promise<Seat> {
  const { user, client } = accountDevice(HOME, name);
  const { device: storage = memoryKeyValue(), ...options } = setup;
  const queues = options.storage ?? memoryKeyValue();
  const connection = await unlinkedConnection({
    account: account(name),
    anonymous,
    domain: HOME,
    tokens: 8,
    ...options,
    storage: queues,
  });
  const device = await Device.open({
    account: new Account({ user, provider: providerUri(HOME), secret: secretOf(name) }),
    client,
    connection,
    storage,
  });
  open.push(device);
  return { device, connection, storage, queues };
}

/** The client URIs of the queues that the provider has. */
async function queuesAtProvider(): Promise<string[]> {
  const rows = await world.store(HOME).range('accounts', {
    from: bytes('c\0'),
    to: bytes('c\u0001'),
  });
  return rows.map(({ key }) => text(key.slice(2, -1))).filter((uri) => uri.includes('/d/q-'));
}

/** The queue through which a room is served. */
async function queueOf(room: RoomUri): Promise<string[]> {
  const all = await queuesAtProvider();
  const served = await Promise.all(
    all.map((client) => world.store(HOME).get('rooms-0', bytes(`u\0${client}\0${room}\0`))),
  );
  return all.filter((_, index) => served[index] !== undefined);
}

async function said(device: Device, room: RoomUri): Promise<string[]> {
  const messages = (await device.room(room)?.messages()) ?? [];
  return messages.map(({ content }) => text(content));
}

/** Two people in two rooms of one mode. */
async function twoRooms(setup: SeatSetup = {}) {
  const alice = await seat('alice-1');
  const bob = await seat('bob-1', setup);
  for (const { device } of [alice, bob]) await device.connections.publish(2);
  await connect(alice.device, bob.device);
  const rooms = [];
  for (let index = 0; index < 2; index++) {
    const room = await alice.device.createRoom(undefined, { mode: MODE });
    await room.invite(bob.device.account.user);
    await settle(alice.device, bob.device);
    await accept(bob.device, room.uri);
    rooms.push(room);
  }
  const [one, other] = rooms as [(typeof rooms)[0], (typeof rooms)[0]];
  return { alice, bob, one, other };
}

describe('events', PATIENCE, () => {
  test('of other queues come while one fails, and its own come when it is well again', async () => {
    let broken: string | undefined;
    const bearers = new Map<string, string>();
    const { alice, bob, one, other } = await twoRooms({
      anonymous: (bearer) => {
        const inner = anonymous(bearer);
        return {
          call: async (operation, id, body, options) => {
            if (operation === 'sync' && bearer !== undefined && bearers.get(bearer) === undefined) {
              const device = await world.provider(HOME).authenticate(bearer);
              bearers.set(bearer, device?.client ?? '');
            }
            if (broken !== undefined && bearers.get(bearer ?? '') === broken) {
              throw new ClientError('unavailable');
            }
            return inner.call(operation, id, body, options);
          },
        };
      },
    });
    const serving = await queueOf(one.uri);
    broken = serving.find((client) => [...bearers.values()].includes(client));
    expect(broken).toBeDefined();
    await one.send(bytes('in one'));
    await other.send(bytes('in the other'));
    await settle(alice.device);
    await bob.device.sync();
    expect(await said(bob.device, other.uri)).toEqual(['in the other']);
    expect(await said(bob.device, one.uri)).toEqual([]);
    // Where nothing comes from any, the failure is told.
    await expect(bob.device.sync()).rejects.toMatchObject({ code: 'unavailable' });
    broken = undefined;
    await settle(bob.device);
    expect(await said(bob.device, one.uri)).toEqual(['in one']);
  });

  test('in any queue end the wait of a long poll at once', async () => {
    const { alice, bob, one, other } = await twoRooms();
    for (const room of [one, other]) {
      const began = performance.now();
      const waiting = bob.device.sync({ waitMs: 20_000 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await room.send(bytes('now'));
      await waiting;
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await said(bob.device, room.uri)).toEqual(['now']);
    }
    await settle(alice.device, bob.device);
  });

  test('of a queue that is opened while a long poll waits do not wait for its end', async () => {
    const { device } = await seat('alice-1');
    const began = performance.now();
    const waiting = device.sync({ waitMs: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await device.createRoom(undefined, { mode: MODE });
    await waiting;
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('come once each, in order, over restarts of the device and of the provider', async () => {
    const { alice, bob, one } = await twoRooms();
    await one.send(bytes('one'));
    await settle(alice.device, bob.device);
    await bob.device.close();
    await one.send(bytes('two'));
    await world.restart(HOME);
    const again = await seat('bob-1', { device: kept(bob.storage), storage: kept(bob.queues) });
    await one.send(bytes('three'));
    await settle(alice.device, again.device);
    expect(await said(again.device, one.uri)).toEqual(['one', 'two', 'three']);
    await again.device.room(one.uri)?.send(bytes('four'));
    await settle(alice.device, again.device);
    expect((await said(alice.device, one.uri)).slice(-1)).toEqual(['four']);
  });

  test('are not asked for where the rows of the queues are lost: some would be missed without a sign', async () => {
    const { alice, bob } = await twoRooms();
    await settle(alice.device, bob.device);
    await bob.device.close();
    const again = await seat('bob-1', { device: kept(bob.storage) });
    await expect(again.device.sync()).rejects.toMatchObject({ code: 'wrongStorage' });
  });

  test('of a queue that the provider has ended are missed, and nobody else’s', async () => {
    const { alice, bob, one, other } = await twoRooms();
    for (const client of await queueOf(one.uri)) {
      await world.provider(HOME).revokeDevice(asClientUri(client));
    }
    await other.send(bytes('still here'));
    await bob.device.sync();
    await settle(bob.device);
    expect(await said(bob.device, other.uri)).toEqual(['still here']);
    await settle(alice.device).catch(() => undefined);
  });
});

describe('a queue', PATIENCE, () => {
  test('whose opening was not answered is opened once, by the same token', async () => {
    let lost = 0;
    const { device } = await seat('alice-1', {
      anonymous: (bearer) =>
        faultConnection(anonymous(bearer), (operation) => {
          if (operation !== 'openQueue' || lost >= 2) return undefined;
          lost += 1;
          return 'dropResponse';
        }),
    });
    const room = await device.createRoom(undefined, { mode: MODE });
    expect(lost).toBe(2);
    expect(await queuesAtProvider()).toHaveLength(1);
    expect(await queueOf(room.uri)).toHaveLength(1);
  });

  test('survives the death of the process at each write: a room is created by the same queue or by none', async () => {
    // The first write is that of the opening.
    for (let at = 2; at < 10; at++) {
      const name = `alice-${at}`;
      const queues = faultKeyValue(at, 'dieAfter', memoryKeyValue());
      const first = await seat(name, { storage: queues });
      const uri = `mimi://${HOME}/r/room-${at}` as RoomUri;
      const before = (await queuesAtProvider()).length;
      const created = await first.device.createRoom(uri, { mode: MODE }).then(
        () => true,
        () => false,
      );
      expect(created).toBe(!queues.struck);
      if (!queues.struck) {
        expect(at).toBeGreaterThan(4);
        return;
      }
      const again = await seat(name, {
        storage: await queues.survivors(),
        device: kept(first.storage),
      });
      // The request was stored before it was to be sent: it goes out when the device is there again.
      await settle(again.device);
      expect(again.device.room(uri)?.status).toBe('active');
      expect((await queuesAtProvider()).length - before, `write ${at}`).toBe(1);
    }
    throw new Error('no write was without a fault');
  });

  test('ends at the provider when the device has left the only room that it served', async () => {
    const { alice, bob, one } = await twoRooms();
    const before = await queueOf(one.uri);
    expect(before).toHaveLength(2);
    await bob.device.room(one.uri)?.leave();
    await settle(alice.device, bob.device);
    await one.commitPending();
    await settle(alice.device, bob.device);
    expect(bob.device.room(one.uri)?.status).toBe('left');
    const after = await queuesAtProvider();
    expect(before.filter((client) => after.includes(client))).toHaveLength(1);
  });
});

describe('sets', PATIENCE, () => {
  test('of an older connection key are gone from every place when a user disconnects', async () => {
    const alice = await seat('alice-1');
    const bob = await seat('bob-1');
    const carol = await seat('carol-1');
    for (const { device } of [alice, bob, carol]) await device.connections.publish(2);
    await connect(alice.device, bob.device);
    await connect(carol.device, bob.device);
    await bob.device.connections.disconnect(alice.device.account.user, 2);
    const room = await alice.device.createRoom(undefined, { mode: MODE });
    await expect(room.invite(bob.device.account.user)).rejects.toMatchObject({
      code: 'noKeyMaterial',
    });
    await settle(carol.device, bob.device);
    const other = await carol.device.createRoom(undefined, { mode: MODE });
    await other.invite(bob.device.account.user);
    await settle(carol.device, bob.device);
    expect((await accept(bob.device, other.uri)).status).toBe('active');
  });

  test('have parts of all devices of a user, each sent through a queue of its own', async () => {
    const alice = await seat('alice-1');
    const bob = await seat('bob-1');
    const phone = await seat('bob-phone');
    for (const { device } of [alice, bob, phone, bob]) await device.connections.publish(2);
    await connect(alice.device, bob.device);
    const room = await alice.device.createRoom(undefined, { mode: MODE });
    await room.invite(bob.device.account.user);
    await settle(alice.device, bob.device, phone.device);
    for (const { device } of [bob, phone]) await accept(device, room.uri);
    expect(room.members()).toHaveLength(3);
    expect(room.participants()).toHaveLength(2);
    expect(await queueOf(room.uri)).toHaveLength(3);
  });

  test('that were claimed are replaced through other queues, so that two rooms of a user share none', async () => {
    const { alice, bob, one, other } = await twoRooms();
    await bob.device.connections.publish(2);
    const third = await alice.device.createRoom(undefined, { mode: MODE });
    await third.invite(bob.device.account.user);
    await settle(alice.device, bob.device);
    await accept(bob.device, third.uri);
    const all = await Promise.all([one, other, third].map(({ uri }) => queueOf(uri)));
    expect(new Set(all.flat()).size).toBe(6);
    const pseudonyms = [one, other, third].flatMap((room) =>
      room.participants().map(({ user }) => user),
    );
    expect(new Set(pseudonyms).size).toBe(6);
  });

  test('of last resort serve when no other is left, and join the rooms that they are used for', async () => {
    const alice = await seat('alice-1');
    const bob = await seat('bob-1');
    await alice.device.connections.publish(1);
    await bob.device.connections.publish(1);
    await connect(alice.device, bob.device);
    const rooms = [];
    for (let index = 0; index < 3; index++) {
      const room = await alice.device.createRoom(undefined, { mode: MODE });
      await room.invite(bob.device.account.user);
      await settle(alice.device, bob.device);
      await accept(bob.device, room.uri);
      rooms.push(room);
    }
    const names = rooms.map((room) => room.participants()[1]?.user);
    expect(new Set(names).size).toBe(2);
    for (const room of rooms) await bob.device.room(room.uri)?.send(bytes('here'));
    await settle(alice.device, bob.device);
    for (const room of rooms) expect(await said(alice.device, room.uri)).toEqual(['here']);
  });
});

describe('tokens', PATIENCE, () => {
  test('are asked for in batches of one size, ahead of use, and later at a random moment after the stock is low', async () => {
    let now = 1_000_000;
    const asked: { at: number; count: number }[] = [];
    const inner = account('alice-1');
    const { device, connection } = await seat('alice-1', {
      clock: () => now,
      tokens: 4,
      refillDelayMs: 60_000,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      account: {
        call: async (operation, id, body, options) => {
          if (operation === 'issueTokens') {
            asked.push({ at: now, count: decodeBlindedBatch(body).length });
          }
          return inner.call(operation, id, body, options);
        },
      },
    });
    await connection.refill();
    expect(asked).toEqual([{ at: 1_000_000, count: 4 }]);
    for (let room = 0; room < 3; room++) await device.createRoom(undefined, { mode: MODE });
    expect(asked).toHaveLength(1);
    for (let minute = 0; minute <= 2; minute++, now += 60_000) await device.sync();
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({ count: 4 });
    expect(asked[1]?.at).toBeGreaterThan(1_000_000);
  });

  test('are not taken under a key that the provider gives to this account alone', async () => {
    const inner = account('alice-1');
    const other = await World.with({ deployment: 'consumer' }, HOME);
    const { connection } = await seat('alice-1', {
      account: {
        call: async (operation, id, body, options) => {
          const answer = await inner.call(operation, id, body, options);
          if (operation !== 'providerKeys') return answer;
          const { body: foreign } = await other
            .provider(HOME)
            .fromAnybody(operation, id ?? '', body);
          const { tokenKey } = decodeProviderKeys(foreign);
          return encodeProviderKeys({ ...decodeProviderKeys(answer), tokenKey });
        },
      },
    });
    await expect(connection.refill()).rejects.toMatchObject({ code: 'badAnswer' });
    await other[Symbol.asyncDispose]();
  });

  test('that the provider signs wrongly are not taken', async () => {
    const inner = account('alice-1');
    const { connection } = await seat('alice-1', {
      account: {
        call: async (operation, id, body, options) => {
          const answer = await inner.call(operation, id, body, options);
          if (operation === 'issueTokens') answer[40] = (answer[40] ?? 0) ^ 1;
          return answer;
        },
      },
    });
    await expect(connection.refill()).rejects.toMatchObject({ code: 'badAnswer' });
  });

  test('that are not taken are replaced, and the queue is opened all the same', async () => {
    const spent = await seat('alice-1');
    await spent.connection.refill();
    const queues = kept(spent.queues);
    const copy = memoryKeyValue(await queues.load());
    // One of the two is the storage of a device that was copied: its tokens are spent by the other.
    await spent.device.createRoom(undefined, { mode: MODE });
    const again = await seat('alice-2', { storage: copy });
    const room = await again.device.createRoom(undefined, { mode: MODE });
    expect(room.status).toBe('active');
  });

  test('are not to be had from a provider that maps pseudonyms, where the refusal says so', async () => {
    const enterprise = await World.open(HOME);
    const { user } = accountDevice(HOME, 'alice-1');
    const connection = await unlinkedConnection({
      account: enterprise.connection(HOME, user, 'alice-1'),
      anonymous: (bearer) => anonymousConnection(() => enterprise.provider(HOME), bearer),
      storage: memoryKeyValue(),
      domain: HOME,
    });
    await expect(connection.refill()).rejects.toMatchObject({
      code: 'refused',
      details: { code: 'wrongDeployment' },
    });
    await enterprise[Symbol.asyncDispose]();
  });
});

/** A storage that the closing of its device leaves open. */
function kept(inner: KeyValue): KeyValue {
  return {
    load: (prefix) => inner.load(prefix),
    write: (rows) => inner.write(rows),
    close: async () => {},
  };
}
