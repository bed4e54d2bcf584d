// Slots at the hub: only members read all of them, no provider on the way reads along, nobody fills the store.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KeyValue, memoryKeyValue } from '../../ts/client/index.ts';
import { senderIn } from '../../ts/client/member_room.ts';
import type { DeviceState } from '../../ts/client/state/device_state.ts';
import { askForSlots, mayReadSlots, openSlots, sealSlots } from '../../ts/privacy/index.ts';
import { leafProof } from '../../ts/privacy/leaf_proof.ts';
import { composeSlots } from '../../ts/privacy/member/compose.ts';
import {
  decodeRoomSlots,
  decodeRoomSlotsRequest,
  decodeUpdateRoomResponse,
  encodeRoomSlotsRequest,
  type SlotWrite,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { type Three, three } from '../support/mode_tampering.ts';
import { peek } from '../support/peek.ts';
import { codeOf } from '../unit/privacy/support/refusal.ts';

const utf8 = new TextEncoder();
const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

type Who = 'alice' | 'bob' | 'carol';
type People = Three & {
  readonly look: <Value>(who: Who, read: (state: DeviceState) => Value) => Promise<Value>;
};

/** Three people whose storages can be looked into. */
async function inRoom(mode: string): Promise<People> {
  const kept = { alice: memoryKeyValue(), bob: memoryKeyValue(), carol: memoryKeyValue() };
  const setup = (storage: KeyValue) => ({ storage });
  const people = await three(world, mode, {
    alice: setup(kept.alice),
    bob: setup(kept.bob),
    carol: setup(kept.carol),
  });
  return {
    ...people,
    look: (who, read) => peek({ device: people[who], storage: kept[who] }, read),
  };
}

/** What a device would send to read all slots, with the keys for the answer. */
const asking = ({ room: { uri }, look }: People, who: Who) =>
  look(who, (state) => askForSlots(senderIn(state, state.room(uri)), uri));

describe.each(['pseudonymous', 'hub-visible', 'members-only'])('in mode %s', (mode) => {
  test('a member reads all slots, and its provider reads neither names nor values', async () => {
    const people = await inRoom(mode);
    const { room, bob } = people;
    await room.createJoinLink();
    await people.settle();
    const { request, keys } = await asking(people, 'bob');
    const connection = world.connection('b.example', bob.account.user, 'bob-1');
    const answer = await connection.call('roomSlots', room.uri, request);
    const { slots, epoch } = openSlots(room.uri, keys, answer);
    expect(epoch).toBe(room.epoch);
    expect(slots.length).toBeGreaterThan(0);
    for (const { name } of slots) expect(latin(answer)).not.toContain(latin(name));
    for (const { client } of room.members()) expect(latin(answer)).not.toContain(client);
    expect(
      codeOf(() =>
        openSlots(room.uri, { ...keys, privateKey: new Uint8Array(32).fill(1) }, answer),
      ),
    ).toBe('undecryptable');
  });

  test('who is no member any more, and a provider by itself, read none of them', async () => {
    const people = await inRoom(mode);
    const { room, carol } = people;
    const former = await asking(people, 'carol');
    await room.remove(carol.account.user);
    await people.settle();
    const byProvider = encodeRoomSlotsRequest({
      all: true,
      responseKey: former.keys.publicKey,
      proof: new Uint8Array(32),
    });
    const connection = world.connection('c.example', carol.account.user, 'carol-1');
    for (const request of [former.request, byProvider]) {
      await expect(connection.call('roomSlots', room.uri, request)).rejects.toMatchObject({
        code: 'refused',
      });
    }
  });

  test('a name of a lasting slot gives nothing to who is no member', async () => {
    const people = await inRoom(mode);
    const { room } = people;
    const names = room.members().map(({ client }) => utf8.encode(client));
    const connection = world.connection('c.example', people.carol.account.user, 'carol-1');
    const request = encodeRoomSlotsRequest({ all: false, names });
    const answer = decodeRoomSlots(await connection.call('roomSlots', room.uri, request));
    expect(answer.slots).toEqual([]);
  });
});

describe('the proof in a request for slots', () => {
  test('holds for its room and key only', async () => {
    const people = await inRoom('pseudonymous');
    const { room } = people;
    const { request, keys } = await asking(people, 'bob');
    const read = decodeRoomSlotsRequest(request);
    if (!read.all) throw new Error('not a request for all slots');
    const readers = await people.look('alice', (state) => {
      const { group } = state.room(room.uri);
      if (group === undefined) throw new Error('no group');
      return { members: group.members(), suite: group.suite };
    });
    expect(mayReadSlots(readers, room.uri, keys.publicKey, read.proof)).toBe(true);
    const other = (await people.bob.createRoom(undefined, { mode: 'pseudonymous' })).uri;
    expect(mayReadSlots(readers, other, keys.publicKey, read.proof)).toBe(false);
    expect(mayReadSlots(readers, room.uri, new Uint8Array(32), read.proof)).toBe(false);
    expect(mayReadSlots(readers, room.uri, keys.publicKey, new Uint8Array())).toBe(false);
    const foreign = leafProof('slots request proof', 0, () => new Uint8Array(64), new Uint8Array());
    expect(mayReadSlots(readers, room.uri, keys.publicKey, foreign)).toBe(false);
  });

  test('a key that is none gets no answer', async () => {
    const { room } = await inRoom('pseudonymous');
    const none = new Uint8Array(5);
    expect(codeOf(() => sealSlots(room.uri, none, { epoch: 0n, slots: [] }))).toBe('badKey');
  });
});

describe('a member that fills the store', () => {
  const write = (people: People, slots: readonly SlotWrite[]) =>
    people.look('bob', (state) =>
      composeSlots(senderIn(state, state.room(people.room.uri)), slots),
    );
  const send = async (people: People, slots: readonly SlotWrite[]) => {
    const { request } = await write(people, slots);
    const connection = world.connection('b.example', people.bob.account.user, 'bob-1');
    return decodeUpdateRoomResponse(await connection.call('update', people.room.uri, request));
  };
  const filled = async (people: People) => {
    const { request, keys } = await asking(people, 'bob');
    const connection = world.connection('b.example', people.bob.account.user, 'bob-1');
    const answer = await connection.call('roomSlots', people.room.uri, request);
    return openSlots(people.room.uri, keys, answer).slots;
  };

  test('with slots of clients that are not in the room is refused', async () => {
    const people = await inRoom('pseudonymous');
    const name = utf8.encode('mimi://b.example/d/nobody');
    const answer = await send(people, [{ lifetime: 'client', name, value: name }]);
    expect(answer).toMatchObject({ code: 'notAllowed' });
    expect(answer.errorDescription).toMatch(/^slots:/);
  });

  test('with slots of the room comes to an end, and keeps no commit of others out', async () => {
    const people = await inRoom('pseudonymous');
    const value = new Uint8Array(1);
    let sent = 0;
    for (let batch = 0; batch < 40; batch++) {
      const slots = Array.from({ length: 32 }, (_, index): SlotWrite => {
        return { lifetime: 'room', name: utf8.encode(`${batch} ${index}`), value };
      });
      expect(await send(people, slots)).toMatchObject({ code: 'success' });
      sent += slots.length;
    }
    const kept = (await filled(people)).filter(({ lifetime }) => lifetime === 'room').length;
    expect(kept).toBeLessThan(sent);
    const { room, carol, bobs } = people;
    await room.remove(carol.account.user);
    await people.settle();
    expect(bobs.users()).toHaveLength(2);
    expect(bobs.status).toBe('active');
  });
});
