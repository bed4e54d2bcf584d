// What devices of two providers ask for over HTTP in modes that hide identities: keys, cards, letters, notes, claims;
// and with which status each refusal comes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import {
  asUserUri,
  encodeSealedRequest,
  providerUri,
  roomUri,
  userUri,
} from '../../ts/wire/index.ts';
import { HiddenAccount, HiddenDevice } from '../support/hidden_account.ts';
import { errorOf, type HttpAnswer } from '../support/http_call.ts';
import type { Call } from '../support/mls_member.ts';
import { deviceCall, freePort, mintToken, start } from '../support/running_server.ts';

const [A, B] = ['a.example', 'b.example'];
const LETTERS = 2;
const servers = new Map<string, RunningServer>();
const tokens = new Map<string, string>();
let alice: HiddenDevice;
let bob: HiddenDevice;

/** Brings a request over HTTP; `''` as id is no id. */
async function post(by: HiddenDevice, path: string, body: Uint8Array): Promise<HttpAnswer> {
  const url = servers.get(by === bob ? B : A)?.url ?? '';
  return deviceCall(url, tokens.get(by.device.client) ?? '', path, body);
}

const call: Call = async (device, operation, id, body) => {
  const path = id === '' ? operation : `${operation}/${encodeURIComponent(id)}`;
  const answer = await post(device.client === bob.device.client ? bob : alice, path, body);
  if (answer.status !== 200) throw new Error(`${operation} got ${answer.status}`);
  return new Uint8Array(answer.body);
};

beforeAll(async () => {
  await init();
  const ports = new Map([
    [A, await freePort()],
    [B, await freePort()],
  ]);
  for (const [domain, other] of [
    [A, B],
    [B, A],
  ] as const) {
    const peer = {
      domain: other,
      url: `http://127.0.0.1:${ports.get(other)}`,
      secret: 'a-b-secret-of-both',
    };
    const server = await start(domain, {
      listen: { port: ports.get(domain) ?? 0 },
      peers: [peer],
      limits: { lettersPerClient: LETTERS },
    });
    servers.set(domain, server);
  }
  alice = new HiddenDevice(call, A, 'alice-1', new HiddenAccount());
  bob = new HiddenDevice(call, B, 'bob-1', new HiddenAccount());
  for (const [domain, user, device] of [
    [A, 'alice', alice],
    [B, 'bob', bob],
  ] as const) {
    const token = await mintToken(servers.get(domain)?.url ?? '', domain, user, `${user}-1`);
    tokens.set(device.device.client, token);
    await device.register(0);
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

test('a user is asked by its card, and its key packages are claimed through the hub', async () => {
  const card = bob.card();
  await bob.call('publishContact', '', card);
  expect(await alice.call('contact', bob.device.user, new Uint8Array())).toEqual(card);
  await bob.uploadSets([bob.part('one'), bob.part('two')]);
  const room = roomUri(A, 'club');
  await alice.createRoom(room);
  expect(await alice.claimSet(B, bob.account.token, { room })).toHaveLength(1);
  expect(await alice.claimSet(B, bob.account.token)).toHaveLength(1);
  expect(await alice.claimSet(B, bob.account.token, { room })).toEqual([]);
});

test('a letter and a note wait for the devices of a user', async () => {
  await alice.sendLetter(bob.device.user, new Uint8Array([1, 2]));
  expect(await bob.letters()).toEqual([{ number: 1n, sealed: new Uint8Array([1, 2]) }]);
  expect(await bob.letters(1n)).toEqual([]);
  const key = new Uint8Array(32);
  await bob.note(key, new Uint8Array([3]));
  expect(await bob.note(key)).toEqual(new Uint8Array([3]));
});

const refusal = async (answer: Promise<HttpAnswer>) => {
  const found = await answer;
  const { layer, code } = errorOf(found);
  return [found.status, `${layer}.${code}`, found.headers['retry-after']];
};
const pathOf = (operation: string, id: string) => `${operation}/${encodeURIComponent(id)}`;

test('a refusal has the same status whether it is of the own provider or of another', async () => {
  for (const domain of [A, B]) {
    const nobody = userUri(domain, 'nobody');
    const asked = post(alice, pathOf('contact', nobody), new Uint8Array());
    expect(await refusal(asked)).toEqual([404, 'provider.noSuchContact', undefined]);
  }
  const expired = await alice.makeClaim(B, bob.account.token, { expiry: Date.now() - 60_000 });
  const unreadable = new Uint8Array(100);
  for (const by of [alice, bob]) {
    const claim = (sealed: Uint8Array) =>
      refusal(
        post(by, pathOf('claimKeyPackages', providerUri(B)), encodeSealedRequest({ sealed })),
      );
    expect(await claim(expired.sealed)).toEqual([410, 'provider.claimExpired', undefined]);
    expect(await claim(unreadable)).toEqual([422, 'provider.claimUnreadable', undefined]);
  }
  const full: unknown[] = [];
  for (const by of [alice, bob]) {
    for (let letter = 0; letter < LETTERS; letter++) {
      await post(by, pathOf('letter', bob.device.user), new Uint8Array(1));
    }
    full.push(await refusal(post(by, pathOf('letter', bob.device.user), new Uint8Array(1))));
  }
  expect(full).toEqual(Array(2).fill([429, 'provider.mailboxFull', '60']));
});

test('the id of a path is of the kind that the operation takes', async () => {
  const wrong = [
    pathOf('providerKeys', asUserUri(userUri(A, 'alice'))),
    pathOf('claimKeyPackages', roomUri(A, 'club')),
    pathOf('contact', providerUri(A)),
    pathOf('letter', roomUri(A, 'club')),
  ];
  for (const path of wrong) {
    expect((await refusal(post(alice, path, new Uint8Array()))).slice(0, 2)).toEqual([
      400,
      'server.badUri',
    ]);
  }
});

test('a body that is not the structure of the operation is refused', async () => {
  const body = new Uint8Array([0xff]);
  const paths = [
    pathOf('providerKeys', providerUri(A)),
    pathOf('contact', userUri(A, 'alice')),
    pathOf('claimKeyPackages', providerUri(A)),
    'uploadKeyPackageSets',
    'publishContact',
    'letters',
    'note',
  ];
  for (const path of paths) {
    const answer = await refusal(post(alice, path, body));
    expect([path, ...answer.slice(0, 2)]).toEqual([path, 400, 'provider.badRequest']);
  }
});
