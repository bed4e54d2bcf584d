// A room goes on in a successor: from each mode into each other, and, where a member's commit wedges it, without that
// member. What the members of the old room find of the new one is checked by each of them.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, Device } from '../../ts/client/index.ts';
import { modeNames } from '../../ts/privacy/index.ts';
import {
  decodeMlsMessage,
  decodeUpdateRequest,
  encodeUpdateRequest,
  type HandshakeView,
  roomUri,
  type UpdateRequest,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying, type SenderLie } from '../support/lying_sender.ts';
import { accept, connect } from '../support/meeting.ts';

const bytes = (content: string) => new TextEncoder().encode(content);

let world: World;
let alice: Device;
let bob: Device;
let carol: Device;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
  alice = await world.device('a.example', 'alice-1');
  bob = await world.device('b.example', 'bob-1');
  carol = await world.device('c.example', 'carol-1');
  for (const device of [alice, bob, carol]) await device.connections.publish(3);
  await befriend(alice, bob);
  await befriend(alice, carol);
  await befriend(bob, carol);
});
afterEach(() => world[Symbol.asyncDispose]());

async function befriend(one: Device, other: Device): Promise<void> {
  await connect(one, other);
  await one.allow(other.account.user);
  await other.allow(one.account.user);
}

const pairs = modeNames().flatMap((from) =>
  modeNames()
    .filter((to) => to !== from)
    .map((to) => [from, to] as const),
);

describe.each(pairs)('from %s to %s', (from, to) => {
  test('the users of the old room, and nobody else, go on in the new one', async () => {
    const room = await alice.createRoom(roomUri('a.example', 'old'), { mode: from });
    await room.invite(bob.account.user);
    await room.invite(carol.account.user);
    await settle(alice, bob, carol);
    const bobs = await accept(bob, room.uri);
    await accept(carol, room.uri);
    await settle(alice, bob, carol);

    const { room: uri, missing } = await room.succeed({ mode: to });
    await settle(alice, bob, carol);

    expect(missing).toEqual([]);
    expect(room.status).toBe('closed');
    expect(bobs.status).toBe('closed');
    expect(bobs.successor).toBe(uri);
    await expect(bobs.send(bytes('too late'))).rejects.toMatchObject({ code: 'notActive' });
    const next = await accept(bob, uri);
    await accept(carol, uri);
    await settle(alice, bob, carol);
    expect(next.mode).toBe(to);
    expect(next.predecessor).toBe(room.uri);
    await next.send(bytes('here we are'));
    await settle(alice, bob, carol);
    for (const device of [alice, bob, carol]) {
      const messages = await device.room(uri)?.messages();
      expect(messages?.map(({ real, sender }) => real?.user ?? sender)).toEqual([bob.account.user]);
    }
  });
});

describe.each(modeNames())('the successor of a franked room of mode %s', (mode) => {
  async function franked(name: string) {
    const uri = roomUri('a.example', name);
    const room = await alice.createRoom(uri, { mode, franking: 'exedra' });
    await room.invite(bob.account.user);
    await settle(alice, bob);
    await accept(bob, room.uri);
    await settle(alice, bob);
    return room;
  }

  test('is franked as well', async () => {
    const room = await franked('old');
    const { room: uri } = await room.succeed();
    await settle(alice, bob);
    const next = await accept(bob, uri);
    expect(next.franking).toBe('exedra');
    await next.send(next.composer().text('here we are'));
    await settle(alice, bob);
    const [message] = (await alice.room(uri)?.messages()) ?? [];
    expect(message?.real?.user ?? message?.sender).toBe(bob.account.user);
    expect(message?.frank).toBeDefined();
  });

  test('is joined by nobody where it is not', async () => {
    const room = await franked('old');
    // Who opens the successor has made another room under its name before.
    const uri = roomUri('a.example', 'new');
    await alice.createRoom(uri, { mode });
    const problems: unknown[] = [];
    bob.on('problem', ({ code, error }) => problems.push([code, error]));
    await room.succeed({ uri });
    await settle(alice, bob);
    expect(bob.invitations()).toEqual([]);
    const rule = 'franking';
    expect(problems).toMatchObject([['notASuccessor', { details: { rule } }]]);
  });
});

test('the successor of a room whose franks hide the sender is joined by nobody where they show it', async () => {
  const options = { mode: 'open', franking: 'exedra' } as const;
  const room = await alice.createRoom(roomUri('a.example', 'old'), options);
  await room.invite(bob.account.user);
  await settle(alice, bob);
  await accept(bob, room.uri);
  const uri = roomUri('a.example', 'new');
  await alice.createRoom(uri, { mode: 'open', franking: 'draft06' });
  await room.succeed({ uri });
  await settle(alice, bob);
  expect(bob.invitations()).toEqual([]);
  // The other way is an improvement.
  const drafts = await alice.createRoom(roomUri('a.example', 'draft'), {
    mode: 'open',
    franking: 'draft06',
  });
  await drafts.invite(bob.account.user);
  await settle(alice, bob);
  await accept(bob, drafts.uri);
  await alice.createRoom(roomUri('a.example', 'better'), options);
  await drafts.succeed({ uri: roomUri('a.example', 'better') });
  await settle(alice, bob);
  expect((await accept(bob, roomUri('a.example', 'better'))).franking).toBe('exedra');
});

/** The last octet, of the membership tag, is another. */
function spoilt(handshake: Uint8Array): Uint8Array {
  const copy = handshake.slice();
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

/** A connection of a member of a room of mode open whose commits nobody can process. */
function spoiling(connection: Connection): Connection {
  return {
    call: (operation, id, body, options) =>
      connection.call(operation, id, operation === 'update' ? spoiltRequest(body) : body, options),
  };
}

function spoiltRequest(body: Uint8Array): Uint8Array {
  const request = decodeUpdateRequest(body);
  const message = decodeMlsMessage(spoilt(request.message.bytes)) as HandshakeView;
  return encodeUpdateRequest({ ...request, message } as UpdateRequest);
}

const spoils: SenderLie = {
  payload: ({ handshake, slots }) => ({ handshake: spoilt(handshake), slots }),
};

/** Each mode with how a member can wedge it: by bytes that no server can check, or by what no member accepts. */
const wedges = [
  ['open', 'a commit whose membership tag is wrong', 'invalidSignature', 'named'],
  ['pseudonymous', 'a commit whose membership tag is wrong', 'invalidSignature', 'named'],
  ['hub-visible', 'a commit whose membership tag is wrong', 'invalidSignature', 'named'],
  ['members-only', 'a commit that the policy forbids', 'R3-remover', 'named'],
  // What does not decrypt shows nobody who made it.
  ['members-only', 'a commit that is none', 'undecryptable', 'unnamed'],
] as const;

describe.each(wedges)('a room of mode %s that is wedged by %s', (mode, wedge, code, maker) => {
  test('goes on without who did it, as far as that shows, once another member heals it', async () => {
    let lies = false;
    const mallory = await world.device('b.example', 'mallory-1', {
      // An honest device would not send what the others refuse.
      rules: { decideCommit: () => ({ allowed: true }) },
      wrap: (connection) => {
        const bad = spoiling(connection);
        return { call: (...call) => (lies && mode === 'open' ? bad : connection).call(...call) };
      },
    });
    await mallory.connections.publish(2);
    await befriend(alice, mallory);
    const room = await alice.createRoom(roomUri('a.example', 'old'), { mode });
    for (const { account } of [carol, mallory]) await room.invite(account.user);
    await settle(alice, carol, mallory);
    await accept(carol, room.uri);
    const bad = await accept(mallory, room.uri);
    await settle(alice, carol, mallory);

    lies = true;
    const forbidden = code === 'R3-remover';
    const attack = () => (forbidden ? bad.remove(carol.account.user) : bad.selfUpdate());
    const over =
      mode === 'open'
        ? attack().catch(() => undefined)
        : forbidden
          ? await attack()
          : await lying(mode, spoils, attack);
    await settle(alice, carol);
    expect(room.status).toBe('stale');
    expect(room.refusedCommit?.code, wedge).toBe(code);
    await carol.sync();

    const { room: uri, missing } = await room.succeed();
    expect(missing).toEqual([]);
    await settle(alice, carol);
    const next = await accept(carol, uri);
    await settle(alice, carol);
    expect(next.mode).toBe(mode);
    expect(next.members()).toHaveLength(maker === 'named' ? 2 : 3);
    await next.send(bytes('without her'));
    await settle(alice, carol);
    expect((await alice.room(uri)?.messages())?.length).toBe(1);
    await mallory.close();
    world.devices.delete(mallory);
    await over;
    expect(mallory.invitations()).toEqual([]);
  });
});
