// Connections: a disconnect holds on every device of the account, and no request takes the place of another.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { Account, type Connection, Device, memoryKeyValue } from '../../ts/client/index.ts';
import { clientUri, providerUri, userUri } from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { connect } from '../support/meeting.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

async function person(domain: string, name: string): Promise<Device> {
  const device = await world.device(domain, name);
  await device.connections.publish(4);
  return device;
}

/** Whether a user can add another to a room of its own. */
async function adds(host: Device, guest: Device): Promise<boolean> {
  const room = await host.createRoom(undefined, { mode: 'pseudonymous' });
  try {
    return (await room.invite(guest.account.user)).added.length > 0;
  } catch {
    return false;
  }
}

test('whom one device disconnects gets no later key of another device of the account', async () => {
  const phone = await person('a.example', 'alice-1');
  const laptop = await person('a.example', 'alice-2');
  const bob = await person('b.example', 'bob-1');
  const mallory = await person('c.example', 'mallory-1');
  await connect(phone, bob);
  await connect(phone, mallory);
  await laptop.connections.check();
  await laptop.connections.disconnect(mallory.account.user, 8);
  await phone.sync();
  await mallory.connections.check();
  expect(await adds(mallory, phone)).toBe(false);

  const carol = await person('c.example', 'carol-1');
  await connect(phone, carol);
  await phone.connections.disconnect(carol.account.user, 8);
  expect(await phone.connections.connected()).toEqual([bob.account.user]);
  await mallory.connections.check();
  await bob.connections.check();
  expect(await adds(mallory, phone)).toBe(false);
  expect(await adds(bob, phone)).toBe(true);
});

test('a request in the name of who asks already does not take its place', async () => {
  const alice = await person('a.example', 'alice-1');
  const bob = await person('b.example', 'bob-1');
  await person('c.example', 'mallory-1');
  await bob.connections.connect(alice.account.user);
  await alice.connections.check();
  expect(await alice.connections.requests()).toEqual([bob.account.user]);

  // Mallory's own provider carries her letters, whoever they say they are from.
  const line = world.connection('c.example', userUri('c.example', 'mallory'), 'mallory-1');
  const connection: Connection = {
    call: async (operation, id, body, options) =>
      operation === 'register' ? new Uint8Array() : line.call(operation, id, body, options),
  };
  const account = new Account({
    user: bob.account.user,
    provider: providerUri('b.example'),
    secret: new Uint8Array(32).fill(7),
  });
  const client = clientUri('b.example', 'bob-9');
  const forged = await Device.open({ account, client, connection, storage: memoryKeyValue() });
  try {
    await forged.connections.connect(alice.account.user);
    await alice.connections.check();
    await alice.connections.accept(bob.account.user);
    await bob.connections.check();
    expect(await bob.connections.connected()).toEqual([alice.account.user]);
    expect(await forged.connections.connected()).toEqual([]);
    expect(await adds(alice, bob)).toBe(true);
  } finally {
    await forged.close();
  }
});
