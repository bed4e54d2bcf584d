// The configuration: defaults, what is refused, and that every refusal names its key and no secret.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExedraError } from '../../../ts/errors.ts';
import { parseConfig, readConfigFile } from '../../../ts/server/config.ts';

const SECRET = 'a-secret-of-enough-characters';
const PEER = { domain: 'b.example', url: 'http://127.0.0.1:9000', secret: SECRET };

const OFFICER = { name: 'a', publicKey: 'A'.repeat(43) };
const OTHER = { name: 'b', publicKey: 'B'.repeat(43) };
const withOfficers = (given: object) => ({
  domain: 'a.example',
  breakGlass: { officers: [OFFICER, OTHER], ...given },
});

function refusal(act: () => unknown): ExedraError {
  try {
    act();
  } catch (error) {
    if (error instanceof ExedraError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('configuration', () => {
  test('everything but the domain has a default, and the defaults listen on loopback only', () => {
    const config = parseConfig({ domain: 'a.example' });
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8474 });
    expect(config.storePath).toBe(resolve('.exedra/a.example'));
    expect(config.store).toBe('lmdb');
    expect(config.logLevel).toBe('warn');
    expect(config.peers).toEqual([]);
    expect(config.deployment).toBe('enterprise');
    expect(config.breakGlass).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ['domain', {}],
    ['domain', { domain: 'A.example' }],
    ['domain', { domain: 'a..example' }],
    ['domain', { domain: '-a.example' }],
    ['listen.port', { domain: 'a.example', listen: { port: 65_536 } }],
    ['listen.port', { domain: 'a.example', listen: { port: '80' } }],
    ['listen', { domain: 'a.example', listen: 'here' }],
    ['store', { domain: 'a.example', store: 'disk' }],
    ['logLevel', { domain: 'a.example', logLevel: 'loud' }],
    ['prot', { domain: 'a.example', prot: 1 }],
    ['http.bodyBytes', { domain: 'a.example', http: { bodyBytes: 1 } }],
    ['limits.messageBytes', { domain: 'a.example', limits: { messageBytes: 0 } }],
    ['limits.nothing', { domain: 'a.example', limits: { nothing: 1 } }],
    ['admin.token', { domain: 'a.example', admin: { token: 'short' } }],
    ['peers.0.secret', { domain: 'a.example', peers: [{ ...PEER, secret: 'short' }] }],
    ['peers.0.secret', { domain: 'a.example', peers: [{ ...PEER, secret: undefined }] }],
    ['peers.0.url', { domain: 'a.example', peers: [{ ...PEER, url: 'nowhere' }] }],
    ['peers.0.url', { domain: 'a.example', peers: [{ ...PEER, url: 'ftp://127.0.0.1' }] }],
    ['peers.0.url', { domain: 'a.example', peers: [{ ...PEER, url: 'http://127.0.0.1/x' }] }],
    ['peers.0.domain', { domain: 'a.example', peers: [{ ...PEER, domain: 'a.example' }] }],
    ['peers.1.domain', { domain: 'a.example', peers: [PEER, PEER] }],
    ['deployment', { domain: 'a.example', deployment: 'both' }],
    ['breakGlass.required', withOfficers({ required: 1 })],
    ['breakGlass.officers', withOfficers({ required: 3 })],
    ['breakGlass.officers', withOfficers({ officers: [OFFICER] })],
    ['breakGlass.officers', withOfficers({ officers: [OFFICER, { ...OFFICER, name: 'b' }] })],
    ['breakGlass.officers', withOfficers({ officers: [OFFICER, { ...OTHER, name: 'a' }] })],
    [
      'breakGlass.officers.1.publicKey',
      withOfficers({ officers: [OFFICER, { name: 'b', publicKey: 'AAAA' }] }),
    ],
    ['breakGlass', { ...withOfficers({}), deployment: 'consumer' }],
  ])('a bad value of %s is refused by its name (%j)', (key, input) => {
    const error = refusal(() => parseConfig(input));
    expect(error.code).toBe('badConfig');
    expect(error.details.path).toBe(key);
    expect(error.message).toContain(key);
  });

  test.each(['0.0.0.0', '::', '192.168.1.2', 'a.example'])(
    'plain HTTP on the listen address %s is refused',
    (host) => {
      const error = refusal(() => parseConfig({ domain: 'a.example', listen: { host } }));
      expect(error.code).toBe('insecureTransport');
      expect(error.details.path).toBe('listen.host');
    },
  );

  test('plain HTTP to a peer outside loopback is refused, https is not', () => {
    const withUrl = (url: string) => ({ domain: 'a.example', peers: [{ ...PEER, url }] });
    const error = refusal(() => parseConfig(withUrl('http://b.example')));
    expect(error.code).toBe('insecureTransport');
    expect(error.details.path).toBe('peers.0.url');
    expect(parseConfig(withUrl('https://b.example')).peers[0]?.url).toBe('https://b.example');
  });

  test('plain HTTP to a key set outside loopback is refused', () => {
    const error = refusal(() =>
      parseConfig({ domain: 'a.example', jwks: 'http://c.example/jwks' }),
    );
    expect(error.code).toBe('insecureTransport');
  });

  test("a peer's secret may come from the environment", () => {
    const input = { domain: 'a.example', peers: [{ domain: 'b.example', url: PEER.url }] };
    const config = parseConfig(input, { EXEDRA_PEER_SECRET_B_EXAMPLE: SECRET });
    expect(config.peers[0]?.secret).toBe(SECRET);
    const error = refusal(() => parseConfig(input, { EXEDRA_PEER_SECRET_B_EXAMPLE: 'short' }));
    expect(error.details.path).toBe('peers.0.secret');
  });

  test('a provider maps pseudonyms unless it is told not to, and is told nothing else', () => {
    expect(parseConfig({ domain: 'a.example' }).deployment).toBe('enterprise');
    const consumer = parseConfig({ domain: 'a.example', deployment: 'consumer' });
    expect(consumer.deployment).toBe('consumer');
    const error = refusal(() => parseConfig({ domain: 'a.example', deployment: 'none' }));
    expect(error).toMatchObject({ code: 'badConfig', details: { path: 'deployment' } });
  });

  test('no refusal repeats a secret', () => {
    const short = 'tooshort';
    for (const input of [
      { domain: 'a.example', admin: { token: short } },
      { domain: 'a.example', peers: [{ ...PEER, secret: short }] },
      { domain: 'a.example', peers: [{ ...PEER, secret: SECRET, url: 'http://b.example' }] },
    ]) {
      const error = refusal(() => parseConfig(input));
      expect(`${error.message}${JSON.stringify(error.details)}`).not.toMatch(
        new RegExp(`${short}|${SECRET}`),
      );
    }
  });
});

describe('configuration files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exedra-config-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('a file that is missing, not JSON or not an object is refused by its path', async () => {
    const path = join(folder, 'provider.json');
    expect(refusal(() => readConfigFile(path)).message).toContain(`${path} cannot be read`);
    await writeFile(path, '{');
    expect(refusal(() => readConfigFile(path)).message).toContain(`${path} is not valid JSON`);
    await writeFile(path, '[]');
    expect(refusal(() => readConfigFile(path)).message).toContain('must hold a JSON object');
  });

  test("a peer's secret may come from a file", async () => {
    const secretFile = join(folder, 'secret');
    const input = { domain: 'a.example', peers: [{ ...PEER, secret: undefined, secretFile }] };
    expect(refusal(() => parseConfig(input)).details.path).toBe('peers.0.secretFile');
    await writeFile(secretFile, `${SECRET}\n`);
    expect(parseConfig(input).peers[0]?.secret).toBe(SECRET);
  });
});
