// The HTTP connection against a real server: what it sends, and what it makes of every kind of answer.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpConnection } from '../../../ts/client/index.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

let server: Server;
let baseUrl: string;
let handle: Handler;
beforeEach(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => handle(request, response, Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const body = Uint8Array.of(1, 2, 3);
const connect = (options: { timeoutMs?: number; maxAnswerBytes?: number } = {}) =>
  httpConnection({ baseUrl, token: 'secret-token', ...options });
const answering =
  (
    status: number,
    content: string | Uint8Array = '',
    headers: Record<string, string> = {},
  ): Handler =>
  (_request, response) => {
    response.writeHead(status, headers).end(content);
  };

test('a call posts the bytes to the operation’s path with the token, and gives the answer’s bytes', async () => {
  const seen: unknown[] = [];
  handle = ({ method, url, headers }, response, content) => {
    seen.push(method, url, headers.authorization, headers['content-type'], [...content]);
    response.end(Uint8Array.of(9, 8));
  };

  const answer = await connect().call('update', 'mimi://a.example/r/club', body);

  expect([...answer]).toEqual([9, 8]);
  expect(seen).toEqual([
    'POST',
    '/client/v1/update/mimi%3A%2F%2Fa.example%2Fr%2Fclub',
    'Bearer secret-token',
    'application/octet-stream',
    [1, 2, 3],
  ]);
});

test('a connection of nobody in particular says nothing of who it is', async () => {
  let seen: IncomingMessage['headers'] = {};
  handle = ({ headers }, response) => {
    seen = headers;
    response.end();
  };
  await httpConnection({ baseUrl }).call('openQueue', undefined, body);
  expect(seen).not.toHaveProperty('authorization');
  expect(seen).not.toHaveProperty('cookie');
});

test('a base URL may have a path, and an operation without an id has none in its path', async () => {
  let path: string | undefined;
  handle = ({ url }, response) => {
    path = url;
    response.end();
  };

  await httpConnection({ baseUrl: `${baseUrl}/chat/`, token: 't' }).call('sync', undefined, body);

  expect(path).toBe('/chat/client/v1/sync');
});

test('401 is unauthorized', async () => {
  handle = answering(401);
  await expect(connect().call('sync', undefined, body)).rejects.toMatchObject({
    code: 'unauthorized',
  });
});

test('another 4xx is a refusal with the provider’s code and rule', async () => {
  const error = { layer: 'provider', code: 'roomExists', message: 'x', rule: 'R9', secret: 'no' };
  handle = answering(403, JSON.stringify({ error }));

  const refused = connect().call('createRoom', 'x', body);

  await expect(refused).rejects.toMatchObject({
    code: 'refused',
    details: { status: 403, layer: 'provider', code: 'roomExists', rule: 'R9' },
  });
});

test('a refusal whose body is no JSON is still a refusal', async () => {
  handle = answering(404, '<html>');
  await expect(connect().call('sync', undefined, body)).rejects.toMatchObject({
    code: 'refused',
    details: { status: 404 },
  });
});

for (const status of [429, 503]) {
  test(`${status} says that nothing was processed, and when to come again`, async () => {
    handle = answering(status, '', { 'retry-after': '7' });
    await expect(connect().call('sync', undefined, body)).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterMs: 7000 },
    });
  });
}

for (const status of [500, 502, 504]) {
  test(`${status} leaves the outcome open`, async () => {
    handle = answering(status);
    await expect(connect().call('update', 'x', body)).rejects.toMatchObject({ code: 'unknown' });
  });
}

test('a connection that breaks after the request leaves the outcome open', async () => {
  handle = (request) => request.socket.destroy();
  await expect(connect().call('update', 'x', body)).rejects.toMatchObject({ code: 'unknown' });
});

test('an answer that does not come in time leaves the outcome open', async () => {
  handle = () => {};
  await expect(connect({ timeoutMs: 50 }).call('update', 'x', body)).rejects.toMatchObject({
    code: 'unknown',
  });
});

test('a server that is not there has surely processed nothing', async () => {
  await new Promise((resolve) => server.close(resolve));
  await expect(connect().call('update', 'x', body)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a redirect is not followed, since the token would go along', async () => {
  const paths: (string | undefined)[] = [];
  handle = ({ url }, response) => {
    paths.push(url);
    response.writeHead(307, { location: `${baseUrl}/elsewhere` }).end();
  };

  await expect(connect().call('sync', undefined, body)).rejects.toMatchObject({ code: 'unknown' });
  expect(paths).toEqual(['/client/v1/sync']);
});

test('an answer beyond the limit is not read to its end', async () => {
  handle = answering(200, new Uint8Array(2000));
  await expect(
    connect({ maxAnswerBytes: 1000 }).call('sync', undefined, body),
  ).rejects.toMatchObject({ code: 'badAnswer' });
});

test('a signal stops a call that waits', async () => {
  handle = () => {};
  const stop = new AbortController();
  const call = connect().call('sync', undefined, body, { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await expect(call).rejects.toMatchObject({ code: 'unknown' });
});

test('plain HTTP is refused except on loopback', () => {
  const at = (url: string) => () => httpConnection({ baseUrl: url, token: 't' });

  for (const url of ['http://chat.example', 'http://127.0.0.1.evil.example', 'ftp://localhost']) {
    expect(at(url)).toThrow(expect.objectContaining({ code: 'insecure' }));
  }
  for (const url of ['https://chat.example', 'http://localhost:1', 'http://[::1]:1']) {
    expect(at(url)).not.toThrow();
  }
});

test('no error tells the token', async () => {
  handle = answering(500);
  const error: unknown = await connect()
    .call('sync', undefined, body)
    .catch((thrown: unknown) => thrown);
  expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toContain(
    'secret-token',
  );
});
