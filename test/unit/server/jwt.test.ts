// Devices with a JWT: which claims, keys and algorithms are good, and that nothing else is.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JwtCheck, jwtCheck } from '../../../ts/server/auth/jwt.ts';

const NOW = Date.UTC(2026, 0, 1);
const CLAIMS = { sub: 'mimi://a.example/u/alice', client: 'mimi://a.example/d/phone' };
const AUDIENCE = 'mimi://a.example';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let folder: string;
let issuer: Keys;
let stranger: Keys;
let keySet: string;
let check: JwtCheck;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exedra-jwt-'));
  issuer = await generateKeyPair('EdDSA');
  stranger = await generateKeyPair('EdDSA');
  keySet = JSON.stringify({ keys: [{ ...(await exportJWK(issuer.publicKey)), alg: 'EdDSA' }] });
  await writeFile(join(folder, 'jwks.json'), keySet);
  check = await jwtCheck('a.example', join(folder, 'jwks.json'), () => NOW);
});
afterAll(() => rm(folder, { recursive: true }));

interface Parts {
  readonly claims?: Record<string, unknown>;
  readonly audience?: string;
  /** Seconds from now; null: no `exp` at all. */
  readonly expiresIn?: number | null;
  readonly key?: Keys['privateKey'] | Uint8Array;
  readonly algorithm?: string;
}

function token({
  claims = CLAIMS,
  audience = AUDIENCE,
  expiresIn = 60,
  key = issuer.privateKey,
  algorithm = 'EdDSA',
}: Parts = {}): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: algorithm }).setAudience(audience);
  if (expiresIn !== null) jwt.setExpirationTime(NOW / 1000 + expiresIn);
  return jwt.sign(key);
}

function unsignedToken(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { ...CLAIMS, aud: AUDIENCE, exp: NOW / 1000 + 60 };
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

describe('a JWT', () => {
  test('with a good signature and good claims names its device', async () => {
    expect(await check(await token())).toEqual({ user: CLAIMS.sub, client: CLAIMS.client });
  });

  test.each<[string, () => Promise<string> | string]>([
    ['expired', () => token({ expiresIn: -6 })],
    ['without exp', () => token({ expiresIn: null })],
    ['for another provider', () => token({ audience: 'mimi://b.example' })],
    ['without a signature (alg none)', unsignedToken],
    ['signed by a stranger', () => token({ key: stranger.privateKey })],
    [
      'signed with HMAC',
      () => token({ algorithm: 'HS256', key: new TextEncoder().encode(keySet.padEnd(64)) }),
    ],
    ['without a client', () => token({ claims: { sub: CLAIMS.sub } })],
    ['without a user', () => token({ claims: { client: CLAIMS.client } })],
    ['whose client is no text', () => token({ claims: { ...CLAIMS, client: 1 } })],
    ['whose user is no user URI', () => token({ claims: { ...CLAIMS, sub: CLAIMS.client } })],
    [
      'for a user of another domain',
      () => token({ claims: { ...CLAIMS, sub: 'mimi://b.example/u/alice' } }),
    ],
    [
      'for a client of another domain',
      () => token({ claims: { ...CLAIMS, client: 'mimi://b.example/d/phone' } }),
    ],
    ['that is no JWT', () => 'a.b.c'],
    ['of empty parts', () => '..'],
    ['with a changed payload', async () => (await token()).replace(/\.(.)/, '.A$1')],
  ])('%s is unauthorized', async (_name, make) => {
    await expect(check(await make())).rejects.toMatchObject({ code: 'unauthorized', details: {} });
  });
});

describe('the key set', () => {
  test('that is no file, or no key set, is refused when the server starts', async () => {
    await writeFile(join(folder, 'bad.json'), '{"keys": 1}');
    for (const name of ['missing.json', 'bad.json']) {
      await expect(jwtCheck('a.example', join(folder, name), () => NOW)).rejects.toMatchObject({
        code: 'badConfig',
        details: { path: 'jwks' },
      });
    }
  });

  describe('at a URL', () => {
    let server: Server;
    let url: string;
    let status = 200;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(keySet);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    });
    afterAll(() => server.close());

    test('is fetched when first needed', async () => {
      const remote = await jwtCheck('a.example', url, () => NOW);
      expect(await remote(await token())).toMatchObject({ user: CLAIMS.sub });
    });

    test('that cannot be had makes the dependency unavailable, not the token bad', async () => {
      status = 500;
      const failing = await jwtCheck('a.example', url, () => NOW);
      const gone = await jwtCheck('a.example', 'http://127.0.0.1:1/jwks', () => NOW);
      for (const remote of [failing, gone]) {
        await expect(remote(await token())).rejects.toMatchObject({
          code: 'dependencyUnavailable',
        });
      }
    });
  });
});
