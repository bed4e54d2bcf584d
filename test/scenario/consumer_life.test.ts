// The life of a room that hides identities, over HTTP, at providers that cannot map pseudonyms to their users: all that it is
// elsewhere, through queues. docs/modes/deployments.md, "Consumer".

import { describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { MEMBER_ROLE, MODERATOR_ROLE, OWNER_ROLE } from '../../ts/room/index.ts';
import {
  accept,
  bytes,
  castOfTests,
  convene,
  expectAgreement,
  FOLLOWERS,
  heard,
  nameOf,
} from '../support/mode_world.ts';

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  const cast = castOfTests('consumer');

  test('users of the hub and of both followers are added, hear each other, and know who speaks', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room, annas, bobs, carols] = seats as [Room, Room, Room, Room];
    expect(room.members()).toHaveLength(4);
    await room.send(bytes('one'));
    await bobs.send(bytes('two'));
    await carols.send(bytes('three'));
    await annas.send(bytes('four'));
    await world.settle();
    for (const seat of seats) {
      expect(await heard(seat)).toEqual(['alice: one', 'bob: two', 'carol: three', 'anna: four']);
      expect(await seat.gaps()).toEqual([]);
    }
    await expectAgreement(world, ...seats);
  });

  test('who has a join link comes in by itself, and a second device of a member too', async () => {
    const { world, alice, bob } = cast;
    const [room, bobs] = (await convene(world, mode, alice, bob)) as [Room, Room];
    const link = await room.createJoinLink();
    await world.settle();
    const grace = await world.device(FOLLOWERS[1], 'grace-1');
    const graces = await grace.device.joinByLink(link);
    const phone = await world.device(FOLLOWERS[1], 'grace-phone');
    await world.settle();
    const phones = await phone.device.joinExternally(room.uri, { mode });
    await world.settle();
    expect(room.members()).toHaveLength(4);
    expect(room.participants()).toHaveLength(3);
    await phones.send(bytes('from the phone'));
    await world.settle();
    for (const seat of [room, bobs, graces, phones]) {
      expect((await heard(seat)).slice(-1)).toEqual(['grace: from the phone']);
    }
    await expectAgreement(world, room, bobs, graces, phones);
  });

  test('a device that was there before its user was added comes in with the user, through a queue of its own', async () => {
    const { world, alice } = cast;
    const heidi = await world.device(FOLLOWERS[1], 'heidi-1');
    const tablet = await world.device(FOLLOWERS[1], 'heidi-tablet');
    // The devices of one user make one set: the first takes part in what the second has begun.
    await heidi.device.connections.publish(3);
    await world.connect(alice, heidi);
    const [room, heidis] = (await convene(world, mode, alice, heidi)) as [Room, Room];
    const tablets = await accept(tablet, room);
    await world.settle();
    expect(room.members()).toHaveLength(3);
    expect(room.users()).toHaveLength(2);
    await expectAgreement(world, room, heidis, tablets);
  });

  test('roles change, who is removed is out, who leaves has left, and who is banned stays out', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room, annas, bobs, carols] = seats as [Room, Room, Room, Room];
    await room.setRole(bob.user, MODERATOR_ROLE);
    await world.settle();
    const roles = room.participants().map(({ role }) => role);
    expect(roles).toEqual([OWNER_ROLE, MEMBER_ROLE, MODERATOR_ROLE, MEMBER_ROLE]);
    await bobs.remove(carol.user);
    await world.settle();
    expect(carols.status).toBe('removed');
    await annas.leave();
    await world.settle();
    await room.commitPending();
    await world.settle();
    expect(annas.status).toBe('left');
    await expectAgreement(world, room, bobs);

    // Who was removed can be added again: behind another pseudonym, through another queue.
    await carol.device.connections.publish(3);
    const again = await world.add(alice, room, carol);
    await world.settle();
    await expectAgreement(world, room, bobs, again);
    const link = await room.createJoinLink();
    await world.settle();
    await room.ban(carol.user);
    await world.settle();
    expect(again.status).toBe('removed');
    await expect(carol.device.joinByLink(link)).rejects.toBeDefined();
    await expectAgreement(world, room, bobs);
  });

  test('a device that was away, and opened again on what it has stored, has missed nothing', async () => {
    const { world, alice, bob } = cast;
    const judy = await world.device(FOLLOWERS[0], 'judy-1');
    await world.connect(alice, judy);
    const [room, bobs] = (await convene(world, mode, alice, bob, judy)) as [Room, Room, Room];
    await world.close(judy);
    const said: string[] = [];
    for (let index = 0; index < 5; index++) {
      await room.send(bytes(`while away ${index}`));
      await bobs.selfUpdate();
      said.push(`alice: while away ${index}`);
      await world.settle();
    }
    const again = await world.reopen(FOLLOWERS[0], 'judy-1', judy);
    await world.settle();
    const judys = again.device.room(room.uri) as Room;
    expect(await heard(judys)).toEqual(said);
    await expectAgreement(world, room, bobs, judys);
  });

  test('a hub that is closed and started again serves the same queues', async () => {
    const { world, alice, anna, bob } = cast;
    const [room, annas, bobs] = (await convene(world, mode, alice, anna, bob)) as [
      Room,
      Room,
      Room,
    ];
    await room.send(bytes('before'));
    await world.settle();
    await world.restartHub();
    await annas.send(bytes('after'));
    await bobs.send(bytes('after that'));
    await world.settle();
    for (const seat of [room, annas, bobs]) {
      expect(await heard(seat)).toEqual(['alice: before', 'anna: after', 'bob: after that']);
    }
    await expectAgreement(world, room, annas, bobs);
  });

  test('what an account has, its rooms do not show: who is in two of them bears two names', async () => {
    const { world, alice, bob } = cast;
    const [one] = await convene(world, mode, alice, bob);
    await bob.device.connections.publish(3);
    const [other] = await convene(world, mode, alice, bob);
    const names = [one, other].flatMap((room) => [
      ...room.participants().map(({ user }) => user),
      ...room.members().map(({ client }) => client),
    ]);
    expect(new Set(names).size).toBe(8);
    for (const name of names) expect(nameOf(name)).toMatch(/^[0-9a-f]{32}$/);
  });
});
