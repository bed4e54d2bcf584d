// Key material that comes through the hub of a room: the hub sends a Welcome only to whom the key package is of.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyPackage, init } from '../../ts/mls/index.ts';
import type { PeerEndpoint, PeerReply } from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeKeyMaterialResponse,
  encodeKeyMaterialResponse,
  roomUri,
} from '../../ts/wire/index.ts';
import { MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';

const HUB = 'a.example';
const HONEST = 'b.example';
const HOSTILE = 'c.example';
const club = roomUri(HUB, 'club');

let network: Network;
let alice: MlsMember;
let bob: MlsMember;
let mallory: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB, HONEST, HOSTILE);
  for (const domain of [HUB, HONEST, HOSTILE]) await network.open(domain, openMemoryStore());
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, HONEST, 'bob-1');
  mallory = new MlsMember(network.call, HOSTILE, 'mallory-1');
  for (const member of [alice, bob, mallory]) {
    await member.register();
    await member.allow(alice.device.user);
  }
  await alice.createRoom(club);
});

afterEach(async () => {
  for (const domain of [HUB, HONEST, HOSTILE]) await network.provider(domain).close();
});

/** The hostile provider hands out another key package than that of its user. */
function handOut(keyPackage: Uint8Array): void {
  network.interfere = ({ source, target, endpoint, id, body }) =>
    target === HOSTILE ? forged(source, endpoint, id, body) : undefined;
  const forged = async (...[source, endpoint, id, body]: Parameters<typeof honest>) => {
    const reply = await honest(source, endpoint, id, body);
    const answer = decodeKeyMaterialResponse(reply.body);
    const clients = answer.clients.map((client) => ({ ...client, keyPackage }));
    return {
      status: 200,
      body: encodeKeyMaterialResponse({ ...answer, clients } as typeof answer),
    };
  };
  const honest = (
    source: string,
    endpoint: PeerEndpoint,
    id: string,
    body: Uint8Array,
  ): Promise<PeerReply> => network.provider(HOSTILE).fromPeer(source, endpoint, id, body);
}

test('a provider cannot draw the Welcome of another provider to itself', async () => {
  const keyPackages = await alice.claim(club, bob.device.user);
  handOut(keyPackages[0] as Uint8Array);
  await expect(alice.claim(club, mallory.device.user)).rejects.toMatchObject({
    code: 'peerRefused',
  });
  await alice.update(club, alice.commit({ add: keyPackages }));
  const { entries } = await network.provider(HUB).inspect(club);
  expect(entries.map(({ what }) => what)).toEqual(['created', 'commit']);
  network.posts.length = 0;
  await network.provider(HUB).deliver();
  expect(network.posts.map(({ target }) => target)).toEqual([HONEST]);
});

test('a key package that does not verify is the fault of the provider that gave it', async () => {
  const { keyPackage } = createKeyPackage(mallory.store, mallory.identity);
  const last = keyPackage.length - 1;
  keyPackage[last] = (keyPackage[last] as number) ^ 1;
  handOut(keyPackage);
  await expect(alice.claim(club, mallory.device.user)).rejects.toMatchObject({
    kind: 'dependency',
  });
});
