// The mode of a room is pinned: what is of another mode is refused by the hub, and by a member whose hub lets it pass.
// spec/privacy-modes.md, "Mode pinned".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modeNames } from '../../ts/privacy/index.ts';
import {
  decodeUpdateRoomResponse,
  encodeFanoutMessage,
  type FanoutMessage,
  groupIdOf,
  roomUri,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { reaches, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

const pairs = modeNames().flatMap((mode) =>
  modeNames().flatMap((other) => (mode === other ? [] : [[other, mode] as const])),
);

describe.each(modeNames())('into a room of mode %s', (mode) => {
  test('no update of another mode is let in by the hub, and the room goes on', async () => {
    const { alice, room, bobs, between, settle } = await three(world, mode);
    const { epoch } = room;
    for (const [other] of pairs.filter(([, into]) => into === mode)) {
      const elsewhere = await alice.createRoom(roomUri('a.example', `in-${other}`), {
        mode: other,
      });
      await elsewhere.selfUpdate();
      const update = between.alice.updates.at(-1) as Uint8Array;
      const { user } = alice.account;
      const reply = await world
        .provider('a.example')
        .fromDevice({ user, client: alice.client }, 'update', room.uri, update);
      const answer = decodeUpdateRoomResponse(reply.body);
      expect([other, answer.code]).toEqual([other, 'notAllowed']);
      expect(answer.errorDescription).toMatch(/^wrongMode:/);
    }
    await settle();
    expect(room.epoch).toBe(epoch);
    expect(await reaches(room, bobs, settle)).toBe(true);
  });

  test('no commit of another mode is followed by a member, who goes on with the room', async () => {
    const { room, alice, bobs, between, problems, settle } = await three(world, mode);
    const plain = await alice.createRoom(roomUri('a.example', 'plain'));
    await plain.selfUpdate();
    await settle();
    const draft = between.alice.events.at(-1) as FanoutMessage;
    const others = modeNames().filter((other) => other !== mode);
    for (const other of others) {
      const forged: FanoutMessage =
        other === 'open'
          ? draft
          : {
              kind: 'modeHandshake',
              mode: other,
              handshake: 'commit',
              timestamp: 1n,
              groupId: groupIdOf(room.uri),
              epoch: room.epoch,
              payloads: [new Uint8Array([1])],
            };
      const notified = await world
        .provider('b.example')
        .fromPeer('a.example', 'notify', room.uri, encodeFanoutMessage(forged));
      expect(notified.status).toBe(201);
    }
    await settle();
    expect(problems.bob).toEqual(others.map(() => 'wrongMode'));
    expect(bobs.status).toBe('active');
    expect(await reaches(room, bobs, settle)).toBe(true);
  });
});
