// Authentication at every endpoint: whatever is wrong with a credential, the answer is the same 401 and nothing is done.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningServer } from '../../ts/server/runtime.ts';
import { encodeRegisterDevice, encodeSyncRequest } from '../../ts/wire/index.ts';
import { errorOf, httpCall } from '../support/http_call.ts';
import {
  ADMIN_TOKEN,
  BINARY,
  countedStore,
  deviceCall,
  mintToken,
  type StoreCalls,
  start,
} from '../support/running_server.ts';

const SECRET_B = 'secret-shared-with-b';
const SECRET_C = 'secret-shared-with-c';
const USER = 'mimi://a.example/u/alice';
const CLIENT = 'mimi://a.example/d/phone';
const ROOM = encodeURIComponent('mimi://a.example/r/club');
const TARGET = encodeURIComponent(USER);
const LATER = Math.floor(Date.now() / 1000) + 600;

const PEER_PATHS = [
  `/v1/keyMaterial/${TARGET}`,
  `/v1/update/${ROOM}`,
  `/v1/submitMessage/${ROOM}`,
  `/v1/groupInfo/${ROOM}`,
  `/v1/notify/${ROOM}`,
];
const DEVICE_PATHS = [
  '/client/v1/register',
  '/client/v1/uploadKeyPackages',
  `/client/v1/keyMaterial/${TARGET}`,
  `/client/v1/createRoom/${ROOM}`,
  `/client/v1/update/${ROOM}`,
  `/client/v1/submitMessage/${ROOM}`,
  `/client/v1/groupInfo/${ROOM}`,
  '/client/v1/sync',
  `/client/v1/consent/${TARGET}`,
  `/client/v1/unsubscribe/${ROOM}`,
];

let folder: string;
let server: RunningServer;
let calls: StoreCalls;
let deviceToken: string;
let revokedToken: string;
let issuer: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exedra-auth-'));
  issuer = await generateKeyPair('ES256');
  const jwks = join(folder, 'jwks.json');
  await writeFile(jwks, JSON.stringify({ keys: [await exportJWK(issuer.publicKey)] }));
  const counted = countedStore();
  calls = counted.calls;
  server = await start(
    'a.example',
    {
      jwks,
      peers: [
        { domain: 'b.example', url: 'http://127.0.0.1:1', secret: SECRET_B },
        { domain: 'c.example', url: 'http://127.0.0.1:1', secret: SECRET_C },
      ],
    },
    { store: counted.store },
  );
  deviceToken = await mintToken(server.url, 'a.example', 'alice', 'phone');
  revokedToken = await mintToken(server.url, 'a.example', 'alice', 'lost');
  const revoked = await httpCall(
    server.url,
    `/admin/v1/devices/${encodeURIComponent('mimi://a.example/d/lost')}`,
    { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } },
  );
  expect(revoked.status).toBe(204);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface JwtParts {
  readonly audience?: string;
  readonly expires?: number;
  readonly key?: typeof issuer.privateKey;
}

function jwt({ audience = 'mimi://a.example', expires = LATER, key }: JwtParts = {}) {
  return new SignJWT({ sub: USER, client: CLIENT })
    .setProtectedHeader({ alg: 'ES256' })
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key ?? issuer.privateKey);
}

function unsignedJwt(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: USER, client: CLIENT, aud: 'mimi://a.example', exp: LATER };
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

type Credential = [name: string, headers: () => Promise<Record<string, string>>];

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const BAD_DEVICE: Credential[] = [
  ['no token', async () => ({})],
  ['an empty token', async () => ({ authorization: 'Bearer ' })],
  ['a wrong token', async () => bearer('A'.repeat(43))],
  ['a revoked token', async () => bearer(revokedToken)],
  ['the admin token', async () => bearer(ADMIN_TOKEN)],
  ["a peer's secret", async () => bearer(SECRET_B)],
  ['another scheme', async () => ({ authorization: `Basic ${deviceToken}` })],
  ['an expired JWT', async () => bearer(await jwt({ expires: LATER - 1200 }))],
  ['a JWT for another provider', async () => bearer(await jwt({ audience: 'mimi://b.example' }))],
  ['a JWT with alg none', async () => bearer(unsignedJwt())],
  [
    "a stranger's JWT",
    async () => bearer(await jwt({ key: (await generateKeyPair('ES256')).privateKey })),
  ],
];

const goodPeer = { host: 'a.example', from: 'mimi@b.example', ...bearer(SECRET_B) };
const BAD_PEER: Credential[] = [
  ['no credential', async () => ({})],
  ['no secret', async () => ({ host: 'a.example', from: 'mimi@b.example' })],
  ['a wrong secret', async () => ({ ...goodPeer, ...bearer('secret-of-nobody') })],
  ["another peer's secret", async () => ({ ...goodPeer, ...bearer(SECRET_C) })],
  ["a device's token", async () => ({ ...goodPeer, ...bearer(deviceToken) })],
  ['an unknown peer', async () => ({ ...goodPeer, from: 'mimi@d.example' })],
  ['another peer in From', async () => ({ ...goodPeer, from: 'mimi@c.example' })],
  ['no From', async () => ({ host: 'a.example', ...bearer(SECRET_B) })],
  ['another Host', async () => ({ ...goodPeer, host: 'b.example' })],
  ['the address as Host', async () => ({ ...goodPeer, host: '127.0.0.1' })],
];

const BAD_ADMIN: Credential[] = [
  ['no token', async () => ({})],
  ['a wrong token', async () => bearer('B'.repeat(43))],
  ["a device's token", async () => bearer(deviceToken)],
  ['a JWT', async () => bearer(await jwt())],
];

interface Endpoint {
  readonly method: string;
  readonly path: string;
}
const post = (path: string): Endpoint => ({ method: 'POST', path });
const DEVICE_ENDPOINTS = [...DEVICE_PATHS.map(post), { method: 'GET', path: '/client/v1/events' }];
const ADMIN_ENDPOINTS = [
  post('/admin/v1/devices'),
  { method: 'DELETE', path: `/admin/v1/devices/${encodeURIComponent(CLIENT)}` },
];

const MATRIX = (
  [
    [PEER_PATHS.map(post), BAD_PEER],
    [DEVICE_ENDPOINTS, BAD_DEVICE],
    [ADMIN_ENDPOINTS, BAD_ADMIN],
  ] as const
).flatMap(([endpoints, credentials]) =>
  endpoints.flatMap(({ method, path }) =>
    credentials.map(([name, headers]) => ({ method, path, name, headers })),
  ),
);

describe('a request without a good credential', () => {
  test.each(MATRIX)('$method $path with $name gets the uniform 401', async (entry) => {
    calls.clear();
    const answer = await httpCall(server.url, entry.path, {
      method: entry.method,
      headers: { 'content-type': BINARY, ...(await entry.headers()) },
      ...(entry.method === 'POST' ? { body: new Uint8Array([1, 2, 3]) } : {}),
    });
    expect(answer.status).toBe(401);
    const { date: _date, ...headers } = answer.headers;
    expect(headers).toEqual({
      'cache-control': 'no-store',
      connection: 'close',
      'content-length': String(answer.body.byteLength),
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': 'Bearer',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(answer.body.toString())).toEqual({
      error: {
        layer: 'server',
        code: 'unauthorized',
        message: 'The request is not authenticated. Send a valid bearer token for this endpoint.',
      },
    });
    // An opaque token is looked up once; beyond that, nothing is read and nothing is written.
    expect([...calls].filter(([method]) => method !== 'get')).toEqual([]);
    expect(calls.get('get') ?? 0).toBeLessThanOrEqual(1);
  });

  test('is refused before its body is looked at', async () => {
    const answer = await httpCall(server.url, '/client/v1/register', {
      headers: { 'content-type': 'text/html', 'content-length': '999999999' },
      onRequest: (request) => request.flushHeaders(),
      body: '',
    }).catch((error: unknown) => error);
    expect(answer).toMatchObject({ status: 401 });
  });
});

describe('a request with a good credential', () => {
  const sync = encodeSyncRequest({ cursor: new Uint8Array(), waitMs: 0, limit: 10 });

  test("is let in with a device's minted token, or its JWT", async () => {
    expect((await deviceCall(server.url, deviceToken, 'sync', sync)).status).toBe(200);
    expect((await deviceCall(server.url, await jwt(), 'sync', sync)).status).toBe(200);
  });

  test('is let in from a peer, up to the checks of the payload', async () => {
    const headers = { ...goodPeer, host: 'a.example:1234', 'content-type': BINARY };
    const answer = await httpCall(server.url, PEER_PATHS[0] as string, { headers, body: 'x' });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).not.toBe('unauthorized');
  });

  test("acts for its own device only, not with another device's name", async () => {
    const body = encodeRegisterDevice({
      clientUri: 'mimi://a.example/d/tablet',
      suite: 1,
      signatureKey: new Uint8Array(32),
    } as Parameters<typeof encodeRegisterDevice>[0]);
    const answer = await deviceCall(server.url, deviceToken, 'register', body);
    expect(answer.status).toBe(403);
    expect(errorOf(answer).code).toBe('wrongDevice');
  });

  test('replaces the token minted before for the same device', async () => {
    const first = await mintToken(server.url, 'a.example', 'alice', 'watch');
    const second = await mintToken(server.url, 'a.example', 'alice', 'watch');
    expect((await deviceCall(server.url, first, 'sync', sync)).status).toBe(401);
    expect((await deviceCall(server.url, second, 'sync', sync)).status).toBe(200);
  });
});
