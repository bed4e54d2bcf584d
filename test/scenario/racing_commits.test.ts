// Two commits racing for one epoch: the hub accepts exactly one, and everybody ends in the same group.

import { afterEach, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { init } from '../../ts/mls/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import { openLmdbStore } from '../../ts/store/index.ts';
import { roomUri } from '../../ts/wire/index.ts';
import { type Call, convene, MlsMember } from '../support/mls_member.ts';
import { asText, messageOf, roomLog } from '../support/room_log.ts';
import { deviceCall, freePort, mintToken, openDevice, start } from '../support/running_server.ts';
import { freshPath } from '../support/store_directory.ts';
import { until } from '../support/until.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const DEVICES = 8;
const club = roomUri(HUB, 'club');

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

function opened<Item extends { close(): Promise<unknown> }>(item: Item): Item {
  open.push(item);
  return item;
}

/** Calls over HTTP, each device with a token of its own. */
function overHttp({ url }: RunningServer): Call {
  const tokens = new Map<string, Promise<string>>();
  return async ({ user, client }, operation, id, body) => {
    const name = (uri: string) => uri.slice(uri.lastIndexOf('/') + 1);
    const token = tokens.get(client) ?? mintToken(url, HUB, name(user), name(client));
    tokens.set(client, token);
    const path = id === '' ? operation : `${operation}/${encodeURIComponent(id)}`;
    const answer = await deviceCall(url, await token, path, body);
    if (answer.status !== 200) throw new Error(`${operation} got ${answer.status}`);
    return answer.body;
  };
}

test('of eight commits that race for an epoch exactly one is accepted, a hundred times', async () => {
  await init();
  const storePath = freshPath();
  const server = opened(await start(HUB, { store: 'lmdb', storePath }));
  const call = overHttp(server);
  const members = Array.from(
    { length: DEVICES },
    (_, index) => new MlsMember(call, HUB, `user${index}-1`),
  );
  for (const member of members) await member.register();
  await convene(club, members);

  const accepted: string[] = [];
  for (let round = 0; round < 100; round++) {
    const epoch = members[0]?.group.epoch ?? 0n;
    const bundles = members.map((member) => member.commit({ update: true }));
    const answers = await Promise.all(
      bundles.map((bundle, index) => members[index]?.update(club, bundle)),
    );

    const winner = answers.findIndex((answer) => answer?.code === 'success');
    expect(answers.toSpliced(winner, 1)).toEqual(
      Array.from({ length: DEVICES - 1 }, () =>
        expect.objectContaining({ code: 'wrongEpoch', currentEpoch: epoch + 1n }),
      ),
    );
    const commit = bundles[winner]?.commit ?? new Uint8Array();
    accepted.push(asText(commit));
    for (const [index, member] of members.entries()) {
      if (index === winner) member.group.acceptPending();
      else member.follow(commit);
    }
    expect(new Set(members.map(({ authenticator }) => authenticator)).size).toBe(1);
    expect(members[0]?.group.epoch).toBe(epoch + 1n);
  }

  await server.close();
  const store = opened(await openLmdbStore({ path: storePath }));
  const log = await roomLog(store, club);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  const commits = log.filter(({ kind }) => kind === 'commit').map(messageOf);
  // The first commit added the members.
  expect(commits.slice(1)).toEqual(accepted);
});

test('eight devices of two providers that all commit at once, ten times, all succeed and agree', async () => {
  const ports: Record<string, number> = { [HUB]: await freePort(), [FOLLOWER]: await freePort() };
  const secret = 'secret-between-the-providers';
  const serve = async (domain: string, peer: string) =>
    opened(
      await start(domain, {
        listen: { port: ports[domain] },
        peers: [{ domain: peer, url: `http://127.0.0.1:${ports[peer]}`, secret }],
      }),
    );
  const hub = await serve(HUB, FOLLOWER);
  const follower = await serve(FOLLOWER, HUB);
  const devices: Device[] = [];
  const rooms: Room[] = [];
  for (let index = 0; index < DEVICES; index++) {
    const [server, domain] = index % 2 === 0 ? [hub, HUB] : [follower, FOLLOWER];
    devices.push(opened(await openDevice(server.url, domain, `user${index}`, `user${index}-1`)));
  }
  const [host, ...guests] = devices as [Device, ...Device[]];
  const room = await host.createRoom(club);
  rooms.push(room);
  for (const guest of guests) {
    await guest.allow(host.account.user);
    await room.invite(guest.account.user);
  }
  for (const guest of guests) {
    await until('an invitation', async () => {
      await guest.sync();
      return guest.invitations().length > 0;
    });
    rooms.push((await guest.invitations()[0]?.accept()) as Room);
  }
  await inStep(devices, rooms, room.epoch);

  for (let round = 0; round < 10; round++) {
    const before = room.epoch;
    await Promise.all(rooms.map((each) => each.selfUpdate()));
    await inStep(devices, rooms, before + BigInt(DEVICES));
    const roster = [...room.members()].sort((a, b) => a.leafIndex - b.leafIndex);
    expect(roster).toHaveLength(DEVICES);
    for (const each of rooms) {
      expect([...each.members()].sort((a, b) => a.leafIndex - b.leafIndex)).toEqual(roster);
    }
  }

  // What is encrypted in the last epoch can be read by all: it is one group, not eight of one number.
  await rooms[5]?.send(new TextEncoder().encode('together'));
  await until('all have the message', async () => {
    await Promise.all(devices.map((device) => device.sync()));
    const counts = await Promise.all(rooms.map(async (each) => (await each.messages()).length));
    return counts.every((count) => count === 1);
  });
});

async function inStep(devices: readonly Device[], rooms: readonly Room[], epoch: bigint) {
  await until(
    () => `epoch ${epoch}, not ${rooms.map((room) => room.epoch)}`,
    async () => {
      await Promise.all(devices.map((device) => device.sync()));
      return rooms.every((room) => room.epoch >= epoch);
    },
  );
  expect(rooms.map((room) => room.epoch)).toEqual(rooms.map(() => epoch));
}
