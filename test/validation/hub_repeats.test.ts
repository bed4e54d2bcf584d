// What the hub answers a repeat with: what it answered the first time, and only to what it then accepted.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
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
let alice: MlsMember;
/** Two clients of Bob's. */
let phone: MlsMember;
let tablet: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB);
  await network.open(HUB, openMemoryStore());
  alice = new MlsMember(network.call, HUB, 'alice-1');
  phone = new MlsMember(network.call, HUB, 'bob-1');
  tablet = new MlsMember(network.call, HUB, 'bob-2');
  for (const member of [alice, phone, tablet]) await member.register();
  await alice.createRoom(club);
  await phone.allow(alice.device.user);
  const keyPackages = await alice.claim(club, phone.device.user);
  const bundle = alice.group.commit({ add: keyPackages });
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
