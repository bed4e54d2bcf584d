// Who is behind a pseudonym, where a member came in without the wrapper key: the others learn it, and those who come
// later too. docs/modes, "Wrapper generations".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Device, type KeyValue, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { DeviceState } from '../../ts/client/state/device_state.ts';
import { HOT_PREFIX } from '../../ts/client/state/keys.ts';
import { identify } from '../../ts/privacy/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';

let world: World;
const storages = new Map<Device, KeyValue>();
let alice: Device;
let bob: Device;
let carol: Device;

beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
  storages.clear();
  alice = await person('a.example', 'alice-1');
  bob = await person('b.example', 'bob-1');
  carol = await person('c.example', 'carol-1');
  await connect(alice, bob);
  await connect(alice, carol);
  await connect(bob, carol);
});
afterEach(() => world[Symbol.asyncDispose]());

async function person(domain: string, name: string): Promise<Device> {
  const storage = memoryKeyValue();
  const device = await world.reopen(domain, name, { storage });
  storages.set(device, storage);
  await device.connections.publish(2);
  return device;
}

/** The clients of a room as a device can tell them, by name; those that it cannot, as `?`. */
async function knownTo(device: Device, { uri }: Room): Promise<string[]> {
  const rows = (await storages.get(device)?.load(HOT_PREFIX)) ?? [];
  const state = DeviceState.load(rows, device.account, device.client);
  const { group, membership, roster } = state.room(uri);
  if (group === undefined || membership === undefined) throw new Error('not in the room');
  const names = group.members().map((leaf) => {
    const entry = roster.get(leaf.leafIndex);
    const found = entry && identify(membership, group.suite, entry.client, leaf);
    return found?.status === 'verified' ? found.real.client.split('/').at(-1) : '?';
  });
  state[Symbol.dispose]();
  return names.map((name) => name ?? '?').sort();
}

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  /** Alice and Bob, whose room Bob's second device has just entered without the wrapper key. */
  async function withPhone(): Promise<{ room: Room; phone: Device; phones: Room }> {
    const room = await alice.createRoom(undefined, { mode });
    await room.invite(bob.account.user);
    await settle(alice, bob);
    await accept(bob, room.uri);
    await settle(alice, bob);
    const phone = await person('b.example', 'bob-2');
    const phones = await phone.joinExternally(room.uri, { mode });
    return { room, phone, phones };
  }

  test('a device that joins by itself and does nothing else is known to all', async () => {
    const { room, phone } = await withPhone();
    expect(await knownTo(phone, room)).toEqual(['?', '?', 'bob-2']);
    await settle(alice, bob, phone);
    for (const device of [alice, bob, phone]) {
      expect(await knownTo(device, room)).toEqual(['alice-1', 'bob-1', 'bob-2']);
    }
  });

  test('one that commits before it has the wrapper key hides nobody from those who come later', async () => {
    const { room, phone, phones } = await withPhone();
    await phones.selfUpdate();
    await settle(alice, bob, phone);
    for (const device of [alice, bob, phone]) {
      expect(await knownTo(device, room)).toEqual(['alice-1', 'bob-1', 'bob-2']);
    }
    const dave = await person('c.example', 'dave-1');
    await dave.joinByLink(await room.createJoinLink());
    await settle(alice, bob, phone, dave);
    for (const device of [alice, bob, phone, dave]) {
      expect(await knownTo(device, room)).toEqual(['alice-1', 'bob-1', 'bob-2', 'dave-1']);
    }
  });

  test('two members who invite the same user at once add it once', async () => {
    const room = await alice.createRoom(undefined, { mode });
    await room.invite(bob.account.user);
    await settle(alice, bob);
    const bobs = await accept(bob, room.uri);
    await room.setRole(bob.account.user, 3);
    await settle(alice, bob);
    await Promise.all([room, bobs].map((seat) => seat.invite(carol.account.user)));
    await settle(alice, bob, carol);
    expect(await knownTo(alice, room)).toEqual(['alice-1', 'bob-1', 'carol-1']);
    expect(carol.invitations()).toHaveLength(1);
  });
});
