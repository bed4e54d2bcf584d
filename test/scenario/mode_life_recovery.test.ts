// The life of a room in each mode, over HTTP: what is lost, late or at once, and comes right again. docs/modes.

import { describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import {
  accept,
  asText,
  bytes,
  castOfTests,
  convene,
  expectAgreement,
  FOLLOWERS,
  heard,
} from '../support/mode_world.ts';

const EPOCHS_AWAY = 50;

/** What each device has in its history, told once by all: nothing is missing, nothing is there twice. */
async function commonHistory(...seats: readonly Room[]): Promise<string[]> {
  const histories = await Promise.all(seats.map(heard));
  for (const history of histories) expect(history).toEqual(histories[0]);
  for (const seat of seats) expect(await seat.gaps()).toEqual([]);
  return histories[0] ?? [];
}

describe.each(modeNames())('in mode %s', (mode) => {
  const { hub } = modeNamed(mode);
  const cast = castOfTests();

  test('a device that has lost all it had comes back in the place of the one that was lost; where the hub knows nobody, by a member', async () => {
    const { world, alice, bob } = cast;
    const judy = await world.device(FOLLOWERS[1], 'judy-1');
    await world.connect(alice, judy);
    const [room, bobs] = (await convene(world, mode, alice, bob, judy)) as [Room, Room, Room];
    const participants = room.participants();
    await world.close(judy);

    const again = await world.device(FOLLOWERS[1], 'judy-1');
    await world.settle();
    // The invitation of the lost one is served again, for a key package that nobody has any more.
    expect(again.problems.splice(0).map(({ code }) => code)).toEqual(['noKeyPackage']);
    if (hub === 'orders') {
      await room.removeClient(judy.device.client);
      await room.invite(judy.user);
      await world.settle();
    }
    const judys =
      hub === 'orders'
        ? await accept(again, room)
        : await again.device.joinExternally(room.uri, { mode });
    await world.settle();
    // The leaf of the lost device is gone: whoever has found it reads nothing.
    expect(room.members()).toHaveLength(3);
    expect(room.participants()).toEqual(participants);
    await expectAgreement(world, room, bobs, judys);
  });

  test('a device that is opened again on its storage goes on where it was', async () => {
    const { world, alice, bob } = cast;
    const kim = await world.device(FOLLOWERS[0], 'kim-1');
    await world.connect(alice, kim);
    const [room, bobs, kims] = (await convene(world, mode, alice, bob, kim)) as [Room, Room, Room];
    await kims.send(bytes('before'));
    await world.settle();
    const { storage } = kim;
    await world.close(kim);
    await room.selfUpdate();
    await room.send(bytes('meanwhile'));
    const again = await world.reopen(FOLLOWERS[0], 'kim-1', { storage });
    await world.settle();
    const back = again.device.room(room.uri) as Room;
    expect(await commonHistory(room, bobs, back)).toEqual(['kim: before', 'alice: meanwhile']);
    await expectAgreement(world, room, bobs, back);
  });

  test('members who all commit at once, three times, all succeed and end in one epoch', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room] = seats;
    const { epoch } = room;
    for (let round = 0; round < 3; round++) {
      await Promise.all(seats.map((seat) => seat.selfUpdate()));
    }
    await world.settle();
    expect(room.epoch).toBe(epoch + BigInt(3 * seats.length));
    await expectAgreement(world, ...seats);
  });

  test('additions, removals, links and messages at once take effect one after the other', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const [room, annas, bobs] = (await convene(world, mode, alice, anna, bob)) as [
      Room,
      Room,
      Room,
    ];
    const link = await room.createJoinLink();
    await world.settle();
    const [, , , carols] = await Promise.all([
      annas.selfUpdate(),
      room.send(bytes('one')),
      bobs.selfUpdate(),
      carol.device.joinByLink(link),
      bobs.send(bytes('two')),
    ]);
    await world.settle();
    expect((await commonHistory(room, annas, bobs)).sort()).toEqual(['alice: one', 'bob: two']);
    await expectAgreement(world, room, annas, bobs, carols);
    await Promise.all([room.remove(anna.user), bobs.selfUpdate(), carols.send(bytes('three'))]);
    await world.settle();
    expect(annas.status).toBe('removed');
    await expectAgreement(world, room, bobs, carols);
  });

  test('a device that was away for fifty epochs reads what was said in each, and takes part', async () => {
    const { world, alice, anna, bob } = cast;
    const [room, annas, bobs] = (await convene(world, mode, alice, anna, bob)) as [
      Room,
      Room,
      Room,
    ];
    const { storage } = bob;
    await world.close(bob);
    const { epoch } = room;
    const said: string[] = [];
    for (let turn = 0; turn < EPOCHS_AWAY; turn++) {
      const seat = turn % 2 === 0 ? room : annas;
      await seat.selfUpdate();
      await seat.send(bytes(`turn ${turn}`));
      said.push(`${turn % 2 === 0 ? 'alice' : 'anna'}: turn ${turn}`);
    }
    await world.settle();
    Object.assign(cast, { bob: await world.reopen(FOLLOWERS[0], 'bob-1', { storage }) });
    await world.settle();
    const back = cast.bob.device.room(bobs.uri) as Room;
    expect(back.epoch).toBe(epoch + BigInt(EPOCHS_AWAY));
    expect(await commonHistory(room, annas, back)).toEqual(said);
    await expectAgreement(world, room, annas, back);
  });

  test('a hub that is started again goes on with the room, and gets what was sent while it was away', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room, annas, bobs, carols] = seats as [Room, Room, Room, Room];
    const link = await room.createJoinLink();
    await carols.leave();
    await world.settle();
    await world.restartHub(async () => {
      for (const seat of [room, annas, bobs]) {
        expect(await seat.send(bytes('kept'))).not.toHaveProperty('acceptedAt');
      }
    });
    await world.settle();
    expect((await commonHistory(room, annas, bobs)).sort()).toEqual([
      'alice: kept',
      'anna: kept',
      'bob: kept',
    ]);
    await bobs.selfUpdate();
    await world.settle();
    expect(carols.status).toBe('left');
    // The state for joiners, the wrapper key and what else members had left are still there.
    await room.createJoinLink();
    await world.settle();
    await expect(carol.device.joinByLink(link)).rejects.toBeDefined();
    const again = await carol.device.joinByLink(await room.createJoinLink());
    await expectAgreement(world, room, annas, bobs, again);
    const last = (await again.messages()).at(-1);
    expect(asText(last?.content ?? new Uint8Array())).toContain('in epoch');
  });
});
