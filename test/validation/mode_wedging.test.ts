// Attempts to wedge a room from its edge: by knowing a join link's id only, by slots of somebody who is no member, and by
// a wrong write key.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { generateSignatureKeyPair } from '../../ts/mls/index.ts';
import {
  contextHash,
  encodeLink,
  joinSlot,
  joinTokenSlot,
  linkPublic,
  linkToken,
  modeNamed,
  NEWCOMER,
  parseLink,
  provenContent,
  sealNextWriteKey,
  signerOf,
} from '../../ts/privacy/index.ts';
import { leafProof } from '../../ts/privacy/leaf_proof.ts';
import { decodeLinkPublic, sealJoinRecord } from '../../ts/privacy/parts/join_link.ts';
import { decodeHeldGroupInfo } from '../../ts/provider/records/room_rows.ts';
import { roomRows } from '../../ts/provider/rows.ts';
import {
  decodeGroupInfo,
  decodeModeUpdate,
  decodeUpdateRoomResponse,
  encodeModeUpdate,
  encodeRoomSlots,
  groupIdOf,
  type HubPart,
  hubPartOf,
  roomUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying } from '../support/lying_sender.ts';
import { accept, connect } from '../support/meeting.ts';
import { Between, hubKeyOf, writeKeyOf } from '../support/mode_tampering.ts';

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
  await connect(host, guest);
  await room.invite(guest.account.user);
  await settle(host, guest);
  return accept(guest, room.uri);
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
    // Carol sends what a member has sent, with what she has herself to show for it.
    const carol = await world.device('a.example', 'carol-1');
    const connection = world.connection('a.example', carol.account.user, 'carol-1');
    const between = new Between();
    const second = await world.reopen('a.example', 'alice-2', { wrap: between.wrap });
    await second.joinExternally(room.uri, { mode });
    await settle(alice, bob, second);
    await second.room(room.uri)?.shareWrapper();
    const update = decodeModeUpdate(between.updates.at(-1) as Uint8Array);
    const { groupId, epoch, kind } = update;
    expect(kind).toBe('slots');
    const hub = await hubKeyOf(world, 'a.example');
    const own = signerOf(1, generateSignatureKeyPair(1).privateKey);
    const content = provenContent(update, hubPartOf({}));
    const proofs = [
      new Uint8Array(),
      ...[0, NEWCOMER].map((leafIndex) => leafProof('update proof', leafIndex, own, content)),
    ];
    const parts = proofs.map((proof) =>
      modeNamed(mode).hubParts.seal(hubPartOf({ proof }), { suite: 1, groupId, epoch, kind }, hub),
    );
    for (const hubPart of [new Uint8Array(), ...parts]) {
      const body = encodeModeUpdate({ ...update, hubPart });
      const answer = decodeUpdateRoomResponse(await connection.call('update', room.uri, body));
      expect(answer).toMatchObject({ code: 'notAllowed' });
      expect(answer.errorDescription).toContain('R9-sender-participates');
    }
    // What a member has sent is good from its own provider only.
    const reply = await world
      .provider('a.example')
      .fromPeer('b.example', 'update', room.uri, encodeModeUpdate(update));
    expect(decodeUpdateRoomResponse(reply.body).errorDescription).toContain(
      'R9-sender-participates',
    );
  });
});

test('a committer that brings a wrong write key stops the room once: a member heals it', async () => {
  const mode = 'members-only';
  const storage = memoryKeyValue();
  const alice = await world.device('a.example', 'alice-1', { storage });
  const room = await alice.createRoom(roomUri('a.example', 'club'), { mode });
  const bobs = await enter(alice, room, bob);
  const writeKey = await writeKeyOf(storage, room.uri);
  const where = { groupId: groupIdOf(room.uri), epoch: room.epoch + 1n };
  const nextWriteKey = sealNextWriteKey(writeKey, where, new Uint8Array(32));
  const part = (told: HubPart) => ({ ...told, nextWriteKey });
  await lying(mode, { part }, () => room.selfUpdate());
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
  const mode = 'members-only';
  const storage = memoryKeyValue();
  const alice = await world.device('a.example', 'alice-1', { storage });
  const room = await alice.createRoom(roomUri('a.example', 'club'), { mode });
  const bobs = await enter(alice, room, bob);
  const link = await room.createJoinLink();
  await settle(alice, bob);
  const carol = await world.device('b.example', 'carol-1');
  const writeKey = await writeKeyOf(storage, room.uri);
  const { epoch } = room;
  const groupId = groupIdOf(room.uri);
  const underAnotherKey = (one: Uint8Array, at: bigint) =>
    sealNextWriteKey(one, { groupId, epoch: at }, new Uint8Array(32));
  const none = [0, 31, 33].map((length) => new Uint8Array(length));
  const cases: readonly (readonly [() => Promise<unknown>, Uint8Array])[] = [
    ...none.map((key) => [() => carol.joinByLink(link), key] as const),
    // A member's is sealed: under the present key, for the next epoch.
    ...none.map((key) => [() => room.selfUpdate(), key] as const),
    [() => room.selfUpdate(), underAnotherKey(new Uint8Array(32), epoch + 1n)],
    [() => room.selfUpdate(), underAnotherKey(writeKey, epoch + 2n)],
  ];
  for (const [act, nextWriteKey] of cases) {
    const part = (told: HubPart) => ({ ...told, nextWriteKey });
    await expect(lying(mode, { part }, act)).rejects.toMatchObject({
      details: { rule: 'nextWriteKey' },
    });
  }
  await bobs.send(bytes('still here'));
  await settle(alice, bob);
  expect([room.status, room.epoch]).toEqual(['active', epoch]);
  expect((await room.messages()).length).toBe(1);
});
