// What the hub answers a repeat with: what it answered the first time, and only to what it then accepted.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { Store } from '../../ts/provider/store.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeMlsMessage,
  decodeUpdateRoomResponse,
  encodeUpdateRequest,
  type HandshakeView,
  roomUri,
  type UpdateRoomResponse,
} from '../../ts/wire/index.ts';
import { MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const club = roomUri(HUB, 'club');

let network: Network;
let store: Store;
let alice: MlsMember;
/** Two clients of Bob's. */
let phone: MlsMember;
let tablet: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB);
  store = openMemoryStore();
  await network.open(HUB, store);
  alice = new MlsMember(network.call, HUB, 'alice-1');
  phone = new MlsMember(network.call, HUB, 'bob-1');
  tablet = new MlsMember(network.call, HUB, 'bob-2');
  for (const member of [alice, phone, tablet]) await member.register();
  await alice.createRoom(club);
  await phone.allow(alice.device.user);
  const keyPackages = await alice.claim(club, phone.device.user);
  const bundle = alice.commit({ add: keyPackages });
  await alice.update(club, bundle);
  alice.group.acceptPending();
  for (const member of [phone, tablet]) {
    member.join(bundle.welcome as Uint8Array, alice.group.ratchetTree());
  }
});

afterEach(() => network.provider(HUB).close());

async function propose(by: MlsMember, ...messages: Uint8Array[]): Promise<UpdateRoomResponse> {
  const views = messages.map((bytes) => decodeMlsMessage(bytes) as HandshakeView);
  const [message, ...moreProposals] = views as [HandshakeView, ...HandshakeView[]];
  const body = encodeUpdateRequest({ kind: 'proposal', message, moreProposals });
  return decodeUpdateRoomResponse(await by.call('update', club, body));
}

test('proposals are a repeat only when all of them are', async () => {
  const first = phone.group.propose({ remove: tablet.group.ownLeafIndex });
  const second = phone.group.propose({ selfRemove: true });
  const accepted = await propose(phone, first);
  expect(accepted.code).toBe('success');
  network.now += 1000;
  expect(await propose(phone, first)).toEqual(accepted);
  expect(await propose(phone, first, second)).toMatchObject({
    code: 'notAllowed',
    errorDescription: expect.stringMatching(/^invalidProposal: duplicate/),
  });
  const both = await propose(phone, second);
  expect(both.code).toBe('success');
  network.now += 1000;
  expect(await propose(phone, second)).toEqual(both);
  const { entries } = await network.provider(HUB).inspect(club);
  expect(entries.filter(({ kind }) => kind === 'proposals')).toHaveLength(2);
});

test('proposals that come together are each of their own, and few', async () => {
  const leave = phone.group.propose({ selfRemove: true });
  expect(await propose(phone, leave, leave)).toMatchObject({
    code: 'notAllowed',
    errorDescription: 'invalidProposal: duplicate',
  });
  const many = Array.from({ length: 17 }, (_, index) =>
    phone.group.propose({ selfRemove: true }, new Uint8Array([index])),
  );
  await expect(propose(phone, ...many)).rejects.toMatchObject({ code: 'tooLarge' });
  expect((await propose(phone, ...many.slice(1))).code).toBe('success');
  await network.provider(HUB).close();
  await network.open(HUB, store);
  const { entries } = await network.provider(HUB).inspect(club);
  expect(entries.at(-1)).toMatchObject({ kind: 'proposals', epoch: 1 });
});

test('a repeat is known among any number of inputs that are written together', async () => {
  await network.provider(HUB).close();
  await network.open(HUB, store, { batchInputs: 1024 });
  const messages = Array.from({ length: 300 }, (_, index) =>
    phone.group.encrypt(new Uint8Array([index & 255])),
  );
  const [first] = messages as [Uint8Array];
  const answers = await Promise.all([...messages, first].map((each) => phone.submit(club, each)));
  expect(answers.at(-1)).toEqual(answers[0]);
  const { entries } = await network.provider(HUB).inspect(club);
  expect(entries.filter(({ what }) => what === 'application')).toHaveLength(300);
});
