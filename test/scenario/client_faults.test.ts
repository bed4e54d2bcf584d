// Requests and answers that are lost, repeated or late: the stream settles what became of them.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientError, type Connection, type Device, type Room } from '../../ts/client/index.ts';
import { type FaultPlan, faultConnection } from '../support/fault_connection.ts';
import { settle, World } from '../support/in_process_connection.ts';

const bytes = (content: string) => new TextEncoder().encode(content);
const contents = async (room: Room | undefined) =>
  (await room?.messages())?.map(({ content }) => new TextDecoder().decode(content));

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** Alice's room at the hub with Bob of the follower, whose connection has faults once `plan` is armed. */
async function pair(plan: FaultPlan, dropped: 'unavailable' | 'unknown' = 'unknown') {
  let armed = false;
  const wrap = (inner: Connection) =>
    faultConnection(inner, (operation, nth) => (armed ? plan(operation, nth) : undefined), dropped);
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('b.example', 'bob-1', { wrap });
  const room = await hers.createRoom();
  await his.allow(hers.account.user);
  await room.invite(his.account.user);
  await settle(hers, his);
  const hisRoom = (await his.invitations()[0]?.accept()) as Room;
  armed = true;
  const disarm = () => {
    armed = false;
  };
  return { hers, his, room, hisRoom, disarm };
}

/** A fault at the first call of an operation after arming. */
function firstOf(operation: string, fault: ReturnType<FaultPlan>): FaultPlan {
  let struck = false;
  return (called) => {
    if (called !== operation || struck) return undefined;
    struck = true;
    return fault;
  };
}

for (const fault of ['dropRequest', 'dropResponse', 'duplicate', { delayMs: 50 }] as const) {
  const name = typeof fault === 'string' ? fault : 'delay';

  test(`a commit whose request meets ${name} takes effect once`, async () => {
    const { hers, his, room, hisRoom } = await pair(firstOf('update', fault));
    const before = room.epoch;

    await hisRoom.selfUpdate();
    await settle(hers, his);

    expect([room.epoch, hisRoom.epoch]).toEqual([before + 1n, before + 1n]);
  });

  test(`a message whose request meets ${name} arrives once`, async () => {
    const { hers, his, room, hisRoom } = await pair(firstOf('submitMessage', fault));

    await hisRoom.send(bytes('one'));
    await hisRoom.send(bytes('two'));
    await settle(hers, his);

    expect(await contents(room)).toEqual(['one', 'two']);
    expect(await contents(hisRoom)).toEqual(['one', 'two']);
    expect(hisRoom.unsent).toBe(0);
  });

  test(`an answer of the stream that meets ${name} loses and repeats nothing`, async () => {
    const { hers, his, room, hisRoom } = await pair(firstOf('sync', fault));
    await room.send(bytes('one'));

    await his.sync().catch(() => undefined);
    await settle(hers, his);

    expect(await contents(hisRoom)).toEqual(['one']);
  });
}

test('a message for an ended epoch, whose answer is lost, is encrypted anew and arrives once', async () => {
  const { hers, his, room, hisRoom, disarm } = await pair((operation) =>
    operation === 'submitMessage' ? 'dropRequest' : undefined,
  );
  const sent = await hisRoom.send(bytes('late'));
  expect(sent.acceptedAt).toBeUndefined();
  await room.selfUpdate();
  await settle(hers);

  disarm();
  await settle(hers, his);
  await settle(hers, his);

  expect(await contents(room)).toEqual(['late']);
  const [own] = await hisRoom.messages();
  expect(own).toMatchObject({ localId: sent.localId, own: true, epoch: room.epoch });
});

test('an accepted message whose answer is lost is not sent anew after the epoch ends', async () => {
  const { hers, his, room, hisRoom } = await pair(firstOf('submitMessage', 'dropResponse'));
  await hisRoom.send(bytes('once'));
  await settle(hers);
  await room.selfUpdate();
  await settle(hers, his);
  await settle(hers, his);

  expect(await contents(room)).toEqual(['once']);
  expect(await contents(hisRoom)).toEqual(['once']);
});

test('a change that surely did not reach the hub is taken back, and the room goes on', async () => {
  const { hers, his, room, hisRoom, disarm } = await pair(
    (operation) => (operation === 'update' ? 'dropRequest' : undefined),
    'unavailable',
  );
  const before = hisRoom.epoch;

  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'unavailable' });
  expect(hisRoom.epoch).toBe(before);
  disarm();
  await room.selfUpdate();
  await settle(hers, his);
  await hisRoom.selfUpdate();
  await settle(hers, his);

  expect([room.epoch, hisRoom.epoch]).toEqual([before + 2n, before + 2n]);
});

test('a change of unknown outcome that was accepted is settled by the stream', async () => {
  const { hers, his, room, hisRoom, disarm } = await pair((operation) =>
    operation === 'update' ? 'dropResponse' : undefined,
  );
  const before = hisRoom.epoch;

  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'unknown' });
  disarm();
  await settle(hers, his);

  expect([room.epoch, hisRoom.epoch]).toEqual([before + 1n, before + 1n]);
});

test('a change of unknown outcome that never arrived goes out with a later sync', async () => {
  const { hers, his, room, hisRoom, disarm } = await pair((operation) =>
    operation === 'update' ? 'dropRequest' : undefined,
  );
  const before = hisRoom.epoch;

  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'unknown' });
  disarm();
  await settle(hers, his);

  expect([room.epoch, hisRoom.epoch]).toEqual([before + 1n, before + 1n]);
});

test('a room whose creation meets a lost answer is there once, and is this device’s', async () => {
  let lose = true;
  const wrap = (inner: Connection) =>
    faultConnection(inner, (operation) => {
      if (operation !== 'createRoom' || !lose) return undefined;
      lose = false;
      return 'dropResponse';
    });
  const device: Device = await world.device('a.example', 'alice-1', { wrap });

  const room = await device.createRoom();
  await room.send(bytes('mine'));
  await settle(device);

  expect(room.status).toBe('active');
  expect(await contents(room)).toEqual(['mine']);
});

test('a leave whose answer is lost is proposed once', async () => {
  const { hers, his, room, hisRoom } = await pair(firstOf('update', 'dropResponse'));

  await hisRoom.leave();
  await settle(hers, his);

  expect(hisRoom.status).toBe('leaving');
  expect(room.pendingProposals).toBe(1);
  await room.commitPending();
  await settle(hers, his);
  expect(hisRoom.status).toBe('left');
});

test('a commit whose answer is lost is kept while the provider is away, and its outcome awaited', async () => {
  let updates = 0;
  const { hers, his, room, hisRoom, disarm } = await pair((operation) => {
    if (operation !== 'update') return undefined;
    updates += 1;
    return updates === 1 ? 'dropResponse' : 'dropRequest';
  }, 'unavailable');
  const before = room.epoch;

  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'unknown' });
  // The provider stays away for the next tries: what the first one did is still open.
  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({ code: 'unknown' });
  disarm();
  await settle(hers, his);

  expect(hisRoom.status).toBe('active');
  expect([room.epoch, hisRoom.epoch]).toEqual([before + 1n, before + 1n]);
});

test('a message that the provider refuses is given up, and does not hold up the next', async () => {
  let refuse = true;
  const wrap = (inner: Connection): Connection => ({
    call: async (operation, id, body, options) => {
      if (operation === 'submitMessage' && refuse) {
        refuse = false;
        throw new ClientError('refused', undefined, { details: { code: 'tooLarge' } });
      }
      return inner.call(operation, id, body, options);
    },
  });
  const device = await world.device('a.example', 'alice-1', { wrap });
  const room = await device.createRoom();

  await expect(room.send(bytes('refused'))).rejects.toMatchObject({
    code: 'refused',
    details: { code: 'tooLarge' },
  });
  await room.send(bytes('taken'));
  await settle(device);

  expect(room.unsent).toBe(0);
  expect(await contents(room)).toEqual(['taken']);
});

test('messages that wait over the end of an epoch, and one sent after it, can all be read, in order', async () => {
  const { hers, his, room, hisRoom, disarm } = await pair((operation) =>
    operation === 'submitMessage' ? 'dropRequest' : undefined,
  );
  const said = Array.from({ length: 9 }, (_, index) => `${index}`);
  for (const content of said.slice(0, -1)) await hisRoom.send(bytes(content));
  await room.selfUpdate();
  await settle(hers, his);
  // The former eight must be encrypted anew, before this one.
  await hisRoom.send(bytes(said.at(-1) as string));

  disarm();
  await settle(hers, his);
  await settle(hers, his);

  expect(await room.gaps()).toEqual([]);
  expect(await contents(room)).toEqual(said);
  expect(await contents(hisRoom)).toEqual(said);
});
