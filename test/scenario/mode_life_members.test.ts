// The life of a room in each mode, over HTTP, from its creation to who comes in and what is said: docs/modes. What a
// mode cannot do is refused, by the rule that its page names.

import { describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import {
  Composer,
  Conversation,
  decodeContent,
  encodeContent,
  part,
} from '../../ts/content/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { MEMBER_ROLE, OWNER_ROLE } from '../../ts/room/index.ts';
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

describe.each(modeNames())('in mode %s', (mode) => {
  const { hub, credentials } = modeNamed(mode);
  const cast = castOfTests();

  test('who creates a room is its only member and its owner', async () => {
    const { world, alice } = cast;
    const [room] = await convene(world, mode, alice);
    expect(room).toMatchObject({ status: 'active', epoch: 0n, mode });
    expect(room.members()).toHaveLength(1);
    const [{ user } = { user: '' }] = room.members();
    expect(room.participants()).toEqual([{ user, role: OWNER_ROLE }]);
    expect(user === alice.user).toBe(!credentials.hidesIdentities);
    await expect(alice.device.createRoom(room.uri, { mode })).rejects.toMatchObject({
      code: 'roomExists',
    });
  });

  test('who is not connected, or in mode open has not consented, is not added, and nothing changes', async () => {
    const { world, carol, anna } = cast;
    const [room] = await convene(world, mode, anna);
    const code = credentials.keyPackageSets === undefined ? 'noKeyMaterial' : 'notConnected';
    await expect(room.invite(carol.user)).rejects.toMatchObject({ code });
    expect(room.epoch).toBe(0n);
  });

  test('who is asked for a connection hears of it, and once it is accepted each can add the other', async () => {
    const { world } = cast;
    const erin = await world.device(FOLLOWERS[0], 'erin-1');
    const frank = await world.device(FOLLOWERS[1], 'frank-1');
    const asked: string[] = [];
    frank.device.on('connectionRequest', ({ user }) => asked.push(user));
    await erin.device.connections.connect(frank.user);
    await world.settle();
    expect(asked).toEqual([erin.user]);
    expect(await frank.device.connections.requests()).toEqual([erin.user]);
    expect(await erin.device.connections.connected()).toEqual([]);

    await frank.device.connections.accept(erin.user);
    await world.settle();
    expect(await erin.device.connections.connected()).toEqual([frank.user]);
    expect(await frank.device.connections.connected()).toEqual([erin.user]);

    for (const [host, guest] of [
      [erin, frank],
      [frank, erin],
    ] as const) {
      // Rooms are made at the own provider: here a follower's turn to be hub.
      const room = await host.device.createRoom(undefined, { mode });
      await guest.device.allow(host.user);
      await room.invite(guest.user);
      await expect
        .poll(async () => {
          await world.settle();
          return guest.device.invitations().map((invitation) => invitation.room);
        })
        .toContain(room.uri);
      const theirs = await accept(guest, room);
      await expect
        .poll(async () => {
          await guest.device.sync();
          return theirs.members().length;
        })
        .toBe(2);
    }
  });

  test('users of the hub and of both followers are added, and all agree on who takes part', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room] = seats;
    expect(room.members()).toHaveLength(4);
    expect(room.participants().map(({ role }) => role)).toEqual([
      OWNER_ROLE,
      MEMBER_ROLE,
      MEMBER_ROLE,
      MEMBER_ROLE,
    ]);
    await expectAgreement(world, ...seats);
    // Who is in the room already is not added again.
    const before = room.epoch;
    expect(await room.invite(bob.user)).toMatchObject({ added: [] });
    expect(room.epoch).toBe(before);
  });

  test('a message reaches everybody once, in one order, with its real sender', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const seats = await convene(world, mode, alice, anna, bob, carol);
    const [room, annas, bobs, carols] = seats as [Room, Room, Room, Room];
    await room.send(bytes('one'));
    await bobs.send(bytes('two'));
    await carols.send(bytes('three'));
    await annas.send(bytes('four'));
    await world.settle();
    const said = ['alice: one', 'bob: two', 'carol: three', 'anna: four'];
    for (const seat of seats) {
      expect(await heard(seat)).toEqual(said);
      const places = (await seat.messages()).map(({ seq }) => seq);
      expect(places).toEqual([...new Set(places)].sort((a, b) => Number(a - b)));
      expect(await seat.gaps()).toEqual([]);
    }
  });

  test('an edit of a message takes its place for everybody, that of another does not', async () => {
    const { world, alice, bob, carol } = cast;
    const seats = await convene(world, mode, alice, bob, carol);
    const [, bobs, carols] = seats as [Room, Room, Room];
    const composer = new Composer({ profile: 'draft04' });
    await bobs.send(encodeContent(composer.text('Helo')));
    await world.settle();
    const [message] = await carols.messages();
    const id = Uint8Array.from(Buffer.from(message?.id ?? '', 'hex'));
    await bobs.send(encodeContent(composer.edit(id, part.text('Hello'))));
    await carols.send(encodeContent(composer.edit(id, part.text('Goodbye'))));
    await world.settle();
    for (const seat of seats) {
      const conversation = new Conversation();
      for (const { id: own, sender, acceptedAt, content } of await seat.messages()) {
        const decoded = decodeContent(content, { profile: 'draft04' });
        const event = { id: Uint8Array.from(Buffer.from(own, 'hex')), sender, acceptedAt };
        conversation.add({ ...event, content: decoded, container: content });
      }
      const { messages, problems } = conversation.view(Date.now());
      expect(messages.map(({ body }) => body)).toEqual([
        expect.objectContaining({ content: bytes('Hello') }),
      ]);
      expect(problems.map(({ code }) => code)).toEqual(['notAllowed']);
    }
  });

  test('who has a join link comes in by itself, without knowing a member, and reads what is said from then on', async () => {
    const { world, alice, bob } = cast;
    const seats = await convene(world, mode, alice, bob);
    const [room] = seats;
    await room.send(bytes('before'));
    const link = await room.createJoinLink();
    await world.settle();
    const grace = await world.device(FOLLOWERS[1], 'grace-1');
    const graces = await grace.device.joinByLink(link);
    await world.settle();
    expect(graces.status).toBe('active');
    expect(room.participants().map(({ role }) => role)).toEqual([
      OWNER_ROLE,
      MEMBER_ROLE,
      MEMBER_ROLE,
    ]);
    await room.send(bytes('welcome'));
    await graces.send(bytes('thanks'));
    await world.settle();
    expect(await heard(graces)).toEqual(['alice: welcome', 'grace: thanks']);
    for (const seat of seats) {
      expect((await heard(seat)).slice(-2)).toEqual(['alice: welcome', 'grace: thanks']);
    }
    await expectAgreement(world, ...seats, graces);
  });

  test('several come in by one link, until it is retired', async () => {
    const { world, alice, anna, bob, carol } = cast;
    const [room] = await convene(world, mode, alice);
    const link = await room.createJoinLink();
    const annas = await anna.device.joinByLink(link);
    const bobs = await bob.device.joinByLink(link);
    await expectAgreement(world, room, annas, bobs);
    await room.retireJoinLinks();
    await world.settle();
    await expect(carol.device.joinByLink(link)).rejects.toMatchObject(
      credentials.hidesIdentities || hub === 'orders'
        ? { code: 'badLink' }
        : { code: 'refused', details: { code: 'notAuthorized' } },
    );
    await expectAgreement(world, room, annas, bobs);
  });

  test('a second device of a member comes in by itself; where the hub knows nobody, the first one invites it', async () => {
    const { world, alice, bob } = cast;
    const dave = await world.device(FOLLOWERS[0], 'dave-1');
    await world.connect(alice, dave);
    const [room, bobs, daves] = (await convene(world, mode, alice, bob, dave)) as [
      Room,
      Room,
      Room,
    ];
    const phone = await world.device(FOLLOWERS[0], 'dave-phone');
    let phones: Room;
    if (hub === 'orders') {
      await expect(phone.device.joinExternally(room.uri, { mode })).rejects.toMatchObject({
        code: 'badLink',
        details: { rule: 'needed' },
      });
      // By a link anybody could say that it is a device of dave's.
      const link = await room.createJoinLink();
      await expect(phone.device.joinByLink(link)).rejects.toMatchObject({
        code: 'refused',
        details: { rule: 'R4-external-join' },
      });
      await room.retireJoinLinks();
      await world.settle();
      expect((await daves.invite(dave.user)).added).toEqual([phone.device.client]);
      await world.settle();
      phones = await accept(phone, room);
    } else {
      phones = await phone.device.joinExternally(room.uri, { mode });
    }
    await world.settle();
    expect(room.members()).toHaveLength(4);
    expect(room.users()).toHaveLength(3);
    expect(room.participants()).toHaveLength(3);
    await daves.send(bytes('from the first'));
    await phones.send(bytes('from the second'));
    await world.settle();
    for (const seat of [room, bobs, daves, phones]) {
      expect(await heard(seat)).toEqual(['dave: from the first', 'dave: from the second']);
    }
    const clients = (await room.messages()).map(({ real, client }) =>
      nameOf(real?.client ?? client),
    );
    expect(clients).toEqual(['dave-1', 'dave-phone']);
    await expectAgreement(world, room, bobs, daves, phones);
  });

  test('a device that was there before its user was added comes in with the user', async () => {
    const { world, alice } = cast;
    const heidi = await world.device(FOLLOWERS[1], 'heidi-1');
    const tablet = await world.device(FOLLOWERS[1], 'heidi-tablet');
    // The devices of one user make one set: the first takes part in what the second has begun.
    await heidi.device.connections.publish(16);
    await world.connect(alice, heidi);
    const [room, heidis] = (await convene(world, mode, alice, heidi)) as [Room, Room];
    const tablets = await accept(tablet, room);
    await world.settle();
    expect(room.members()).toHaveLength(3);
    expect(room.users()).toHaveLength(2);
    await expectAgreement(world, room, heidis, tablets);
  });

  test('who renews its keys takes everybody to the next epoch', async () => {
    const { world, alice, bob, carol } = cast;
    const seats = await convene(world, mode, alice, bob, carol);
    for (const seat of seats) {
      const { epoch } = seat;
      await seat.selfUpdate();
      await world.settle();
      expect(seats.map((each) => each.epoch)).toEqual(seats.map(() => epoch + 1n));
    }
    await expectAgreement(world, ...seats);
  });
});
