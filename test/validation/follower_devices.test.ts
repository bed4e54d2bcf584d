// What a follower forwards for its devices, and what it serves them: each device speaks for itself only.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Group, init } from '../../ts/mls/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeMlsMessage,
  decodeSyncResponse,
  decodeUpdateRoomResponse,
  encodeSubmitMessageRequest,
  encodeSyncRequest,
  type PrivateMessageView,
  roomUri,
} from '../../ts/wire/index.ts';
import { type Call, commitRequest, convene, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const club = roomUri(HUB, 'club');

let network: Network;
/** Alice at the hub, Bob at the follower: members. Mallory: another user of the follower. */
let alice: MlsMember;
let bob: MlsMember;
let mallory: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB, FOLLOWER);
  await network.open(HUB, openMemoryStore());
  await network.open(FOLLOWER, openMemoryStore());
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, FOLLOWER, 'bob-1');
  mallory = new MlsMember(network.call, FOLLOWER, 'mallory-1');
  for (const member of [alice, bob, mallory]) await member.register();
  await convene(club, [alice, bob]);
  await network.provider(HUB).deliver();
});

afterEach(async () => {
  for (const domain of [HUB, FOLLOWER]) await network.provider(domain).close();
});

/** Calls with the token of `member`, whatever the body says. */
const as =
  (member: MlsMember): Call =>
  (_, operation, id, body) =>
    member.call(operation, id, body);

async function received(member: MlsMember): Promise<string[]> {
  const request = encodeSyncRequest({ cursor: new Uint8Array(), waitMs: 0, limit: 100 });
  const { events } = decodeSyncResponse(await member.call('sync', '', request));
  return events.map(({ roomUri: room, seq }) => `${room} ${seq}`);
}

const wrongDevice = { code: 'wrongDevice' };

describe('a device of a follower', () => {
  test('is not let into a room as another user of its provider', async () => {
    const stolen = new MlsMember(as(mallory), FOLLOWER, 'bob-2');
    await expect(stolen.joinExternally(club)).rejects.toMatchObject(wrongDevice);
    const honest = new MlsMember(network.call, FOLLOWER, 'bob-2');
    const bundle = await honest.joinExternally(club);
    await expect(stolen.update(club, bundle)).rejects.toMatchObject(wrongDevice);
    expect((await honest.update(club, bundle)).code).toBe('success');
  });

  test('sends application messages in its own name only', async () => {
    const body = encodeSubmitMessageRequest({
      protocol: 'mls10',
      appMessage: decodeMlsMessage(
        bob.group.encrypt(new TextEncoder().encode('hello')),
      ) as PrivateMessageView,
      sendingUri: bob.device.user,
    });
    await expect(mallory.call('submitMessage', club, body)).rejects.toMatchObject(wrongDevice);
    await bob.call('submitMessage', club, body);
  });

  test('is served a room by the join that the hub accepted, not by asking', async () => {
    const answer = await mallory.call('update', club, await strangersCommit());
    expect(decodeUpdateRoomResponse(answer)).toMatchObject({ code: 'notAllowed' });
    const before = await received(bob);
    await alice.submit(club, alice.group.encrypt(new TextEncoder().encode('private')));
    await network.provider(HUB).deliver();
    expect((await received(bob)).length).toBe(before.length + 1);
    expect(await received(mallory)).toEqual([]);
  });

  test('is served a room from its own join on, even when the answer of the hub got lost', async () => {
    const tablet = new MlsMember(network.call, FOLLOWER, 'bob-2');
    const bundle = await tablet.joinExternally(club);
    network.interfere = ({ source, target, endpoint, id, body }) =>
      endpoint === 'update'
        ? loseAnswer(network.provider(target).fromPeer(source, endpoint, id, body))
        : undefined;
    await expect(tablet.update(club, bundle)).rejects.toThrow('lost');
    const woken = network
      .provider(FOLLOWER)
      .fromDevice(
        tablet.device,
        'sync',
        '',
        encodeSyncRequest({ cursor: new Uint8Array(), waitMs: 10_000, limit: 10 }),
      );
    await network.provider(HUB).deliver();
    const { events } = decodeSyncResponse((await woken).body);
    expect(events).toHaveLength(1);
  });
});

async function loseAnswer(answer: Promise<unknown>): Promise<never> {
  await answer;
  throw new Error('the answer got lost');
}

/** An external commit of somebody who takes no part, made from a group of its own by the same name. */
async function strangersCommit(): Promise<Uint8Array> {
  const elsewhere = new Network(HUB);
  const provider = await elsewhere.open(HUB, openMemoryStore());
  const twin = new MlsMember(elsewhere.call, HUB, 'alice-1');
  await twin.createRoom(club);
  await twin.update(club, twin.commit({ update: true }));
  twin.group.acceptPending();
  const { store, identity } = mallory;
  const { groupInfo, ratchetTree } = {
    groupInfo: twin.group.groupInfo(),
    ratchetTree: twin.group.ratchetTree(),
  };
  const joined = Group.joinExternally(store, identity, groupInfo, ratchetTree);
  await provider.close();
  return commitRequest({ ...joined, newEpoch: joined.group.epoch });
}
