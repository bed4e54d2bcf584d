// A device whose storage fails, or whose process dies, at any of its writes: reopened, it ends where the others
// are, with every message once.

import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Device,
  isClientError,
  type KeyValue,
  memoryKeyValue,
  type Room,
} from '../../ts/client/index.ts';
import { type RoomUri, roomUri, userUri } from '../../ts/wire/index.ts';
import {
  type FaultKeyValue,
  faultKeyValue,
  type StorageFault,
} from '../support/fault_key_value.ts';
import { settle, World } from '../support/in_process_connection.ts';

const bytes = (content: string) => new TextEncoder().encode(content);
const contents = async (room: Room | undefined) =>
  (await room?.messages())?.map(({ content }) => new TextDecoder().decode(content)) ?? [];

const club: RoomUri = roomUri('a.example', 'club');
const alice = userUri('a.example', 'alice');
const bob = userUri('b.example', 'bob');

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** What a device does; each step is such that doing it again after a crash does no harm. */
type Step = (device: Device) => Promise<unknown>;

const sync: Step = (device) => device.sync();
const accept: Step = async (device) => device.invitations()[0]?.accept();
const say =
  (content: string): Step =>
  async (device) => {
    const room = device.room(club);
    // As an app that looks after a restart: is the message in the history, or stored and on its way?
    const known = (await contents(room)).includes(content) || room?.unsent !== 0;
    if (!known) await room?.send(bytes(content));
  };

/** A device whose storage breaks at write number `at`, and that is opened again whenever it is dead. */
class Survivor {
  readonly #breaking: FaultKeyValue;
  readonly #open: (storage: KeyValue) => Promise<Device>;
  readonly #fault: StorageFault;
  #storage: KeyValue;
  #device: Device | undefined;

  constructor(domain: string, name: string, at: number, fault: StorageFault) {
    this.#breaking = faultKeyValue(at, fault, memoryKeyValue());
    this.#open = (storage) => world.reopen(domain, name, { storage });
    this.#fault = fault;
    this.#storage = this.#breaking;
  }

  get struck(): boolean {
    return this.#breaking.struck;
  }

  /** Does the step, and again after each failure of the storage. */
  async do<T>(step: (device: Device) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        this.#device ??= await this.#open(this.#storage);
        return await step(this.#device);
      } catch (error) {
        if (!isClientError(error, 'storageFailed')) throw error;
        // `fail`: the device goes on by itself. Otherwise the process is dead and starts anew.
        if (this.#fault === 'fail') continue;
        this.#storage = await this.#breaking.survivors();
        this.#device = undefined;
      }
    }
  }
}

type Life = (at: number, fault: StorageFault) => Promise<{ struck: boolean }>;

/** A guest from the other provider: it is invited, talks, changes its keys, and leaves. */
const guest: Life = async (at, fault) => {
  const hers = await world.device('a.example', 'alice-1');
  const room = await hers.createRoom(club);
  const his = new Survivor('b.example', 'bob-1', at, fault);
  await his.do(async (device) => {
    await device.publishKeyPackages(2);
    await device.allow(alice);
  });
  await room.invite(bob);
  await room.send(bytes('a1'));
  for (const step of [sync, accept, say('b1')]) {
    await settle(hers);
    await his.do(step);
  }
  await room.send(bytes('a2'));
  await room.selfUpdate();
  await room.send(bytes('a3'));
  for (const step of [sync, (device: Device) => device.room(club)?.selfUpdate(), say('b2'), sync]) {
    await settle(hers);
    await his.do(async (device) => step(device));
  }
  await his.do((device) => settle(hers, device));
  await his.do(async (device) => {
    expect(device.room(club)?.epoch).toBe(room.epoch);
    expect(device.room(club)?.unsent).toBe(0);
    await device.room(club)?.leave();
  });
  await settle(hers);
  await room.commitPending();
  await his.do((device) => settle(hers, device));

  await his.do(async (device) => {
    expect(device.room(club)?.status).toBe('left');
    expect(await contents(device.room(club))).toEqual(await contents(room));
  });
  expect(room.users()).toEqual([alice]);
  expect((await contents(room)).sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  return his;
};

/** The host: it creates the room, invites, talks, and removes its guest. */
const host: Life = async (at, fault) => {
  const his = await world.device('b.example', 'bob-1');
  await his.allow(alice);
  const hers = new Survivor('a.example', 'alice-1', at, fault);
  const room = (device: Device) => device.room(club) as Room;
  await hers.do(async (device) => {
    await device.sync();
    if (device.room(club) === undefined) await device.createRoom(club);
  });
  await hers.do((device) => room(device).invite(bob));
  await hers.do(say('a1'));
  await hers.do((device) => settle(device, his));
  const hisRoom = (await accept(his)) as Room;
  await hisRoom.send(bytes('b1'));
  await hers.do((device) => settle(device, his));
  await hers.do(say('a2'));
  await hers.do((device) => settle(device, his));
  expect(await contents(hisRoom)).toEqual(['a1', 'b1', 'a2']);
  await hers.do((device) => room(device).remove(bob));
  await hers.do((device) => settle(device, his));

  expect(hisRoom.status).toBe('removed');
  await hers.do(async (device) => {
    expect(room(device).users()).toEqual([alice]);
    expect(await contents(room(device))).toEqual(['a1', 'b1', 'a2']);
  });
  return hers;
};

/** A further device of the host's user: it joins by itself. */
const joiner: Life = async (at, fault) => {
  const hers = await world.device('a.example', 'alice-1');
  const room = await hers.createRoom(club);
  const second = new Survivor('a.example', 'alice-2', at, fault);
  await second.do(async (device) => {
    await device.sync();
    if (device.rooms().length === 0) await device.joinExternally(club);
  });
  await settle(hers);
  await room.send(bytes('a1'));
  await second.do(say('s1'));
  await second.do((device) => settle(hers, device));

  await second.do(async (device) => {
    expect(device.room(club)?.epoch).toBe(room.epoch);
    expect((await contents(device.room(club))).sort()).toEqual(['a1', 's1']);
  });
  expect(room.members()).toHaveLength(2);
  return second;
};

for (const [who, life, leastWrites] of [
  ['a guest', guest, 15],
  ['a host', host, 10],
  ['a device that joins by itself', joiner, 6],
] as const) {
  for (const [fault, what] of [
    ['fail', 'whose storage fails once'],
    ['dieBefore', 'whose process dies before'],
    ['dieAfter', 'whose process dies right after'],
  ] as const) {
    test(`${who} ${what}, at each write in turn, loses no message and repeats none`, async () => {
      for (let at = 1; ; at++) {
        const { struck } = await life(at, fault);
        await world[Symbol.asyncDispose]();
        world = await World.open('a.example', 'b.example');
        if (struck) continue;
        expect(at).toBeGreaterThan(leastWrites);
        return;
      }
    });
  }
}

test('each device restored from its saved rows at each step goes on as if nothing had been', async () => {
  const rows = { alice: memoryKeyValue(), bob: memoryKeyValue() };
  const restore = async () => ({
    alice: await world.reopen('a.example', 'alice-1', {
      storage: memoryKeyValue(await rows.alice.load()),
    }),
    bob: await world.reopen('b.example', 'bob-1', {
      storage: memoryKeyValue(await rows.bob.load()),
    }),
  });
  const snapshot = async ({ alice: hers, bob: his }: { alice: Device; bob: Device }) =>
    Promise.all(
      [hers, his].map(async (device) => ({
        rooms: device.rooms().map(({ uri, epoch, status }) => ({ uri, epoch, status })),
        members: device.room(club)?.members(),
        invitations: device.invitations().map(({ room, members }) => ({ room, members })),
        history: await device.room(club)?.messages(),
        unsent: device.room(club)?.unsent,
      })),
    );
  type Devices = Awaited<ReturnType<typeof restore>>;
  const steps: readonly ((devices: Devices) => Promise<unknown>)[] = [
    ({ alice: hers }) => hers.publishKeyPackages(2),
    ({ bob: his }) => his.publishKeyPackages(2).then(() => his.allow(alice)),
    ({ alice: hers }) => hers.createRoom(club),
    ({ alice: hers }) => hers.room(club)?.invite(bob) as Promise<unknown>,
    ({ alice: hers }) => hers.room(club)?.send(bytes('one')) as Promise<unknown>,
    ({ alice: hers, bob: his }) => settle(hers, his),
    ({ bob: his }) => his.invitations()[0]?.accept() as Promise<unknown>,
    ({ bob: his }) => his.room(club)?.send(bytes('two')) as Promise<unknown>,
    ({ bob: his }) => his.room(club)?.selfUpdate() as Promise<unknown>,
    ({ alice: hers, bob: his }) => settle(hers, his),
    ({ bob: his }) => his.room(club)?.leave() as Promise<unknown>,
    ({ alice: hers }) => settle(hers),
    ({ alice: hers }) => hers.room(club)?.commitPending() as Promise<unknown>,
    ({ alice: hers, bob: his }) => settle(hers, his),
  ];

  const storages = () => ({ alice: memoryKeyValue(), bob: memoryKeyValue() });
  let live = {
    alice: await world.reopen('a.example', 'alice-1', { storage: rows.alice }),
    bob: await world.reopen('b.example', 'bob-1', { storage: rows.bob }),
  };
  for (const step of steps) {
    await step(live);
    const restored = await restore();
    expect(await snapshot(restored)).toEqual(await snapshot(live));
    // From here on the restored ones live, on rows of their own.
    const next = storages();
    await next.alice.write(await rows.alice.load());
    await next.bob.write(await rows.bob.load());
    rows.alice = next.alice;
    rows.bob = next.bob;
    live = {
      alice: await world.reopen('a.example', 'alice-1', { storage: rows.alice }),
      bob: await world.reopen('b.example', 'bob-1', { storage: rows.bob }),
    };
  }
  expect(await contents(live.alice.room(club))).toEqual(['one', 'two']);
  expect(live.bob.room(club)?.status).toBe('left');
});
