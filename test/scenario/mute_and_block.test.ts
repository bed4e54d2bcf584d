// Mute and block in each mode: who is muted sends nothing until that ends, and who is blocked is not heard in any room.

import { describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { MEMBER_ROLE, MODERATOR_ROLE, MUTED_ROLE } from '../../ts/room/index.ts';
import { bytes, castOfTests, convene, expectAgreement, heard } from '../support/mode_world.ts';

const refusedBy = (rule: string) => ({ code: 'refused', details: { rule } });

/** Lets a device send without asking itself first whether it may. */
async function dishonestly<Result>(name: string, send: () => Promise<Result>): Promise<Result> {
  const mode = modeNamed(name);
  const { hub } = mode;
  let asked = 0;
  // `Room.send` is the first to read it, and asks where no hub would.
  const lie = () => (asked++ === 0 ? 'verifies' : hub);
  Object.defineProperty(mode, 'hub', { configurable: true, get: lie });
  try {
    return await send();
  } finally {
    Object.defineProperty(mode, 'hub', { configurable: true, value: hub, writable: true });
  }
}

describe.each(modeNames())('in mode %s', (mode) => {
  const cast = castOfTests();

  test('who is muted reads and sends nothing, until it is unmuted', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs, carols] = (await convene(world, mode, alice, bob, carol)) as [
      Room,
      Room,
      Room,
    ];
    await room.mute(bob.user);
    await world.settle();
    expect(bobs.participants().map(({ role }) => role)).toContain(MUTED_ROLE);
    await expect(bobs.send(bytes('psst'))).rejects.toMatchObject({ code: 'refused' });
    await carols.send(bytes('quiet here'));
    await world.settle();
    expect(await heard(room)).toEqual(['carol: quiet here']);
    expect(await heard(bobs)).toEqual(['carol: quiet here']);
    expect(bobs.unsent).toBe(0);
    await room.unmute(bob.user);
    await world.settle();
    expect(bobs.participants().map(({ role }) => role)).not.toContain(MUTED_ROLE);
    await expectAgreement(world, room, bobs, carols);
  });

  test('what a dishonest client of the muted sends is refused by the hub, or shown by no receiver', async () => {
    const { world, alice, bob, carol } = cast;
    const seats = (await convene(world, mode, alice, bob, carol)) as [Room, Room, Room];
    const [room, bobs, carols] = seats;
    await room.mute(bob.user);
    await world.settle();
    const sent = dishonestly(mode, () => bobs.send(bytes('psst')));
    if (modeNamed(mode).hub === 'orders') await expect(sent).resolves.toBeDefined();
    else await expect(sent).rejects.toMatchObject({ code: 'refused' });
    await world.settle();
    for (const seat of [room, carols]) expect(await heard(seat)).toEqual([]);
    const all = modeNamed(mode).hub === 'orders' ? ['alice-1', 'bob-1', 'carol-1'] : [];
    const noticed = all.map((who) => `${who}: R9-sender-participates`);
    expect(world.takeProblems().sort()).toEqual(noticed);
  });

  test('a moderator mutes members, and nobody above them; a member mutes nobody', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs, carols] = (await convene(world, mode, alice, bob, carol)) as [
      Room,
      Room,
      Room,
    ];
    await expect(carols.mute(bob.user)).rejects.toMatchObject(refusedBy('R16-role-change'));
    await room.setRole(bob.user, MODERATOR_ROLE);
    await world.settle();
    await expect(bobs.mute(alice.user)).rejects.toMatchObject(refusedBy('R16-role-change'));
    await bobs.mute(carol.user);
    await world.settle();
    await expect(carols.unmute(carol.user)).rejects.toMatchObject(refusedBy('R16-role-change'));
    await bobs.unmute(carol.user);
    await world.settle();
    expect(room.participants().at(-1)?.role).toBe(MEMBER_ROLE);
    await expect(bobs.setRole(carol.user, MODERATOR_ROLE)).rejects.toMatchObject(
      refusedBy('R16-role-change'),
    );
  });

  test('who is blocked is heard in no room, and heard again afterwards', async () => {
    const { world, alice, bob, carol } = cast;
    const anna = await world.device('a.example', 'ann-1');
    for (const other of [alice, bob, carol]) await world.connect(other, anna);
    const told: string[] = [];
    const first = await convene(world, mode, alice, bob, anna);
    const second = await convene(world, mode, alice, bob, anna);
    const [alices, bobs, annas] = first as [Room, Room, Room];
    const [, bobsSecond, annasSecond] = second as [Room, Room, Room];
    anna.device.on('message', ({ message }) => told.push(message.real?.user ?? message.sender));
    await anna.device.block(bob.user);
    await bobsSecond.send(bytes('in private'));
    await bobs.send(bytes('from bob'));
    await alices.send(bytes('from alice'));
    await world.settle();
    expect(await heard(annas)).toEqual(['alice: from alice']);
    expect(await heard(annasSecond)).toEqual([]);
    expect(told).toEqual([alice.user]);
    expect(await anna.device.connections.blocked()).toEqual([bob.user]);
    // What a block leaves outlives the app.
    await world.close(anna);
    const reopened = await world.reopen('a.example', 'ann-1', anna);
    const again = reopened.device.room(annas.uri) as Room;
    expect(await heard(again)).toEqual(['alice: from alice']);
    await reopened.device.unblock(bob.user);
    expect(await heard(again)).toEqual(['bob: from bob', 'alice: from alice']);
    await world.close(reopened);
  });

  test('who is blocked cannot add who has blocked it, nor ask for a connection again', async () => {
    const { world, bob } = cast;
    const dan = await world.device('a.example', 'dan-1');
    await dan.device.connections.publish(4);
    await world.connect(bob, dan);
    await dan.device.allow(bob.user);
    await dan.device.block(bob.user);
    const own = await bob.device.createRoom(undefined, { mode });
    await expect(own.invite(dan.user)).rejects.toMatchObject({
      code: expect.stringMatching(/noKeyMaterial|notConnected|refused/),
    });
    await bob.device.connections.connect(dan.user);
    await world.settle();
    expect(await dan.device.connections.requests()).toEqual([]);
    await expect(dan.device.connections.connect(bob.user)).rejects.toMatchObject(
      refusedBy('blocked'),
    );
    await dan.device.unblock(bob.user);
    await bob.device.connections.connect(dan.user);
    await dan.device.sync();
    expect(await dan.device.connections.requests()).toEqual([bob.user]);
    await bob.device.connections.decline(dan.user);
    await world.connect(bob, dan);
  });
});
