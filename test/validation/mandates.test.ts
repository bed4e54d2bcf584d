// Mandates of the hub, on devices and providers that really run: spec/privacy-modes.md, "Mandates".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BANNED_ROLE, MEMBER_ROLE, MODERATOR_ROLE, NO_ROLE } from '../../ts/room/index.ts';
import type { HubPart } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying } from '../support/lying_sender.ts';
import { DOMAINS, HUB, mandateScene, roleIn } from '../support/mandate_scene.ts';
import { until } from '../support/until.ts';

const bytes = (content: string) => new TextEncoder().encode(content);

let world: World;
beforeEach(async () => {
  world = await World.open(...DOMAINS);
});
afterEach(() => world[Symbol.asyncDispose]());

describe.each(['open', 'pseudonymous', 'hub-visible'])('a mandate in a room of mode %s', (mode) => {
  test('to ban a user is carried out by a plain member, and every member accepts it', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    const issued = await world.provider(HUB).mandate(uri, { ban: bob.name });
    expect(issued).toEqual({ sequence: 1 });
    await settle();
    expect(roleIn(alice, bob.name)).toBe(MEMBER_ROLE);
    await carol.room.commitPending();
    await settle();
    expect(bob.room.status).toBe('removed');
    for (const seat of [alice, carol]) {
      expect(seat.room.epoch).toBe(carol.room.epoch);
      expect(roleIn(seat, bob.name)).toBe(BANNED_ROLE);
      expect(seat.room.users()).toEqual([alice.name, carol.name]);
      expect(seat.room.pendingProposals).toBe(0);
    }
    await carol.room.send(bytes('after'));
    await settle();
    expect(await alice.room.messages()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test('to unban a user, or to give it another role, is carried out likewise, by rising numbers', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    const hub = world.provider(HUB);
    await hub.mandate(uri, { role: { user: bob.name, role: MODERATOR_ROLE } });
    await settle();
    await carol.room.commitPending();
    await settle();
    expect(roleIn(alice, bob.name)).toBe(MODERATOR_ROLE);
    expect(await hub.mandate(uri, { ban: bob.name })).toEqual({ sequence: 2 });
    await settle();
    await carol.room.commitPending();
    await settle();
    expect(await hub.mandate(uri, { unban: bob.name })).toEqual({ sequence: 3 });
    await settle();
    await carol.room.commitPending();
    await settle();
    expect(roleIn(alice, bob.name)).toBe(NO_ROLE);
    expect(carol.room.epoch).toBe(alice.room.epoch);
    expect(problems).toEqual([]);
  });

  test('to remove a user takes it out with its devices and its place, and it may come back', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { remove: bob.name });
    await settle();
    expect(carol.room.pendingProposals).toBe(1);
    await carol.room.commitPending();
    await settle();
    expect(bob.room.status).toBe('removed');
    for (const seat of [alice, carol]) {
      expect(roleIn(seat, bob.name)).toBe(NO_ROLE);
      expect(seat.room.users()).toEqual([alice.name, carol.name]);
    }
    const again = await bob.device.joinByLink(await alice.room.createJoinLink());
    await settle();
    expect(again.status).toBe('active');
    expect(alice.room.users()).toHaveLength(3);
    expect(problems).toEqual([]);
  });

  test('to remove a user keeps it out while it waits', async () => {
    const { uri, alice, bob, problems, settle } = await mandateScene(world, mode);
    await alice.room.kick(bob.name);
    await settle();
    await world.provider(HUB).mandate(uri, { remove: bob.name });
    await expect(bob.device.joinExternally(uri, { mode })).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'mandate' },
    });
    await settle();
    await alice.room.commitPending();
    await settle();
    expect(roleIn(alice, bob.name)).toBe(NO_ROLE);
    expect(problems).toEqual([]);
  });

  test('must be in the next commit: one without it is refused, and made anew behind it', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    const { epoch } = carol.room;
    await carol.room.selfUpdate();
    expect(carol.answers).toEqual(['mandate', 'success', 'success']);
    expect(carol.room.epoch).toBe(epoch + 2n);
    await settle();
    expect(bob.room.status).toBe('removed');
    expect(alice.room.epoch).toBe(carol.room.epoch);
    expect(problems).toEqual([]);
  });

  test('is made by itself before what its member wants, though both are about the same user', async () => {
    const { uri, alice, bob, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { role: { user: bob.name, role: MODERATOR_ROLE } });
    await settle();
    await alice.room.remove(bob.name);
    await settle();
    expect(alice.answers).toEqual(['success', 'success']);
    expect(roleIn(alice, bob.name)).toBe(NO_ROLE);
    expect(bob.room.status).toBe('removed');
  });

  test('binds from when it was given: whom it bans neither sends nor comes in again, nor delays it by leaving', async () => {
    const { uri, alice, bob, carol, problems, settle: all } = await mandateScene(world, mode);
    const second = await world.device('b.example', 'bob-2');
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await expect(bob.room.send(bytes('still here'))).rejects.toMatchObject({ code: 'refused' });
    await expect(second.joinExternally(uri, { mode })).rejects.toMatchObject({
      details: { rule: 'R18-banned' },
    });
    await bob.room.leave();
    await all();
    await carol.room.commitPending();
    await all();
    expect(roleIn(alice, bob.name)).toBe(BANNED_ROLE);
    expect(alice.room.users()).toEqual([alice.name, carol.name]);
    expect(alice.room.epoch).toBe(carol.room.epoch);
    expect(problems.filter(({ code }) => code !== 'notSent')).toEqual([]);
  });

  test('takes out who leaves meanwhile, too: of a list a commit has one change', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await settle();
    await carol.room.leave();
    await settle();
    await alice.room.commitPending();
    await settle();
    expect(alice.room.participants()).toHaveLength(2);
    expect(roleIn(alice, bob.name)).toBe(BANNED_ROLE);
    expect([bob.room.status, carol.room.status]).toEqual(['removed', 'left']);
    expect(problems).toEqual([]);
  });

  test('outlives a restart of a member that has seen it', async () => {
    const { uri, alice, bob, carol, settle: all } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { role: { user: bob.name, role: MODERATOR_ROLE } });
    await all();
    await carol.device.close();
    const again = await world.reopen('c.example', 'carol-1', { storage: carol.storage });
    await again.room(uri)?.commitPending();
    await settle(alice.device);
    expect(roleIn(alice, bob.name)).toBe(MODERATOR_ROLE);
  });

  test('outlives a restart of the hub', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await world.restart(HUB);
    await expect(world.provider(HUB).mandate(uri, { ban: carol.name })).rejects.toMatchObject({
      code: 'mandateOpen',
    });
    await carol.room.selfUpdate();
    await settle();
    expect(carol.answers).toContain('mandate');
    expect(roleIn(alice, bob.name)).toBe(BANNED_ROLE);
    await world.restart(HUB);
    expect(await world.provider(HUB).mandate(uri, { unban: bob.name })).toEqual({ sequence: 2 });
    expect(problems).toEqual([]);
  });

  test('that an external commit overtakes is made anew, and reaches the newcomer', async () => {
    const { uri, alice, bob, carol, problems, settle: all } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    const second = await world.device(HUB, 'alice-2');
    const seconds = await second.joinExternally(uri, { mode });
    expect(seconds.members()).toHaveLength(4);
    await all();
    await settle(second, alice.device);
    await seconds.commitPending();
    await settle(second, alice.device, bob.device, carol.device);
    for (const room of [alice.room, carol.room, seconds]) {
      expect(room.members()).toHaveLength(3);
      expect(room.epoch).toBe(seconds.epoch);
    }
    expect(roleIn(carol, bob.name)).toBe(BANNED_ROLE);
    expect(bob.room.status).toBe('removed');
    expect(problems).toEqual([]);
  });

  test('is carried out by a device that runs, though nothing else waits', async () => {
    const { uri, alice, bob, carol } = await mandateScene(world, mode);
    const stop = new AbortController();
    const running = [alice, carol].map(({ device }) => device.run(stop.signal));
    await world.provider(HUB).mandate(uri, { role: { user: bob.name, role: MODERATOR_ROLE } });
    await until('the new role', () => roleIn(carol, bob.name) === MODERATOR_ROLE);
    stop.abort();
    await Promise.all(running);
  });

  test('leaves the device that it takes out running until it is out', async () => {
    const { uri, bob, carol, problems } = await mandateScene(world, mode);
    const stop = new AbortController();
    const running = bob.device.run(stop.signal);
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(bob.room.status).toBe('active');
    expect(await bob.room.send(bytes('waits'))).not.toHaveProperty('acceptedAt');
    await carol.room.selfUpdate();
    await until('the removal', () => bob.room.status === 'removed');
    stop.abort();
    await running;
    expect(problems.map(({ code }) => code)).toEqual(['notSent']);
  });
});

describe('a mandate that the hub has not shown to a member', () => {
  test.each(['pseudonymous', 'hub-visible'])('comes with the commit in mode %s', async (mode) => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, mode);
    alice.blind = true;
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await settle();
    await carol.room.commitPending();
    await settle();
    expect(alice.room.epoch).toBe(carol.room.epoch);
    expect(problems).toEqual([]);
  });

  test('is none for it in mode open: it does not follow the commit', async () => {
    const { uri, alice, bob, carol, problems, settle } = await mandateScene(world, 'open');
    alice.blind = true;
    await world.provider(HUB).mandate(uri, { ban: bob.name });
    await settle();
    await carol.room.commitPending();
    await settle();
    expect(problems.map(({ code }) => code)).toContain('R22-mandate');
    expect(alice.room.epoch).not.toBe(carol.room.epoch);
  });
});

test('while a mandate waits, a newcomer that would keep it from the members is refused', async () => {
  const { uri, bob } = await mandateScene(world, 'pseudonymous');
  await world.provider(HUB).mandate(uri, { ban: bob.name });
  const second = await world.device(HUB, 'alice-2');
  const join = () => second.joinExternally(uri, { mode: 'pseudonymous' });
  const unannounced = (part: HubPart) => ({ ...part, announcement: new Uint8Array() });
  await expect(lying('pseudonymous', { part: unannounced }, join)).rejects.toMatchObject({
    details: { rule: 'announcement' },
  });
  await expect(join()).resolves.toMatchObject({ status: 'active' });
});

describe('what a follower is shown of a mandate', () => {
  const seen = async (mode: string) => {
    const { uri, bob, carol, settle } = await mandateScene(world, mode);
    await world.provider(HUB).mandate(uri, { role: { user: bob.name, role: MODERATOR_ROLE } });
    await settle();
    await carol.room.commitPending();
    await settle();
    // Place 1 of the list, role 3; nothing removed, nothing added.
    const update = [8, 0, 0, 0, 1, 0, 0, 0, MODERATOR_ROLE, 0, 0];
    const { entries } = await world.provider('c.example').inspect(uri);
    const events = entries.filter(({ what }) => what === 'mandate');
    const records = await world.store('c.example').read('rooms-0', 1, 1000);
    const stored = records.map(({ bytes: record }) => Buffer.from(record));
    return {
      events: events.length,
      shown: stored.some((record) => record.includes(Buffer.from(update))),
    };
  };

  test('is what it says in mode pseudonymous', async () => {
    expect(await seen('pseudonymous')).toEqual({ events: 1, shown: true });
  });

  test('is only that there is one in mode hub-visible', async () => {
    expect(await seen('hub-visible')).toEqual({ events: 1, shown: false });
  });
});
