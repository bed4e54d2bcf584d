// Calls to other providers: what is sent, and that "surely not processed" is never said of what was sent.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpPeerTransport } from '../../../ts/server/peer_transport.ts';

const SECRET = 'secret-shared-with-b';
const ROOM = 'mimi://b.example/r/clubhouse';
const BODY = new Uint8Array([0, 1, 254, 255]);

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function transport(url: string, timeoutMs = 2000, maxAnswerBytes = 1024): HttpPeerTransport {
  const peers = new HttpPeerTransport({
    source: 'a.example',
    peers: [{ domain: 'b.example', url, secret: SECRET }],
    timeoutMs,
    maxAnswerBytes,
    clock: Date.now,
  });
  cleanups.push(() => peers.close());
  return peers;
}

async function peerServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handle);
  return listening(server, () => {
    server.closeAllConnections();
    server.close();
  });
}

async function listening(server: Pick<Server, 'listen' | 'address'>, close: () => void) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(close);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}

describe('a call to a peer', () => {
  test('names target and source, carries secret, id and body, and gives the answer back', async () => {
    let seen: IncomingMessage | undefined;
    let body: Uint8Array | undefined;
    const url = await peerServer(async (request, response) => {
      seen = request;
      body = await bodyOf(request);
      response.writeHead(429, { 'retry-after': '3' }).end(Buffer.from([9, 8]));
    });
    const answer = await transport(url).post('b.example', 'update', ROOM, BODY);
    expect(answer).toEqual({ status: 429, body: new Uint8Array([9, 8]), retryAfterMs: 3000 });
    expect(seen?.method).toBe('POST');
    expect(seen?.url).toBe('/v1/update/mimi%3A%2F%2Fb.example%2Fr%2Fclubhouse');
    expect(seen?.headers).toMatchObject({
      host: 'b.example',
      from: 'mimi@a.example',
      authorization: `Bearer ${SECRET}`,
      'content-type': 'application/octet-stream',
    });
    expect(body).toEqual(BODY);
  });

  test('keeps its connections for later calls', async () => {
    const sockets = new Set<unknown>();
    const url = await peerServer((request, response) => {
      sockets.add(request.socket);
      request.resume().on('end', () => response.end());
    });
    const peers = transport(url);
    for (let round = 0; round < 20; round += 1) await peers.post('b.example', 'notify', ROOM, BODY);
    // A call made in the same turn as the last answer may find its connection not yet free.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  test('to a domain that is not configured is refused without a connection', async () => {
    await expect(
      transport('http://127.0.0.1:1').post('c.example', 'update', ROOM, BODY),
    ).rejects.toMatchObject({ layer: 'provider', code: 'unknownPeer' });
  });

  test('that finds nobody listening, or no such name, was surely not processed', async () => {
    for (const url of ['http://127.0.0.1:1', 'https://nobody.invalid']) {
      await expect(transport(url).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject({
        code: 'peerUnavailable',
      });
    }
  });

  test('whose connection breaks after the request has an unknown outcome', async () => {
    const url = await peerServer((request) => {
      request.on('data', () => request.socket.destroy());
    });
    await expect(transport(url).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject({
      code: 'peerUnknown',
    });
  });

  test('whose connection breaks within the answer has an unknown outcome', async () => {
    const url = await peerServer((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('abc', () => response.socket?.destroy());
    });
    await expect(transport(url).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject({
      code: 'peerUnknown',
    });
  });

  test('that gets bytes that are no HTTP has an unknown outcome', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('what?\r\n\r\n'));
    });
    const url = await listening(server as unknown as Server, () => server.close());
    await expect(transport(url).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject({
      code: 'peerUnknown',
    });
  });

  test('without an answer in time has an unknown outcome', async () => {
    const url = await peerServer(() => undefined);
    await expect(transport(url, 100).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject(
      { code: 'peerUnknown' },
    );
  });

  test('that gave up while waiting for a connection was not processed, and never is later', async () => {
    const arrived = new Set<string>();
    const url = await peerServer((request) => {
      arrived.add(decodeURIComponent(request.url ?? ''));
    });
    const peers = transport(url, 400);
    const rooms = Array.from({ length: 200 }, (_, index) => `${ROOM}${index}`);
    const codes = await Promise.all(
      rooms.map((room) =>
        peers.post('b.example', 'update', room, BODY).then(
          () => 'answered',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    // How many got a connection is up to timing: the first to give up make room for some that wait.
    const unprocessed = rooms.filter((_, index) => codes[index] === 'peerUnavailable');
    expect(new Set(codes)).toEqual(new Set(['peerUnavailable', 'peerUnknown']));
    expect(unprocessed.filter((room) => arrived.has(`/v1/update/${room}`))).toEqual([]);
    expect(arrived.size).toBeGreaterThan(0);
  });

  test('with a larger answer than is taken has an unknown outcome', async () => {
    const url = await peerServer((_request, response) => {
      response.end(Buffer.alloc(4096));
    });
    await expect(transport(url).post('b.example', 'update', ROOM, BODY)).rejects.toMatchObject({
      code: 'peerUnknown',
    });
  });

  test('under way when the transport closes fails, and does not hang', async () => {
    const url = await peerServer(() => undefined);
    const peers = transport(url, 60_000);
    const call = peers.post('b.example', 'update', ROOM, BODY);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'peerUnknown' }), peers.close()]);
  });
});
