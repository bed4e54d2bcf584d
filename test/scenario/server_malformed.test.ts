// Bad bodies at every endpoint: a typed refusal, nothing written, and the server goes on.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection, Device } from '../../ts/client/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import { roomUri, userUri } from '../../ts/wire/index.ts';
import { errorOf, type HttpAnswer, httpCall } from '../support/http_call.ts';
import {
  ADMIN_TOKEN,
  BINARY,
  countedStore,
  mintToken,
  openDevice,
  type StoreCalls,
  start,
} from '../support/running_server.ts';

const SECRET = 'secret-shared-with-b';
const REQUEST_BYTES = 100_000;
const WRITES = ['append', 'advance', 'trim'];
const ROOM = roomUri('a.example', 'club');
const DEVICE_OPERATIONS = [
  'register',
  'uploadKeyPackages',
  'keyMaterial',
  'createRoom',
  'update',
  'submitMessage',
  'groupInfo',
  'sync',
  'consent',
];
const PEER_ENDPOINTS = ['keyMaterial', 'update', 'submitMessage', 'groupInfo', 'notify'];

interface Recorded {
  readonly id: string | undefined;
  readonly body: Uint8Array;
}

let server: RunningServer;
let calls: StoreCalls;
let token: string;
const devices: Device[] = [];
/** The first request of each operation that real devices made. */
const recorded = new Map<string, Recorded>();

function recording(connection: Connection): Connection {
  return {
    call(operation, id, body, options) {
      if (!recorded.has(operation)) recorded.set(operation, { id, body: body.slice() });
      return connection.call(operation, id, body, options);
    },
  };
}

beforeAll(async () => {
  const counted = countedStore();
  calls = counted.calls;
  server = await start(
    'a.example',
    {
      peers: [{ domain: 'b.example', url: 'http://127.0.0.1:1', secret: SECRET }],
      limits: { requestBytes: REQUEST_BYTES, syncWaitMs: 50 },
    },
    { store: counted.store },
  );
  const alice = await openDevice(server.url, 'a.example', 'alice', 'phone', recording);
  const bob = await openDevice(server.url, 'a.example', 'bob', 'laptop', recording);
  const laptop = await openDevice(server.url, 'a.example', 'alice', 'desk', recording);
  devices.push(alice, bob, laptop);
  await bob.allow(userUri('a.example', 'alice'));
  const room = await alice.createRoom(ROOM);
  await room.invite(userUri('a.example', 'bob'));
  await room.send(new TextEncoder().encode('hello'));
  await laptop.joinExternally(ROOM);
  await alice.sync();
  token = await mintToken(server.url, 'a.example', 'mallory', 'probe');
});
afterAll(async () => {
  for (const device of devices) await device.close();
  await server.close();
});

const FALLBACK: Record<string, Recorded> = {
  // One frame of the fan-out that no device sends; its content does not matter once it is cut or changed.
  notify: { id: ROOM, body: new Uint8Array(200).fill(1) },
};

function request(operation: string): Recorded {
  const found = recorded.get(operation) ?? FALLBACK[operation];
  if (found === undefined) throw new Error(`no device called ${operation}`);
  return found;
}

type Send = (operation: string, body: Uint8Array, headers?: object) => Promise<HttpAnswer>;

const path = (operation: string) => {
  const { id } = request(operation);
  return id === undefined ? operation : `${operation}/${encodeURIComponent(id)}`;
};
const asDevice: Send = (operation, body, headers = {}) =>
  httpCall(server.url, `/client/v1/${path(operation)}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': BINARY, ...headers },
    body,
  });
const asPeer: Send = (operation, body, headers = {}) =>
  httpCall(server.url, `/v1/${path(operation)}`, {
    headers: {
      host: 'a.example',
      from: 'mimi@b.example',
      authorization: `Bearer ${SECRET}`,
      'content-type': BINARY,
      ...headers,
    },
    body,
  });

const ENDPOINTS: [name: string, operation: string, send: Send][] = [
  ...DEVICE_OPERATIONS.map((name): [string, string, Send] => [`device ${name}`, name, asDevice]),
  ...PEER_ENDPOINTS.map((name): [string, string, Send] => [`peer ${name}`, name, asPeer]),
];

/** Runs `act` and checks that the store was not written meanwhile. */
async function withoutWrites(act: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  calls.clear();
  const answer = await act();
  expect([...calls.keys()].filter((method) => WRITES.includes(method))).toEqual([]);
  return answer;
}

function expectRefusal(answer: HttpAnswer, status: number): void {
  expect(answer.status).toBe(status);
  expect(errorOf(answer)).toMatchObject({
    layer: expect.stringMatching(/^(server|wire|provider)$/),
    code: expect.stringMatching(/^[a-zA-Z]+$/),
    message: expect.stringMatching(/.{10}/),
  });
}

describe.each(ENDPOINTS)('%s', (_name, operation, send) => {
  test('refuses an empty body', async () => {
    expectRefusal(await withoutWrites(() => send(operation, new Uint8Array())), 400);
  });

  test('refuses a request cut off anywhere', async () => {
    const { body } = request(operation);
    const step = Math.max(1, Math.floor(body.byteLength / 24));
    for (let length = 1; length < body.byteLength; length += step) {
      expectRefusal(await withoutWrites(() => send(operation, body.slice(0, length))), 400);
    }
  });

  test('refuses bytes after the request', async () => {
    const { body } = request(operation);
    const longer = new Uint8Array([...body, 0]);
    expectRefusal(await withoutWrites(() => send(operation, longer)), 400);
  });

  test('refuses random bytes', async () => {
    for (let round = 0; round < 20; round += 1) {
      const body = new Uint8Array(randomBytes(1 + round * 17));
      body[0] = 0xc0;
      expectRefusal(await withoutWrites(() => send(operation, body)), 400);
    }
  });

  test('refuses a body over the limit, announced or not', async () => {
    const body = new Uint8Array(REQUEST_BYTES + 1);
    expectRefusal(await withoutWrites(() => send(operation, body)), 413);
    const chunked = { 'transfer-encoding': 'chunked' };
    const answer = await withoutWrites(() => send(operation, body, chunked));
    expectRefusal(answer, 413);
  });

  test('refuses another content type, and none', async () => {
    const { body } = request(operation);
    for (const type of ['application/json', 'text/plain', 'nonsense', '']) {
      const answer = await withoutWrites(() => send(operation, body, { 'content-type': type }));
      expectRefusal(answer, 415);
    }
  });

  test('answers a request with any byte changed, and never fails', async () => {
    const { body } = request(operation);
    const step = Math.max(1, Math.floor(body.byteLength / 40));
    for (let at = 0; at < body.byteLength; at += step) {
      const changed = body.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const { status } = await send(operation, changed);
      expect(status).toBeLessThan(500);
    }
  });
});

describe('an MLS message of another protocol version', () => {
  test.each(['update', 'submitMessage'])('is refused by %s', async (operation) => {
    const { body } = request(operation);
    // mls10 followed by a wire format of an application or handshake message (RFC 9420, section 6).
    const at = body.findIndex(
      (byte, index) =>
        byte === 0 && body[index + 1] === 1 && body[index + 2] === 0 && (body[index + 3] ?? 9) < 3,
    );
    expect(at).toBeGreaterThanOrEqual(0);
    const changed = body.slice();
    changed[at + 1] = 2;
    expectRefusal(await withoutWrites(() => asDevice(operation, changed)), 400);
    expectRefusal(await withoutWrites(() => asPeer(operation, changed)), 400);
  });
});

describe('an admin request', () => {
  const mint = (body: string, headers = {}) =>
    httpCall(server.url, '/admin/v1/devices', {
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'content-type': 'application/json',
        ...headers,
      },
      body,
    });
  const user = 'mimi://a.example/u/alice';
  const client = 'mimi://a.example/d/phone';

  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['an array', '[]'],
    ['no client', JSON.stringify({ user })],
    ['more than it takes', JSON.stringify({ user, client, admin: true })],
    ['a prototype', `{"__proto__": {"x": 1}, "user": "${user}", "client": "${client}"}`],
    ['a user that is no URI', JSON.stringify({ user: 'alice', client })],
    ['a user of another domain', JSON.stringify({ user: 'mimi://b.example/u/alice', client })],
    ['a client that is a user', JSON.stringify({ user, client: user })],
  ])('with %s is refused', async (_name, body) => {
    expectRefusal(await withoutWrites(() => mint(body)), 400);
  });

  test('over its limit, or of another content type, is refused', async () => {
    expectRefusal(await withoutWrites(() => mint(`"${'x'.repeat(5000)}"`)), 413);
    expectRefusal(await withoutWrites(() => mint('{}', { 'content-type': BINARY })), 415);
  });
});

test('after all of it, the room goes on', async () => {
  const [alice, bob] = devices as [Device, Device];
  await alice.sync();
  await alice.room(ROOM)?.send(new TextEncoder().encode('still here'));
  await bob.sync();
  const room = await bob.invitations()[0]?.accept();
  await bob.sync();
  const texts = (await room?.messages())?.map(({ content }) => new TextDecoder().decode(content));
  expect(texts).toContain('still here');
});
