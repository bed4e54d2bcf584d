// HTTP as a caller meets it: paths, limits, long polls, the event stream, waiting times and closing.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningServer } from '../../ts/server/runtime.ts';
import {
  clientUri,
  decodeSyncResponse,
  encodeSyncRequest,
  roomUri,
  userUri,
} from '../../ts/wire/index.ts';
import { errorOf, httpCall } from '../support/http_call.ts';
import {
  ADMIN_TOKEN,
  BINARY,
  deviceCall,
  freePort,
  mintToken,
  openDevice,
  start,
} from '../support/running_server.ts';

const SECRET = 'secret-shared-by-a-and-b';
const ROOM = roomUri('a.example', 'club');
const bytes = (text: string) => new TextEncoder().encode(text);

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(...args: Parameters<typeof start>): Promise<RunningServer> {
  const server = await start(...args);
  cleanups.push(() => server.close());
  return server;
}

async function withDevice(settings: Parameters<typeof start>[1] = {}) {
  const server = await started('a.example', settings);
  const token = await mintToken(server.url, 'a.example', 'alice', 'probe');
  return { server, token };
}

async function device(url: string, domain: string, user: string, name: string) {
  const opened = await openDevice(url, domain, user, name);
  cleanups.push(() => opened.close());
  return opened;
}

const syncBody = (waitMs: number) =>
  encodeSyncRequest({ cursor: new Uint8Array(), waitMs, limit: 100 });

/** Sends raw bytes; answers all that comes back until the server ends the connection. */
async function rawCall(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  cleanups.push(() => socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('paths', () => {
  test('the directory names the URL template of every endpoint between providers', async () => {
    const server = await started('a.example');
    const path = '/.well-known/mimi-protocol-directory';
    const answer = await httpCall(server.url, path, { method: 'GET' });
    expect(JSON.parse(answer.body.toString())).toEqual({
      keyMaterial: `${server.url}/v1/keyMaterial/{targetUser}`,
      update: `${server.url}/v1/update/{roomId}`,
      submitMessage: `${server.url}/v1/submitMessage/{roomId}`,
      groupInfo: `${server.url}/v1/groupInfo/{roomId}`,
      notify: `${server.url}/v1/notify/{roomId}`,
      roomSlots: `${server.url}/v1/roomSlots/{roomId}`,
      reportAbuse: `${server.url}/v1/reportAbuse/{roomId}`,
      providerKeys: `${server.url}/v1/providerKeys/{targetProvider}`,
      claimKeyPackages: `${server.url}/v1/claimKeyPackages/{targetProvider}`,
      contact: `${server.url}/v1/contact/{targetUser}`,
      letter: `${server.url}/v1/letter/{targetUser}`,
    });
    const proxied = await started('a.example', { publicUrl: 'https://mimi.a.example/' });
    const other = await httpCall(proxied.url, path, { method: 'GET' });
    expect(JSON.parse(other.body.toString()).notify).toBe(
      'https://mimi.a.example/v1/notify/{roomId}',
    );
  });

  test('health says that the server lives and is ready', async () => {
    const server = await started('a.example');
    for (const [path, status] of [
      ['/health/live', 'live'],
      ['/health/ready', 'ready'],
    ] as const) {
      const answer = await httpCall(server.url, path, { method: 'GET' });
      expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, { status }]);
    }
  });

  test.each([
    ['POST', '/'],
    ['POST', '/client/v1/nothing'],
    ['GET', '/client/v1/sync'],
    ['HEAD', '/client/v1/events'],
    ['PUT', '/admin/v1/devices'],
    ['POST', '/v1/update/mimi://a.example/r/club'],
    ['POST', '/v1/update'],
  ])('%s %s is not found', async (method, path) => {
    const server = await started('a.example');
    const answer = await httpCall(server.url, path, { method });
    expect(answer.status).toBe(404);
    if (method !== 'HEAD') expect(errorOf(answer).code).toBe('notFound');
  });

  test.each<[string, string, number, string]>([
    ['the whole URI encoded', encodeURIComponent(ROOM), 200, ''],
    ['lower-case percent signs', encodeURIComponent(ROOM).toLowerCase(), 200, ''],
    ['only the slashes encoded', ROOM.replaceAll('/', '%2F'), 200, ''],
    ['a letter encoded for nothing', encodeURIComponent(ROOM).replace('club', '%63lub'), 200, ''],
    ['an id encoded twice', encodeURIComponent(encodeURIComponent(ROOM)), 400, 'badUri'],
    ['an id with half a percent sign', '%E0%A4%A', 400, 'badUri'],
    ['an id that is no URI', 'club', 400, 'badUri'],
    ['an id of another kind', encodeURIComponent('mimi://a.example/u/alice'), 400, 'badUri'],
    ['an id in upper case', encodeURIComponent('mimi://A.example/r/club'), 400, 'badUri'],
    ['an id with a zero byte', encodeURIComponent('mimi://a.example/r/\0'), 400, 'badUri'],
    ['an endless id', 'x'.repeat(5000), 400, 'badUri'],
  ])('with %s (%s) gets %i %s', async (_name, id, status, code) => {
    const { server, token } = await withDevice();
    const answer = await deviceCall(server.url, token, `unsubscribe/${id}`);
    expect(answer.status).toBe(status);
    if (code !== '') expect(errorOf(answer).code).toBe(code);
  });

  test('every answer forbids caching and guessing of types', async () => {
    const { server, token } = await withDevice();
    const answer = await deviceCall(server.url, token, 'sync', syncBody(0));
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-type': BINARY,
    });
  });
});

describe('limits of a connection', () => {
  test('header fields over the limit get 431', async () => {
    const server = await started('a.example', { http: { headerBytes: 2048 } });
    const answer = await httpCall(server.url, '/health/live', {
      method: 'GET',
      headers: { 'x-long': 'x'.repeat(4096) },
    });
    expect(answer.status).toBe(431);
    expect(errorOf(answer).code).toBe('headersTooLarge');
  });

  test('a request that does not arrive in time gets 408', async () => {
    const { server, token } = await withDevice({ http: { requestTimeoutMs: 300 } });
    const answer = await rawCall(
      server.url,
      `POST /client/v1/sync HTTP/1.1\r\nhost: a.example\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: ${BINARY}\r\ncontent-length: 100\r\n\r\nabc`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain('"code":"requestTimeout"');
  });

  test('bytes that are no HTTP get 400', async () => {
    const server = await started('a.example');
    const answer = await rawCall(server.url, 'hello?\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"badRequest"');
  });

  test('a body whose length is told twice is refused', async () => {
    const server = await started('a.example');
    const answer = await rawCall(
      server.url,
      'POST /client/v1/sync HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n' +
        'transfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('long polls', () => {
  test('one more than a device may hold open gets 429 with a time to wait', async () => {
    const { server, token } = await withDevice({ http: { longPollsPerDevice: 2 } });
    const held = [1, 2].map(() => deviceCall(server.url, token, 'sync', syncBody(1500)));
    await sleep(300);
    const refused = await deviceCall(server.url, token, 'sync', syncBody(0));
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(errorOf(refused).code).toBe('tooManyRequests');
    const other = await mintToken(server.url, 'a.example', 'alice', 'other');
    expect((await deviceCall(server.url, other, 'sync', syncBody(0))).status).toBe(200);
    for (const answer of await Promise.all(held)) expect(answer.status).toBe(200);
    expect((await deviceCall(server.url, token, 'sync', syncBody(0))).status).toBe(200);
  });

  test('a caller that hangs up gives its place back', async () => {
    const { server, token } = await withDevice({ http: { longPollsPerDevice: 1 } });
    const gone = httpCall(server.url, '/client/v1/sync', {
      headers: { authorization: `Bearer ${token}`, 'content-type': BINARY },
      body: syncBody(30_000),
      onRequest: (request) => setTimeout(() => request.destroy(), 200),
    });
    await expect(gone).rejects.toThrow();
    await sleep(100);
    expect((await deviceCall(server.url, token, 'sync', syncBody(0))).status).toBe(200);
  });

  test('one that waits is answered as soon as there is an event', async () => {
    const server = await started('a.example');
    const alice = await device(server.url, 'a.example', 'alice', 'phone');
    const room = await alice.createRoom(ROOM);
    const waiting = alice.sync({ waitMs: 20_000 });
    const before = performance.now();
    await sleep(100);
    await room.send(bytes('hello'));
    expect((await waiting).events).toBeGreaterThan(0);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

interface StreamEvent {
  readonly id: string;
  readonly data: string;
}

/** Reads events of a stream until `count` have come. */
async function readEvents(
  url: string,
  token: string,
  count: number,
  options: { query?: string; lastEventId?: string } = {},
): Promise<StreamEvent[]> {
  const controller = new AbortController();
  const response = await fetch(`${url}/client/v1/events${options.query ?? ''}`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    },
    signal: controller.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: StreamEvent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(part) ?? [];
      if (id !== undefined && data !== undefined) events.push({ id, data });
    }
    if (events.length >= count) break;
  }
  controller.abort();
  return events;
}

const seqs = (events: readonly StreamEvent[]) =>
  events.flatMap(({ data }) =>
    decodeSyncResponse(new Uint8Array(Buffer.from(data, 'base64'))).events.map(({ seq }) => seq),
  );

describe('the event stream', () => {
  test('gives what sync gives, goes on when something happens, and resumes from an id', async () => {
    const server = await started('a.example');
    const alice = await device(server.url, 'a.example', 'alice', 'phone');
    const room = await alice.createRoom(ROOM);
    await room.send(bytes('one'));
    // A new token for the same device: the stream sees the same events as the device does.
    const token = await mintToken(server.url, 'a.example', 'alice', 'phone');
    const early = await readEvents(server.url, token, 1);
    const [first] = early as [StreamEvent];
    const later = readEvents(server.url, token, 2, { lastEventId: first.id });
    await sleep(200);
    const sender = await deviceCall(server.url, token, 'sync', syncBody(0));
    const everything = decodeSyncResponse(new Uint8Array(sender.body)).events.map(({ seq }) => seq);
    expect(seqs(early)).toEqual(everything);
    // Something that happens while the stream is open: another device joins the room.
    const desk = await device(server.url, 'a.example', 'alice', 'desk');
    await desk.joinExternally(ROOM);
    const resumed = seqs(await later);
    const last = everything.at(-1) ?? 0n;
    expect(resumed).toEqual([last + 1n]);
    const byQuery = await readEvents(server.url, token, 1, { query: `?cursor=${first.id}` });
    expect(seqs(byQuery)).toEqual([last + 1n]);
  });

  test.each(['?cursor=!!', '?cursor=AAAA', `?cursor=${'A'.repeat(2000)}`, '?cursor=AA&cursor=AA'])(
    'with %s is refused before it begins',
    async (query) => {
      const { server, token } = await withDevice();
      const answer = await httpCall(server.url, `/client/v1/events${query}`, {
        method: 'GET',
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).message).not.toBe('');
    },
  );

  test('counts among the long polls of its device', async () => {
    const { server, token } = await withDevice({ http: { longPollsPerDevice: 1 } });
    const controller = new AbortController();
    await fetch(`${server.url}/client/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    });
    expect((await deviceCall(server.url, token, 'sync', syncBody(0))).status).toBe(429);
    controller.abort();
    await sleep(200);
    expect((await deviceCall(server.url, token, 'sync', syncBody(0))).status).toBe(200);
  });
});

describe('closing', () => {
  test('answers what waits, ends event streams, refuses what is new, and takes no time', async () => {
    const { server, token } = await withDevice();
    const waiting = deviceCall(server.url, token, 'sync', syncBody(30_000));
    const stream = await fetch(`${server.url}/client/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await sleep(200);
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(2000);
    expect((await waiting).status).toBe(200);
    await stream.text();
    await expect(deviceCall(server.url, token, 'sync', syncBody(0))).rejects.toThrow();
  });

  test('cuts a connection that is still busy after the time to drain', async () => {
    const { server, token } = await withDevice({ http: { drainMs: 300 } });
    const never = rawCall(
      server.url,
      `POST /client/v1/sync HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: ${BINARY}\r\ncontent-length: 100\r\n\r\n`,
    );
    await sleep(100);
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(2000);
    await never;
  });

  test('does not wait for a peer that does not answer', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    cleanups.push(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const server = await started('a.example', {
      http: { drainMs: 300 },
      peers: [{ domain: 'b.example', url: `http://127.0.0.1:${port}`, secret: SECRET }],
    });
    const alice = await device(server.url, 'a.example', 'alice', 'phone');
    const invited = alice
      .createRoom(ROOM)
      .then((room) => room.invite(userUri('b.example', 'carol')))
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await sleep(400);
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(3000);
    expect(await invited).toBeInstanceOf(Error);
  });
});

describe('two providers', () => {
  test('carry a conversation between their users, also after one of them was away', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const peer = (domain: string, port: number) => ({
      domain,
      url: `http://127.0.0.1:${port}`,
      secret: SECRET,
    });
    const storePath = await mkdtemp(join(tmpdir(), 'exedra-follower-'));
    cleanups.push(() => rm(storePath, { recursive: true }));
    const startB = () =>
      started('b.example', {
        store: 'lmdb',
        storePath,
        listen: { port: ports[1] },
        peers: [peer('a.example', ports[0])],
      });
    const a = await started('a.example', {
      listen: { port: ports[0] },
      peers: [peer('b.example', ports[1])],
    });
    const b = await startB();
    const alice = await device(a.url, 'a.example', 'alice', 'phone');
    const carol = await device(b.url, 'b.example', 'carol', 'laptop');
    await carol.allow(userUri('a.example', 'alice'));
    const hers = await alice.createRoom(ROOM);
    await hers.invite(userUri('b.example', 'carol'));
    await hers.send(bytes('hello carol'));
    await syncUntil(carol, () => carol.invitations().length > 0);
    const theirs = await carol.invitations()[0]?.accept();
    if (theirs === undefined) throw new Error('no invitation came');
    await theirs.send(bytes('hello alice'));
    const texts = async (room: typeof hers) =>
      (await room.messages()).map(({ content }) => new TextDecoder().decode(content));
    await syncUntil(alice, async () => (await texts(hers)).length === 2);
    await syncUntil(carol, async () => (await texts(theirs)).length === 2);
    expect(await texts(hers)).toEqual(['hello carol', 'hello alice']);
    expect(await texts(theirs)).toEqual(await texts(hers));

    await b.close();
    await hers.send(bytes('are you there?'));
    await sleep(300);
    await startB();
    await syncUntil(carol, async () => (await texts(theirs)).length === 3);
    expect((await texts(theirs)).at(-1)).toBe('are you there?');
    const unknown = hers.invite(userUri('d.example', 'dora'));
    await expect(unknown).rejects.toMatchObject({ layer: 'client' });
  });
});

async function syncUntil(
  synced: { sync(options: { waitMs: number }): Promise<unknown> },
  done: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    if (await done()) return;
    await synced.sync({ waitMs: 500 });
  }
  throw new Error('it did not come');
}

test('a token cannot be minted for a client of another user', async () => {
  const server = await started('a.example');
  await mintToken(server.url, 'a.example', 'alice', 'phone');
  const answer = await httpCall(server.url, '/admin/v1/devices', {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      user: userUri('a.example', 'mallory'),
      client: clientUri('a.example', 'phone'),
    }),
  });
  expect(answer.status).toBe(403);
  expect(errorOf(answer).code).toBe('wrongDevice');
});
