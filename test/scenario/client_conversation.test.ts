// A room's life as its members see it, over real providers: create, invite, talk, change, leave, come back.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientError, type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { clientUri, roomUri, userUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (content: string) => new TextEncoder().encode(content);
const alice = userUri('a.example', 'alice');
const bob = userUri('a.example', 'bob');
const carol = userUri('b.example', 'carol');

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
});
afterEach(() => world[Symbol.asyncDispose]());

async function join(host: Device, room: Room, guest: Device): Promise<Room> {
  await guest.allow(host.account.user);
  await room.invite(guest.account.user);
  await settle(host, guest);
  const [invitation] = guest.invitations();
  if (invitation === undefined) throw new Error('no invitation came');
  return invitation.accept();
}

const said = async (room: Room | undefined) =>
  (await room?.messages())?.map(
    ({ sender, content }) => `${sender.split('/').at(-1)}: ${text(content)}`,
  );

test('two users talk in a room, and both have the same history', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const herRoom = await hers.createRoom(roomUri('a.example', 'club'));
  const hisRoom = await join(hers, herRoom, his);

  const first = await herRoom.send(bytes('hello'));
  await settle(his);
  await hisRoom.send(bytes('hi'));
  await settle(hers, his);

  expect(await said(herRoom)).toEqual(['alice: hello', 'bob: hi']);
  expect(await said(hisRoom)).toEqual(await said(herRoom));
  const [sent] = await herRoom.messages();
  const [received] = await hisRoom.messages();
  expect(sent).toMatchObject({ own: true, localId: first.localId, id: first.id });
  expect(received).toMatchObject({
    own: false,
    id: first.id,
    client: clientUri('a.example', 'alice-1'),
  });
  expect(received?.acceptedAt).toBe(first.acceptedAt);
  expect(herRoom.users()).toEqual([alice, bob]);
});

test('a user of another provider takes part through its own provider', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const carols = await world.device('b.example', 'carol-1');
  const herRoom = await hers.createRoom();
  const carolsRoom = await join(hers, herRoom, carols);

  await carolsRoom.send(bytes('from b'));
  await settle(hers, carols);
  await herRoom.send(bytes('from a'));
  await settle(hers, carols);

  expect(await said(herRoom)).toEqual(['carol: from b', 'alice: from a']);
  expect(await said(carolsRoom)).toEqual(await said(herRoom));
  expect(carolsRoom.users()).toEqual([alice, carol]);
});

test('an invitation adds all devices of a user, and each of them reads everything from then on', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const phone = await world.device('a.example', 'bob-phone');
  const laptop = await world.device('a.example', 'bob-laptop');
  const room = await hers.createRoom();
  await phone.allow(alice);

  const invited = await room.invite(bob);
  await room.send(bytes('to both'));
  await settle(hers, phone, laptop);

  expect([...invited.added].sort()).toEqual([laptop.client, phone.client].sort());
  for (const device of [phone, laptop]) {
    const joined = await device.invitations()[0]?.accept();
    expect(await said(joined)).toEqual(['alice: to both']);
  }
});

test('what comes before an invitation is accepted waits, and is in the history after it', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  await his.allow(alice);
  await room.invite(bob);
  await room.send(bytes('one'));
  await room.selfUpdate();
  await room.send(bytes('two'));
  await settle(his);

  expect(his.rooms()).toEqual([]);
  const joined = await his.invitations()[0]?.accept();

  expect(await said(joined)).toEqual(['alice: one', 'alice: two']);
  expect(joined?.epoch).toBe(room.epoch);
  expect(his.invitations()).toEqual([]);
});

test('who declines an invitation is taken out again by the next commit', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  await his.allow(alice);
  await room.invite(bob);
  await settle(his);

  await his.invitations()[0]?.decline();
  await settle(hers);
  await room.commitPending();

  expect(room.users()).toEqual([alice]);
  expect(his.rooms()).toEqual([]);
});

test('who declines goes also where a newcomer makes that void, and where the provider was away', async () => {
  const hers = await world.device('a.example', 'alice-1');
  let down = false;
  const his = await world.device('a.example', 'bob-1', {
    wrap: (inner) => ({
      call: async (operation, id, body, options) => {
        if (down && operation === 'update') throw new ClientError('unavailable');
        return inner.call(operation, id, body, options);
      },
    }),
  });
  const room = await hers.createRoom();
  const link = await room.createJoinLink();
  await his.allow(alice);
  await room.invite(bob);
  await settle(his);
  down = true;
  await expect(his.invitations()[0]?.decline()).rejects.toMatchObject({ code: 'unavailable' });
  expect(his.room(room.uri)).toBeUndefined();
  down = false;
  await settle(his, hers);
  expect(room.pendingProposals).toBeGreaterThan(0);

  const carols = await world.device('b.example', 'carol-1');
  await carols.joinByLink(link);
  await settle(hers, his, carols);
  expect(room.users()).toEqual([alice, bob, carol]);
  await room.commitPending();
  expect(room.users()).toEqual([alice, carol]);
  await settle(his);
  expect(his.rooms()).toEqual([]);
});

test('who leaves is taken out by the commit of another member, learns it, and sends no more', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  let removed = 0;
  his.on('removed', () => {
    removed += 1;
  });

  await hisRoom.leave();
  expect(hisRoom.status).toBe('leaving');
  await settle(hers);
  expect(room.pendingProposals).toBe(1);
  await room.commitPending();
  await settle(hers, his);

  expect(room.users()).toEqual([alice]);
  expect(hisRoom.status).toBe('left');
  expect(removed).toBe(1);
  await expect(hisRoom.send(bytes('?'))).rejects.toMatchObject({ code: 'notActive' });
});

test('a wish to leave that a newcomer’s external commit made void is said again', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const second = await world.device('a.example', 'alice-2');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  await hisRoom.leave();
  await second.joinExternally(room.uri);
  await settle(his, hers);

  expect(room.pendingProposals).toBe(1);
  await room.commitPending();
  await settle(hers, his, second);

  expect(hisRoom.status).toBe('left');
  expect(second.room(room.uri)?.users()).toEqual([alice]);
});

test('a user with two devices leaves with both', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const phone = await world.device('a.example', 'bob-phone');
  const laptop = await world.device('a.example', 'bob-laptop');
  const room = await hers.createRoom();
  await phone.allow(alice);
  await room.invite(bob);
  await settle(hers, phone, laptop);
  const onPhone = (await phone.invitations()[0]?.accept()) as Room;
  const onLaptop = (await laptop.invitations()[0]?.accept()) as Room;

  await onPhone.leave();
  await settle(hers, phone, laptop);
  expect(onLaptop.status).toBe('leaving');
  await room.commitPending();
  await settle(hers, phone, laptop);

  expect(room.users()).toEqual([alice]);
  expect([onPhone.status, onLaptop.status]).toEqual(['left', 'left']);
});

test('a message sent while proposals wait commits them first', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const carols = await world.device('b.example', 'carol-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  await join(hers, room, carols);
  await settle(hers, his, carols);
  await hisRoom.leave();
  await settle(hers);

  await room.send(bytes('without bob'));
  await settle(hers, his, carols);

  expect(room.users()).toEqual([alice, carol]);
  expect(await said(carols.rooms()[0])).toEqual(['alice: without bob']);
  expect(await said(hisRoom)).toEqual([]);
});

test('who is removed learns it and gets nothing more', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);

  await room.remove(bob);
  await room.send(bytes('secret'));
  await settle(hers, his);

  expect(hisRoom.status).toBe('removed');
  expect(his.rooms()).toEqual([]);
  expect(await said(hisRoom)).toEqual([]);
  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'notActive' });
});

test('who was removed while away and is added again joins anew', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  await room.send(bytes('while he was in'));
  await room.remove(bob);
  await room.send(bytes('while he was out'));
  await room.invite(bob);
  await settle(hers, his);

  expect(hisRoom.status).toBe('invited');
  await his.invitations()[0]?.accept();
  await hisRoom.send(bytes('back'));
  await settle(hers, his);

  expect(await said(hisRoom)).toEqual(['alice: while he was in', 'bob: back']);
  expect(await hisRoom.gaps()).toEqual([]);
  expect(await said(room)).toHaveLength(3);
});

test('a new device of a participant joins by itself', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const carols = await world.device('b.example', 'carol-1');
  const room = await hers.createRoom();
  await join(hers, room, carols);

  for (const [domain, name] of [
    ['a.example', 'alice-2'],
    ['b.example', 'carol-2'],
  ] as const) {
    const fresh = await world.device(domain, name);
    const joined = await fresh.joinExternally(room.uri);
    await joined.send(bytes(`from ${name}`));
  }
  await settle(hers, carols);

  expect(await said(room)).toEqual(['alice: from alice-2', 'carol: from carol-2']);
  expect(room.users()).toEqual([alice, carol]);
  expect(room.members()).toHaveLength(4);
});

test('a stranger may not join by itself', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const strangers = await world.device('b.example', 'eve-1');
  const room = await hers.createRoom();

  await expect(strangers.joinExternally(room.uri)).rejects.toMatchObject({
    code: 'refused',
    details: { code: 'notAuthorized' },
  });
  expect(strangers.rooms()).toEqual([]);
});

test('a user whose device lost all its state joins with a new one and takes the lost one out', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  await join(hers, room, his);
  await room.send(bytes('before'));
  await settle(hers, his);

  const fresh = await world.device('a.example', 'bob-2', { storage: memoryKeyValue() });
  const again = await fresh.joinExternally(room.uri);
  await again.removeClient(his.client);
  await settle(hers, fresh);
  await room.send(bytes('after'));
  await settle(fresh);
  await again.send(bytes('here'));
  await settle(hers, fresh);

  expect(await said(again)).toEqual(['alice: after', 'bob: here']);
  expect(room.members().map(({ client }) => client)).toEqual([hers.client, fresh.client]);
});

test('who has left can be invited again and takes part as before', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  const herSecond = await world.device('a.example', 'alice-2');
  await herSecond.joinExternally(room.uri);
  await settle(hers, his);

  await hisRoom.leave();
  await settle(hers, herSecond);
  await room.commitPending();
  await settle(hers, his, herSecond);
  expect(hisRoom.status).toBe('left');
  await room.invite(bob);
  await settle(hers, his, herSecond);
  await his.invitations()[0]?.accept();
  await hisRoom.send(bytes('again'));
  await settle(hers);

  expect(await said(room)).toEqual(['bob: again']);
});

test('a device that lost all its state joins again under its name and takes its lost leaf out', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  await join(hers, room, his);
  await room.send(bytes('before'));
  await settle(hers, his);

  const reborn = await world.device('a.example', 'bob-1', { storage: memoryKeyValue() });
  const again = await reborn.joinExternally(room.uri);
  await settle(hers);
  await room.send(bytes('after'));
  await settle(reborn);
  await again.send(bytes('here'));
  await settle(hers, reborn);

  expect(await said(room)).toEqual(['alice: before', 'alice: after', 'bob: here']);
  expect(await said(again)).toEqual(['alice: after', 'bob: here']);
  expect(room.members().map(({ client }) => client)).toEqual([hers.client, reborn.client]);
});

test('the largest message arrives, a larger one is refused before it is stored', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();
  const hisRoom = await join(hers, room, his);
  const most = (1 << 20) - 1024;

  await expect(room.send(new Uint8Array(most + 1))).rejects.toMatchObject({
    code: 'refused',
    details: { code: 'tooLarge', limit: most },
  });
  expect(room.unsent).toBe(0);
  await room.send(new Uint8Array(most));
  await settle(hers, his);

  expect((await hisRoom.messages()).map(({ content }) => content.length)).toEqual([most]);
});

test('a room without others is left at once', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const room = await hers.createRoom();

  await room.leave();

  expect(room.status).toBe('left');
  expect(hers.rooms()).toEqual([]);
});

test('nobody is invited without having consented', async () => {
  const hers = await world.device('a.example', 'alice-1');
  await world.device('a.example', 'bob-1');
  const room = await hers.createRoom();

  await expect(room.invite(bob)).rejects.toMatchObject({
    code: 'noKeyMaterial',
    details: { userStatus: 'noConsent' },
  });
  expect(room.epoch).toBe(0n);
});

test('a room that exists is not created again', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const uri = roomUri('a.example', 'club');
  await hers.createRoom(uri);

  await expect(his.createRoom(uri)).rejects.toMatchObject({ code: 'refused' });
  await expect(hers.createRoom(uri)).rejects.toMatchObject({ code: 'roomExists' });
  expect(his.rooms()).toEqual([]);
});

test('several users come in by one commit, and none of them where one cannot be added', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1');
  const carols = await world.device('b.example', 'carol-1');
  const herRoom = await hers.createRoom();
  await his.allow(alice);

  await expect(herRoom.inviteAll([bob, carol])).rejects.toMatchObject({ code: 'noKeyMaterial' });
  expect(herRoom.users()).toEqual([alice]);

  await carols.allow(alice);
  const { epoch } = herRoom;
  const { added } = await herRoom.inviteAll([bob, carol, bob]);
  expect(added).toEqual([clientUri('a.example', 'bob-1'), clientUri('b.example', 'carol-1')]);
  expect(herRoom.epoch).toBe(epoch + 1n);
  await settle(hers, his, carols);
  for (const guest of [his, carols]) expect(await guest.invitations()[0]?.accept()).toBeDefined();
  expect(await herRoom.inviteAll([bob, carol])).toEqual({ added: [], missing: [] });
});
