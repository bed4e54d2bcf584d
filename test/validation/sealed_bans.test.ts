// Sealed ban entries that are not what they should be: none names a person falsely to who was there, and none opens in
// another place or under another key. docs/modes/deployments.md, "Sealed ban entries".

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { bansOf, type FormerMembers, learnBans } from '../../ts/client/sealed_bans.ts';
import type { RoomState } from '../../ts/client/state/device_state.ts';
import { init } from '../../ts/mls/index.ts';
import { newWrapper, openBanEntry, sealBanEntry } from '../../ts/privacy/index.ts';
import type { RosterEntry } from '../../ts/room/index.ts';
import { roomUri, type UserUri, userUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';
import { peek } from '../support/peek.ts';

describe('an entry', () => {
  const place = { groupId: new Uint8Array([1]), pseudonym: 'mimi://a.example/u/x' };
  const content = {
    real: userUri('a.example', 'bob'),
    linkKey: crypto.getRandomValues(new Uint8Array(32)),
  };

  test('opens under its key in its place, and nowhere else', async () => {
    await init();
    const wrapper = newWrapper();
    const { sealed } = sealBanEntry(wrapper, place, content);
    expect(openBanEntry(wrapper, place, sealed)).toEqual(content);
    const undecryptable = expect.objectContaining({ code: 'undecryptable' });
    expect(() => openBanEntry(newWrapper(), place, sealed)).toThrow(undecryptable);
    for (const other of [
      { ...place, groupId: new Uint8Array([2]) },
      { ...place, pseudonym: 'mimi://a.example/u/y' },
    ]) {
      expect(() => openBanEntry(wrapper, other, sealed)).toThrow(undecryptable);
    }
    const altered = sealed.slice();
    altered[40] = (altered[40] as number) ^ 1;
    expect(() => openBanEntry(wrapper, place, altered)).toThrow(undecryptable);
  });

  test('has one length, whatever the name', async () => {
    await init();
    const lengths = ['b', 'b'.repeat(128)].map((name) => {
      const real = userUri('a.example', name);
      return sealBanEntry(newWrapper(), place, { ...content, real }).sealed.length;
    });
    expect(new Set(lengths).size).toBe(1);
  });
});

describe('who was in the room when an entry was made', () => {
  let world: World;
  let alice: Device;
  let bob: Device;
  let room: Room;
  const storage = memoryKeyValue();
  let before: FormerMembers;
  let bobs: UserUri;
  beforeAll(async () => {
    world = await World.open('a.example');
    alice = await world.device('a.example', 'alice-1', { storage });
    bob = await world.device('a.example', 'bob-1');
    for (const device of [alice, bob]) await device.connections.publish(2);
    await connect(alice, bob);
    room = await alice.createRoom(roomUri('a.example', 'club'), { mode: 'pseudonymous' });
    await bob.allow(alice.account.user);
    await room.invite(bob.account.user);
    await settle(alice, bob);
    await accept(bob, room.uri);
    bobs = room.users()[1] as UserUri;
    before = await look(({ group, roster }) => ({ members: group?.members() ?? [], roster }));
    await room.ban(bob.account.user);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const look = <Value>(read: (state: RoomState) => Value): Promise<Value> =>
    peek({ device: alice, storage }, (state) => read(state.room(room.uri)));

  /** The bans of Bob that a member knows who opens the entry anew. */
  const learn = (former: FormerMembers) =>
    look((state) => {
      state.row.bans = [];
      learnBans(state, [], former);
      return bansOf(state, bob.account.user).length;
    });

  test('believes one whose pseudonym was that person’s', async () => {
    expect(await learn(before)).toBe(1);
  });

  test('does not believe one whose pseudonym was another’s', async () => {
    const [alices] = [...before.roster.values()] as [RosterEntry];
    const roster = new Map([[alices.leafIndex, { ...alices, user: bobs }]]);
    expect(await learn({ ...before, roster })).toBe(0);
  });
});
