// Devices that change one room at the same time, and what they all end in.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { userUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';

const bytes = (content: string) => new TextEncoder().encode(content);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** A room of `count` devices, each of a user of its own, half of them at the other provider. */
async function crowd(count: number): Promise<{ devices: Device[]; rooms: Room[] }> {
  const host = await world.device('a.example', 'user0-1');
  const room = await host.createRoom();
  const devices = [host];
  for (let index = 1; index < count; index++) {
    const domain = index % 2 === 0 ? 'a.example' : 'b.example';
    const device = await world.device(domain, `user${index}-1`);
    await device.allow(host.account.user);
    await room.invite(device.account.user);
    devices.push(device);
  }
  await settle(...devices);
  const rooms = [room];
  for (const device of devices.slice(1)) {
    rooms.push((await device.invitations()[0]?.accept()) as Room);
  }
  return { devices, rooms };
}

test('eight devices that commit at once all succeed, one epoch each, and agree', async () => {
  const { devices, rooms } = await crowd(8);
  const before = rooms[0]?.epoch ?? 0n;

  await Promise.all(rooms.map((room) => room.selfUpdate()));
  await settle(...devices);

  expect(rooms.map(({ epoch }) => epoch)).toEqual(rooms.map(() => before + 8n));
  await rooms[3]?.send(bytes('still together'));
  await settle(...devices);
  for (const room of rooms) {
    expect((await room.messages()).map(({ content }) => text(content))).toEqual(['still together']);
  }
});

test('messages and commits that cross each other all arrive, once and in one order', async () => {
  const { devices, rooms } = await crowd(4);

  await Promise.all(
    rooms.flatMap((room, index) => [
      room.send(bytes(`${index}a`)),
      room.selfUpdate(),
      room.send(bytes(`${index}b`)),
    ]),
  );
  await settle(...devices);

  const histories = await Promise.all(
    rooms.map(async (room) => (await room.messages()).map(({ content }) => text(content))),
  );
  expect([...(histories[0] ?? [])].sort()).toEqual(
    ['0a', '0b', '1a', '1b', '2a', '2b', '3a', '3b'].sort(),
  );
  for (const history of histories) expect(history).toEqual(histories[0]);
  for (const index of [0, 1, 2, 3]) {
    const own = histories[0]?.filter((content) => content.startsWith(`${index}`));
    expect(own).toEqual([`${index}a`, `${index}b`]);
  }
});

test('two members who invite the same user at once add it once', async () => {
  const { devices, rooms } = await crowd(3);
  const guest = await world.device('b.example', 'guest-1');
  for (const device of devices) await guest.allow(device.account.user);

  await Promise.all(rooms.slice(0, 2).map((room) => room.invite(guest.account.user)));
  await settle(...devices, guest);

  const leaves = rooms[0]?.members().filter(({ user }) => user === guest.account.user);
  expect(leaves).toHaveLength(1);
  const joined = await guest.invitations()[0]?.accept();
  expect(joined?.epoch).toBe(rooms[0]?.epoch);
});

test('devices that join by themselves at once all get in', async () => {
  const { devices, rooms } = await crowd(2);
  const fresh = await Promise.all([
    ...[2, 3, 4].map((number) => world.device('a.example', `user0-${number}`)),
    ...[2, 3, 4].map((number) => world.device('b.example', `user1-${number}`)),
  ]);

  const joined = await Promise.all(
    fresh.map((device) => device.joinExternally(rooms[0]?.uri as Room['uri'])),
  );
  await settle(...devices, ...fresh);

  expect(new Set([...rooms, ...joined].map(({ epoch }) => epoch)).size).toBe(1);
  expect(rooms[0]?.members()).toHaveLength(8);
});

test('members that run commit the removal of one who leaves, without being asked', async () => {
  const { devices, rooms } = await crowd(3);
  const stop = new AbortController();
  const running = devices.map((device) => device.run(stop.signal));

  await rooms[1]?.leave();
  await expect.poll(() => rooms[0]?.users().length, { timeout: 10_000 }).toBe(2);
  await expect.poll(() => rooms[1]?.status, { timeout: 10_000 }).toBe('left');
  await expect.poll(() => rooms[2]?.epoch, { timeout: 10_000 }).toBe(rooms[0]?.epoch);

  stop.abort();
  await Promise.all(running);
  expect(rooms[0]?.users()).not.toContain(userUri('b.example', 'user1'));
});

test('a Welcome that is on its way while its device joins by a link ends in one membership', async () => {
  for (const domain of ['a.example', 'b.example']) {
    const host = await world.device('a.example', `host-of-${domain[0]}`);
    const guest = await world.device(domain, `guest-of-${domain[0]}`);
    await guest.allow(host.account.user);
    const room = await host.createRoom();
    const link = await room.createJoinLink();
    await room.invite(guest.account.user);
    // The guest has not heard of that, and comes in by itself.
    const joined = await guest.joinByLink(link);
    await settle(host, guest);

    expect(guest.invitations()).toEqual([]);
    expect(joined.status).toBe('active');
    expect(joined.epoch).toBe(room.epoch);
    expect(room.members()).toHaveLength(2);
    await joined.send(bytes('here'));
    await room.send(bytes('there'));
    await settle(host, guest);
    for (const seat of [room, joined]) {
      expect((await seat.messages()).map(({ content }) => text(content))).toEqual([
        'here',
        'there',
      ]);
    }
  }
});
