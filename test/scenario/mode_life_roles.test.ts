// The life of a room in each mode, over HTTP: roles, and how users go and come back. docs/modes. What a mode cannot do
// is refused, by the rule that its page names.

import { describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { BANNED_ROLE, MEMBER_ROLE, MODERATOR_ROLE, OWNER_ROLE } from '../../ts/room/index.ts';
import type { UserUri } from '../../ts/wire/index.ts';
import {
  accept,
  bytes,
  castOfTests,
  convene,
  expectAgreement,
  FOLLOWERS,
  heard,
  type Party,
} from '../support/mode_world.ts';

const refusedBy = (rule: string) => ({ code: 'refused', details: { rule } });

describe.each(modeNames())('in mode %s', (mode) => {
  const { hub, credentials } = modeNamed(mode);
  const cast = castOfTests();

  /** Why somebody without a place, or with a banned one, does not come in by itself. */
  const withoutPlace =
    hub === 'orders'
      ? { code: 'badLink', details: { rule: 'needed' } }
      : { code: 'refused', details: { code: 'notAuthorized' } };

  /** How a participant comes in by itself; where the hub knows nobody, a member invites it again. */
  async function comeBack(host: Room, guest: Party): Promise<Room> {
    if (hub !== 'orders') return guest.device.joinExternally(host.uri, { mode });
    await host.invite(guest.user);
    await cast.world.settle();
    return accept(guest, host);
  }

  test('a plain member is refused, by the rule, what only others may do, and the room goes on', async () => {
    const { world, alice, bob, carol } = cast;
    const seats = await convene(world, mode, alice, bob);
    const [, bobs] = seats as [Room, Room];
    const { epoch } = bobs;
    await carol.device.allow(bob.user);
    await expect(bobs.invite(carol.user)).rejects.toMatchObject(refusedBy('R15-add'));
    await expect(bobs.setRole(alice.user, MEMBER_ROLE)).rejects.toMatchObject(
      refusedBy('R16-role-change'),
    );
    await expect(bobs.setRole(bob.user, OWNER_ROLE)).rejects.toMatchObject(
      refusedBy('R16-role-change'),
    );
    await expect(bobs.ban(alice.user)).rejects.toMatchObject(refusedBy('R17-ban'));
    await expect(bobs.kick(alice.user)).rejects.toMatchObject(refusedBy('R3-remover'));
    await expect(bobs.remove(alice.user)).rejects.toMatchObject(refusedBy('R3-remover'));
    await expect(bobs.createJoinLink()).rejects.toMatchObject(refusedBy('R23-join-link'));
    await expectAgreement(world, ...seats);
    expect(bobs.epoch).toBe(epoch);
  });

  test('who is made a moderator adds users and takes members out, but not the owner', async () => {
    const { world, alice, bob, carol, anna } = cast;
    const [room, bobs, annas] = (await convene(world, mode, alice, bob, anna)) as [
      Room,
      Room,
      Room,
    ];
    await room.setRole(bob.user, MODERATOR_ROLE);
    await world.settle();
    const carols = await world.add(bob, bobs, carol);
    await expectAgreement(world, room, bobs, annas, carols);
    expect(room.participants().map(({ role }) => role)).toEqual([
      OWNER_ROLE,
      MODERATOR_ROLE,
      MEMBER_ROLE,
      MEMBER_ROLE,
    ]);
    await bobs.remove(anna.user);
    await expect(bobs.ban(alice.user)).rejects.toMatchObject(refusedBy('R17-ban'));
    await expectAgreement(world, room, bobs, carols);
    expect(annas.status).toBe('removed');
  });

  test('who is removed reads and sends nothing any more, and comes back by invitation only', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs, carols] = (await convene(world, mode, alice, bob, carol)) as [
      Room,
      Room,
      Room,
    ];
    const link = await room.createJoinLink();
    await room.send(bytes('with'));
    await world.settle();
    await room.remove(carol.user);
    await world.settle();
    expect(carols.status).toBe('removed');
    expect(room.participants()).toHaveLength(2);
    await room.send(bytes('without'));
    await world.settle();
    expect(await heard(carols)).toEqual(['alice: with']);
    await expect(carols.send(bytes('still here'))).rejects.toMatchObject({ code: 'notActive' });
    await expect(carol.device.joinExternally(room.uri, { mode })).rejects.toMatchObject(
      withoutPlace,
    );
    // The removal has retired the link, which the removed knew.
    await expect(carol.device.joinByLink(link)).rejects.toMatchObject(
      credentials.hidesIdentities || hub === 'orders' ? { code: 'badLink' } : { code: 'refused' },
    );
    const again = await world.add(alice, room, carol);
    await expectAgreement(world, room, bobs, again);
  });

  test('who is kicked keeps its place, and comes back as the participant that it was', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs, carols] = (await convene(world, mode, alice, bob, carol)) as [
      Room,
      Room,
      Room,
    ];
    const participants = room.participants();
    await room.kick(carol.user);
    await world.settle();
    expect(carols.status).toBe('removed');
    expect(room.members()).toHaveLength(2);
    expect(room.participants()).toEqual(participants);
    const again = await comeBack(room, carol);
    await world.settle();
    expect(room.participants()).toEqual(participants);
    await expectAgreement(world, room, bobs, again);
  });

  test('who is banned does not come back by a link or by itself, until the ban ends', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs, carols] = (await convene(world, mode, alice, bob, carol)) as [
      Room,
      Room,
      Room,
    ];
    await room.ban(carol.user);
    await world.settle();
    expect(carols.status).toBe('removed');
    const banned = room.participants().filter(({ role }) => role === BANNED_ROLE);
    expect(banned).toHaveLength(1);
    await expect(carol.device.joinExternally(room.uri, { mode })).rejects.toMatchObject(
      withoutPlace,
    );
    const link = await room.createJoinLink();
    await world.settle();
    await expect(carol.device.joinByLink(link)).rejects.toMatchObject(
      hub === 'orders' ? refusedBy('R18-banned') : withoutPlace,
    );
    await expectAgreement(world, room, bobs);

    const [entry] = banned;
    await room.unban((entry?.user ?? carol.user) as UserUri);
    await world.settle();
    expect(room.participants()).toHaveLength(2);
    const again = await carol.device.joinByLink(link);
    await expectAgreement(world, room, bobs, again);
  });

  test('a user leaves with all of its devices, once another member commits it', async () => {
    const { world, alice, bob } = cast;
    const ivan = await world.device(FOLLOWERS[0], 'ivan-1');
    const phone = await world.device(FOLLOWERS[0], 'ivan-phone');
    await ivan.device.connections.publish(16);
    await world.connect(alice, ivan);
    const [room, bobs, ivans] = (await convene(world, mode, alice, bob, ivan)) as [
      Room,
      Room,
      Room,
    ];
    const phones = await accept(phone, room);
    await world.settle();
    expect(room.members()).toHaveLength(4);
    await phones.leave();
    await world.settle();
    expect([ivans.status, phones.status]).toEqual(['leaving', 'leaving']);
    await bobs.commitPending();
    await world.settle();
    expect([ivans.status, phones.status]).toEqual(['left', 'left']);
    expect(room.participants()).toHaveLength(2);
    await expectAgreement(world, room, bobs);
    await expect(ivan.device.joinExternally(room.uri, { mode })).rejects.toMatchObject(
      withoutPlace,
    );
  });

  test('a wish to leave outlives the commit of a newcomer, which makes it void', async () => {
    const { world, alice, bob, carol } = cast;
    const [room, bobs] = (await convene(world, mode, alice, bob)) as [Room, Room];
    const link = await room.createJoinLink();
    await world.settle();
    await bobs.leave();
    await world.settle();
    const carols = await carol.device.joinByLink(link);
    await world.settle();
    expect(bobs.status).toBe('leaving');
    await room.commitPending();
    await world.settle();
    expect(bobs.status).toBe('left');
    expect(room.participants()).toHaveLength(2);
    await expectAgreement(world, room, carols);
  });

  test('the last user leaves at once', async () => {
    const { world, alice, bob } = cast;
    const [room, bobs] = (await convene(world, mode, alice, bob)) as [Room, Room];
    await room.leave();
    await world.settle();
    await bobs.commitPending();
    await world.settle();
    expect(room.status).toBe('left');
    await bobs.leave();
    expect(bobs.status).toBe('left');
    await world.settle();
  });
});
