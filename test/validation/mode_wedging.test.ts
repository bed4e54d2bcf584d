// Attempts to wedge a room from its edge: by knowing a join link's id only, by slots of somebody who is no member, and by
// a wrong write key.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { HOT_PREFIX } from '../../ts/client/state/keys.ts';
import {
  contextHash,
  encodeLink,
  joinSlot,
  joinTokenSlot,
  linkPublic,
  linkToken,
  Membership,
  parseLink,
  sealNextWriteKey,
  writeMac,
} from '../../ts/privacy/index.ts';
import { decodeLinkPublic, sealJoinRecord } from '../../ts/privacy/parts/join_link.ts';
import { decodeHeldGroupInfo } from '../../ts/provider/records/room_rows.ts';
import { roomRows } from '../../ts/provider/rows.ts';
import {
  decodeGroupInfo,
  decodeHubPart,
  decodeModeUpdate,
  decodeUpdateRoomResponse,
  encodeHubPart,
  encodeModeUpdate,
  encodeModeUpdateBody,
  encodeRoomSlots,
  groupIdOf,
  roomUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';

const bytes = (content: string) => new TextEncoder().encode(content);

let world: World;
let bob: Device;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
  bob = await world.device('b.example', 'bob-1');
});
afterEach(() => world[Symbol.asyncDispose]());

async function enter(host: Device, room: Room, guest: Device): Promise<Room> {
  for (const device of [host, guest]) await device.connections.publish(2);
  await host.connections.connect(guest.account.user);
  await guest.connections.check();
  await guest.connections.accept(host.account.user);
  await host.connections.check();
  await room.invite(guest.account.user);
  await settle(host, guest);
  const [invitation] = guest.invitations();
  if (invitation === undefined) throw new Error('no invitation came');
  return invitation.accept();
}

/** A connection that answers some calls itself, or changes their bodies. */
function tampered(
  connection: Connection,
  tamper: (operation: string, body: Uint8Array) => Promise<Uint8Array | undefined>,
): Connection {
  return {
    call: async (operation, id, body, options) =>
      (await tamper(operation, body)) ?? connection.call(operation, id, body, options),
  };
}

describe.each(['pseudonymous', 'hub-visible'])('in a room of mode %s', (mode) => {
  test('who knows a join link by its id only is refused by the hub, and the room goes on', async () => {
    const alice = await world.device('a.example', 'alice-1');
    const room = await alice.createRoom(roomUri('a.example', 'club'), { mode });
    const bobs = await enter(alice, room, bob);
    const link = parseLink(await room.createJoinLink());
    await settle(alice, bob);
    const forged = { ...link, secret: new Uint8Array(32).fill(9) };
    const record = async () => {
      const row = await world.stores.get('a.example')?.get('rooms-0', roomRows.groupInfo(room.uri));
      const { groupInfo } = decodeHeldGroupInfo(row as Uint8Array);
      const { epoch, bytes: context } = decodeGroupInfo(groupInfo).groupContext;
      const value = sealJoinRecord(
        1,
        { groupId: groupIdOf(room.uri), linkId: link.id },
        decodeLinkPublic(linkPublic(1, forged.secret)),
        {
          epoch,
          contextHash: contextHash(context),
          epochKey: new Uint8Array(32).fill(9),
          wrapper: new Uint8Array(32),
        },
      );
      return encodeRoomSlots({
        epoch,
        slots: [{ ...joinSlot(joinTokenSlot(linkToken(forged.secret))), epoch, versions: [value] }],
      });
    };
    const mallory = await world.device('b.example', 'mallory-1', {
      wrap: (connection) =>
        tampered(connection, async (operation) =>
          operation === 'roomSlots' ? record() : undefined,
        ),
    });

    await expect(mallory.joinByLink(encodeLink(forged))).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'R23-join-link' },
    });
    await bobs.send(bytes('still here'));
    await settle(alice, bob);
    expect(room.status).toBe('active');
    expect((await room.messages()).length).toBe(1);
  });

  test('slots of somebody who is no member are refused', async () => {
    const alice = await world.device('a.example', 'alice-1');
    const room = await alice.createRoom(roomUri('a.example', 'club'), { mode });
    await enter(alice, room, bob);
    let shared: Uint8Array | undefined;
    const carol = await world.device('a.example', 'carol-1');
    const connection = world.connection('a.example', carol.account.user, 'carol-1');
    // Carol sends what a member has sent, without what shows that it is a member's.
    const spy = await world.reopen('a.example', 'alice-2', {
      wrap: (inner) =>
        tampered(inner, async (operation, body) => {
          if (operation === 'update') shared = body;
          return undefined;
        }),
    });
    await spy.joinExternally(room.uri, { mode });
    await settle(alice, bob, spy);
    await spy.room(room.uri)?.shareWrapper();
    const update = decodeModeUpdate(shared as Uint8Array);
    expect(update.kind).toBe('slots');
    const body = encodeModeUpdate({ ...update, proof: new Uint8Array() });
    const answer = decodeUpdateRoomResponse(await connection.call('update', room.uri, body));
    expect(answer).toMatchObject({ code: 'notAllowed' });
    expect(answer.errorDescription).toContain('R9-sender-participates');
  });
});

test('a committer that brings a wrong write key stops the room once: a member heals it', async () => {
  const storage = memoryKeyValue();
  let spoils = false;
  const alice = await world.device('a.example', 'alice-1', {
    storage,
    wrap: (connection) => ({
      call: async (operation, id, body, options) => {
        const sent = spoils && operation === 'update' ? await withWrongKey(body) : body;
        return connection.call(operation, id, sent, options);
      },
    }),
  });
  async function withWrongKey(body: Uint8Array): Promise<Uint8Array> {
    const update = decodeModeUpdate(body);
    const rows = await storage.load(HOT_PREFIX);
    const row = rows.find(({ key }) => key[1] === 5)?.value;
    const writeKey = Membership.decode(row as Uint8Array).current.keys?.writeKey as Uint8Array;
    const { groupId, epoch } = update;
    const wrong = sealNextWriteKey(writeKey, { groupId, epoch: epoch + 1n }, new Uint8Array(32));
    const part = { ...decodeHubPart(update.hubPart), nextWriteKey: wrong };
    const changed = { ...update, hubPart: encodeHubPart(part) };
    const proven = encodeModeUpdateBody(changed);
    const proof = writeMac(writeKey, { endpoint: 'update', groupId, epoch, body: proven });
    return encodeModeUpdate({ ...changed, proof });
  }
  const room = await alice.createRoom(roomUri('a.example', 'club'), { mode: 'members-only' });
  const bobs = await enter(alice, room, bob);
  spoils = true;
  await room.selfUpdate();
  spoils = false;
  await settle(alice, bob);

  await expect(bobs.selfUpdate()).rejects.toMatchObject({
    code: 'refused',
    details: { rule: 'writeKey' },
  });
  expect(bobs.status).toBe('stale');
  const { room: next, missing } = await bobs.succeed();
  await settle(alice, bob);
  expect(missing).toEqual([]);
  const [invitation] = alice.invitations();
  expect(invitation?.room).toBe(next);
  const healed = await invitation?.accept();
  await bob.room(next)?.send(bytes('on we go'));
  await settle(alice, bob);
  expect(await healed?.messages()).toHaveLength(1);
});

test('a commit without a write key for the next epoch, or with one that is none, is refused by the hub', async () => {
  let change: ((body: Uint8Array) => Uint8Array) | undefined;
  const alice = await world.device('a.example', 'alice-1', {
    wrap: (connection) => ({
      call: (operation, id, body, options) =>
        connection.call(
          operation,
          id,
          operation === 'update' ? (change?.(body) ?? body) : body,
          options,
        ),
    }),
  });
  const room = await alice.createRoom(roomUri('a.example', 'club'), { mode: 'members-only' });
  const bobs = await enter(alice, room, bob);
  const link = await room.createJoinLink();
  await settle(alice, bob);
  const carol = await world.device('b.example', 'carol-1', {
    wrap: (connection) => ({
      call: (operation, id, body, options) =>
        connection.call(
          operation,
          id,
          operation === 'update' ? (change?.(body) ?? body) : body,
          options,
        ),
    }),
  });
  for (const length of [0, 31, 33]) {
    change = (body) => {
      const update = decodeModeUpdate(body);
      const part = { ...decodeHubPart(update.hubPart), nextWriteKey: new Uint8Array(length) };
      return encodeModeUpdate({ ...update, hubPart: encodeHubPart(part) });
    };
    await expect(carol.joinByLink(link)).rejects.toMatchObject({
      details: { rule: 'nextWriteKey' },
    });
  }
  change = undefined;
  await bobs.send(bytes('still here'));
  await settle(alice, bob);
  expect(room.status).toBe('active');
  expect((await room.messages()).length).toBe(1);
});
