// What a device refuses although its provider or the hub hands it out, and that nothing changes by it.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClientOperation, Connection, Device, Problem, Room } from '../../ts/client/index.ts';
import {
  decodeGroupInfoResponse,
  decodeKeyMaterialResponse,
  decodeSyncResponse,
  encodeGroupInfoResponse,
  encodeKeyMaterialResponse,
  encodeSyncResponse,
  type GroupInfoResponse,
  type KeyMaterialResponse,
  type SyncEvent,
  userUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';

const bytes = (content: string) => new TextEncoder().encode(content);
const contents = async (room: Room | undefined) =>
  (await room?.messages())?.map(({ content }) => new TextDecoder().decode(content));
const alice = userUri('a.example', 'alice');
const bob = userUri('a.example', 'bob');

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** Changes the answers of one operation while `forge` is set. */
class Forger {
  forge: ((answer: Uint8Array) => Uint8Array) | undefined;
  readonly #operation: ClientOperation;

  constructor(operation: ClientOperation) {
    this.#operation = operation;
  }

  readonly wrap = (inner: Connection): Connection => ({
    call: async (operation, id, body, options) => {
      const answer = await inner.call(operation, id, body, options);
      return operation === this.#operation ? (this.forge?.(answer) ?? answer) : answer;
    },
  });
}

const flipped = (original: Uint8Array, at: number): Uint8Array => {
  const copy = original.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};

/** Alice, whose answers to key material requests are forged, and her room. */
async function inviter() {
  const forger = new Forger('keyMaterial');
  const hers = await world.device('a.example', 'alice-1', { wrap: forger.wrap });
  const room = await hers.createRoom();
  const forge = (change: (response: KeyMaterialResponse) => KeyMaterialResponse) => {
    forger.forge = (answer) =>
      encodeKeyMaterialResponse(change(decodeKeyMaterialResponse(answer.slice())));
  };
  return { hers, room, forger, forge };
}

/** The first key package that Alice would be given for a user. */
async function claimed(world: World, user: typeof bob): Promise<Uint8Array> {
  let found: Uint8Array | undefined;
  const spy = new Forger('keyMaterial');
  spy.forge = (answer) => {
    const [client] = decodeKeyMaterialResponse(answer.slice()).clients;
    if (client?.clientStatus === 'success') found = client.keyPackage.slice();
    return answer;
  };
  const device = await world.device('a.example', 'alice-9', { wrap: spy.wrap });
  const room = await device.createRoom();
  await room.invite(user);
  return found as Uint8Array;
}

test('a key package of another user than the invited one is refused, and nothing is committed', async () => {
  const { room, forge } = await inviter();
  const his = await world.device('a.example', 'bob-1');
  const mallory = await world.device('b.example', 'mallory-1');
  for (const device of [his, mallory]) await device.allow(alice);
  const foreign = await claimed(world, mallory.account.user);
  forge((response) => ({
    ...response,
    clients: [{ clientStatus: 'success', clientUri: his.client, keyPackage: foreign }],
  }));

  await expect(room.invite(bob)).rejects.toMatchObject({
    code: 'wrongKeyPackage',
    details: { rule: 'user', user: bob },
  });
  expect(room.epoch).toBe(0n);
  expect(room.users()).toEqual([alice]);
});

test('a key package of another client than the one it is listed for is refused', async () => {
  const { room, forge } = await inviter();
  const his = await world.device('a.example', 'bob-1');
  const other = await world.device('a.example', 'bob-2');
  await his.allow(alice);
  forge((response) => ({
    ...response,
    clients: response.clients.map((client) => ({ ...client, clientUri: other.client })),
  }));

  await expect(room.invite(bob)).rejects.toMatchObject({
    code: 'wrongKeyPackage',
    details: { rule: 'client' },
  });
  expect(room.epoch).toBe(0n);
});

test('a key package that was altered is refused', async () => {
  const { room, forge } = await inviter();
  const his = await world.device('a.example', 'bob-1');
  await his.allow(alice);
  forge((response) => ({
    ...response,
    clients: response.clients.map((client) =>
      client.clientStatus === 'success'
        ? { ...client, keyPackage: flipped(client.keyPackage, -1) }
        : client,
    ),
  }));

  await expect(room.invite(bob)).rejects.toMatchObject({
    code: 'wrongKeyPackage',
    details: { rule: 'invalidSignature' },
  });
  expect(room.epoch).toBe(0n);
});

test('key material that answers for another user than was asked for is refused', async () => {
  const { room, forge } = await inviter();
  const his = await world.device('a.example', 'bob-1');
  await his.allow(alice);
  forge((response) => ({ ...response, userUri: userUri('a.example', 'carol') }));

  await expect(room.invite(bob)).rejects.toMatchObject({ code: 'badAnswer' });
  expect(room.epoch).toBe(0n);
});

for (const [what, rule, change] of [
  [
    'is not signed by the key it names',
    'signature',
    (response: GroupInfoResponse) =>
      response.status === 'success'
        ? { ...response, signature: flipped(response.signature, 5) }
        : response,
  ],
  [
    'is for another room',
    'room',
    (response: GroupInfoResponse) => ({ ...response, roomId: 'mimi://a.example/r/other' }),
  ],
  [
    'comes from another hub',
    'hub',
    (response: GroupInfoResponse) =>
      response.status === 'success'
        ? {
            ...response,
            hubSender: {
              ...response.hubSender,
              credential: { type: 1, bytes: bytes('mimi://b.example') },
            },
          }
        : response,
  ],
] as const) {
  test(`group information that ${what} is refused, and the device stays outside`, async () => {
    const hers = await world.device('a.example', 'alice-1');
    const room = await hers.createRoom();
    const forger = new Forger('groupInfo');
    const second = await world.device('a.example', 'alice-2', { wrap: forger.wrap });
    forger.forge = (answer) =>
      encodeGroupInfoResponse(change(decodeGroupInfoResponse(answer.slice())));

    await expect(second.joinExternally(room.uri)).rejects.toMatchObject({
      code: 'badGroupInfo',
      details: { rule },
    });
    expect(second.rooms()).toEqual([]);
    await settle(hers);
    expect(room.epoch).toBe(0n);

    forger.forge = undefined;
    const joined = await second.joinExternally(room.uri);
    expect(joined.members()).toHaveLength(2);
  });
}

/** Alice and Bob in a room; events of Bob's stream are forged while `forge` is set. */
async function listener() {
  const forger = new Forger('sync');
  const hers = await world.device('a.example', 'alice-1');
  const his = await world.device('a.example', 'bob-1', { wrap: forger.wrap });
  const room = await hers.createRoom();
  await his.allow(alice);
  await room.invite(bob);
  await settle(hers, his);
  const hisRoom = (await his.invitations()[0]?.accept()) as Room;
  const problems: Problem[] = [];
  his.on('problem', (problem) => problems.push(problem));
  const forge = (change: (events: readonly SyncEvent[]) => readonly SyncEvent[]) => {
    forger.forge = (answer) => {
      const response = decodeSyncResponse(answer.slice());
      return encodeSyncResponse({ ...response, events: [...change(response.events)] });
    };
  };
  const stopForging = () => {
    forger.forge = undefined;
  };
  return { hers, his, room, hisRoom, problems, forge, stopForging };
}

const damage = (events: readonly SyncEvent[], at: number) =>
  events.map((event) => ({ ...event, fanout: flipped(event.fanout, at) }));

test('a message that does not decrypt is a gap, and the room goes on', async () => {
  const { hers, his, room, hisRoom, problems, forge, stopForging } = await listener();
  await room.send(bytes('one'));
  // The last byte is the octet that says whether a frank follows; before it, ciphertext.
  forge((events) => damage(events, -2));
  await his.sync();
  stopForging();

  await room.send(bytes('two'));
  await settle(hers, his);

  expect(await contents(hisRoom)).toEqual(['two']);
  expect(await hisRoom.gaps()).toEqual([expect.objectContaining({ code: 'undecryptable' })]);
  expect(problems).toEqual([expect.objectContaining({ room: room.uri, code: 'undecryptable' })]);
  expect(hisRoom.status).toBe('active');
});

test('a commit that does not verify makes the room stale, and joining again makes it whole', async () => {
  const { hers, his, room, hisRoom, problems, forge, stopForging } = await listener();
  await room.selfUpdate();
  forge((events) => damage(events, -10));
  await his.sync();
  stopForging();

  expect(hisRoom.status).toBe('stale');
  expect(problems).toHaveLength(1);
  await expect(hisRoom.send(bytes('?'))).rejects.toMatchObject({
    code: 'notActive',
    details: { status: 'stale' },
  });
  await his.joinExternally(room.uri);
  await hisRoom.send(bytes('back'));
  await settle(hers, his);

  expect(await contents(room)).toEqual(['back']);
  expect(room.members()).toHaveLength(2);
});

test('a message that waits in a stale room goes out after joining again', async () => {
  const { hers, his, room, hisRoom, forge, stopForging } = await listener();
  await room.selfUpdate();
  forge((events) => damage(events, -10));
  // The hub answers epochTooOld, the stream then shows a commit that cannot be followed.
  const sent = await hisRoom.send(bytes('patience'));
  stopForging();
  expect(sent.acceptedAt).toBeUndefined();
  expect(hisRoom.status).toBe('stale');

  await his.joinExternally(room.uri);
  await settle(hers, his);

  expect(await contents(room)).toEqual(['patience']);
  expect(hisRoom.unsent).toBe(0);
});

test('a change under way in a room that turns out stale ends with that word', async () => {
  const { his, room, hisRoom, forge } = await listener();
  await room.selfUpdate();
  await room.selfUpdate();
  forge((events) => events.slice(1));

  await expect(hisRoom.selfUpdate()).rejects.toMatchObject({
    code: 'notActive',
    details: { status: 'stale' },
  });
  expect(his.rooms().map(({ status }) => status)).toEqual(['stale']);
});

test('an event that is no fan-out message is named and passed over', async () => {
  const { hers, his, room, hisRoom, problems, forge, stopForging } = await listener();
  await room.send(bytes('one'));
  forge((events) => events.map((event) => ({ ...event, fanout: bytes('not a message') })));
  await his.sync();
  stopForging();
  await room.send(bytes('two'));
  await settle(hers, his);

  expect(problems).toHaveLength(1);
  expect(await contents(hisRoom)).toEqual(['two']);
});

test('an event that the provider repeats is dealt with once', async () => {
  const { hers, his, room, hisRoom, problems, forge } = await listener();
  forge((events) => [...events, ...events]);
  await room.send(bytes('one'));
  await room.selfUpdate();
  await room.send(bytes('two'));
  await settle(hers);
  await his.sync();

  expect(await contents(hisRoom)).toEqual(['one', 'two']);
  expect(problems).toEqual([]);
});

test('an answer of the stream that is malformed changes nothing', async () => {
  const { hers, his, room, hisRoom, stopForging } = await listener();
  const forger = new Forger('sync');
  forger.forge = () => bytes('nonsense');
  const broken = await world.reopen('a.example', 'carol-1', { wrap: forger.wrap });

  await expect(broken.sync()).rejects.toMatchObject({ code: 'badAnswer' });
  stopForging();
  await room.send(bytes('one'));
  await settle(hers, his);
  expect(await contents(hisRoom)).toEqual(['one']);
});

test('a member follows its own rules, whatever the hub let pass', async () => {
  const hers = await world.device('a.example', 'alice-1');
  const his: Device = await world.device('a.example', 'bob-1', {
    rules: {
      decideCommit: (_roster, commit) =>
        commit.added.length > 0
          ? { allowed: false, rule: 'R1-domains', why: 'nobody is welcome' }
          : { allowed: true },
    },
  });
  const carols = await world.device('b.example', 'carol-1');
  const room = await hers.createRoom();
  for (const device of [his, carols]) await device.allow(alice);
  await room.invite(bob);
  await settle(hers, his);
  const hisRoom = (await his.invitations()[0]?.accept()) as Room;
  const problems: Problem[] = [];
  his.on('problem', (problem) => problems.push(problem));

  await room.selfUpdate();
  await settle(his);
  expect(hisRoom.status).toBe('active');
  await room.invite(carols.account.user);
  await settle(his);

  expect(hisRoom.status).toBe('stale');
  expect(problems).toEqual([expect.objectContaining({ code: 'R1-domains' })]);
});
