// The `exedra` command as its user meets it: help, start, the four ways not to start, and stopping.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeSyncRequest } from '../../ts/wire/index.ts';
import { type ExedraProcess, exedra } from '../support/exedra_process.ts';
import { httpCall } from '../support/http_call.ts';
import { deviceCall } from '../support/running_server.ts';

let folder: string;
const running: ExedraProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exedra-process-'));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true });
});

function run(...args: string[]): ExedraProcess {
  const process = exedra(args, { cwd: folder });
  running.push(process);
  return process;
}

const serve = (...args: string[]) => run('serve', '--domain', 'a.example', '--port', '0', ...args);

/** Mints a device's token with the admin token that the process has written. */
async function mint(url: string): Promise<string> {
  const admin = await readFile(join(folder, '.exedra/a.example/admin.token'), 'utf8');
  const answer = await httpCall(url, '/admin/v1/devices', {
    headers: { authorization: `Bearer ${admin.trim()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'mimi://a.example/u/alice', client: 'mimi://a.example/d/phone' }),
  });
  expect(answer.status).toBe(201);
  return (JSON.parse(answer.body.toString()) as { token: string }).token;
}

const syncBody = (waitMs: number) =>
  encodeSyncRequest({ cursor: new Uint8Array(), waitMs, limit: 10 });

describe('help', () => {
  test('lists the commands, gives examples and says where the documentation is', async () => {
    const { code, stdout, stderr } = await run('--help').ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of ['serve', '--version', 'Examples:', 'exedra serve', 'docs/']) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('of serve names every option with its default', async () => {
    const { code, stdout } = await run('serve', '--help').ended;
    expect(code).toBe(0);
    for (const option of ['config', 'domain', 'host', 'port', 'store', 'peer', 'log-level']) {
      expect(stdout).toContain(`--${option}`);
    }
    for (const value of ['127.0.0.1', '8474', './.exedra/<domain>', 'warn', 'localhost']) {
      expect(stdout).toContain(value);
    }
  });

  test('the version is that of the package', async () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect((await run('--version').ended).stdout).toBe(`${manifest.version}\n`);
  });

  test.each([
    ['serv'],
    ['serve', '--prot', '1'],
    ['serve', '--port', 'x'],
    ['serve', '--peer', 'b'],
  ])('a mistake in the arguments (%s %s) is named, with exit code 1', async (...args) => {
    const { code, stdout, stderr } = await run(...args.filter(Boolean)).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error:');
    expect(stderr).toContain(args.at(-1) === 'serv' ? 'serv' : (args[1] ?? ''));
  });
});

describe('starting', () => {
  test('prints one line on stdout once it serves, and keeps an admin token only its owner reads', async () => {
    const server = serve();
    const url = await server.url;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await httpCall(url, '/health/ready', { method: 'GET' });
    expect(answer.status).toBe(200);
    const tokenFile = join(folder, '.exedra/a.example/admin.token');
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    const token = (await readFile(tokenFile, 'utf8')).trim();
    server.child.kill('SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `exedra: listening on ${url}\n` });
    expect(stderr).toContain(tokenFile);
    expect(stderr).not.toContain(token);

    const again = serve();
    await again.url;
    expect((await readFile(tokenFile, 'utf8')).trim()).toBe(token);
    again.child.kill('SIGTERM');
    expect((await again.ended).stderr).toBe('');
  });

  test('keeps its devices over a restart, also after kill -9', async () => {
    const first = serve();
    const token = await mint(await first.url);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = serve();
    expect((await deviceCall(await second.url, token, 'sync', syncBody(0))).status).toBe(200);
  });

  test('takes its settings from a file, and the options over it', async () => {
    const config = join(folder, 'provider.json');
    await writeFile(
      config,
      JSON.stringify({
        domain: 'file.example',
        storePath: 'here',
        listen: { host: '127.0.0.2', port: 0 },
      }),
    );
    const server = run('serve', '--config', config, '--host', '127.0.0.1');
    expect(await server.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await stat(join(folder, 'here/admin.token'))).isFile()).toBe(true);
  });

  test('at level debug logs one line per request, without token, id or body', async () => {
    const server = serve('--log-level', 'debug');
    const url = await server.url;
    const token = await mint(url);
    const secret = 'mimi://a.example/r/secretroom';
    await deviceCall(url, token, `unsubscribe/${encodeURIComponent(secret)}`, 'a-secret-body');
    await deviceCall(url, 'wrongtoken', `unsubscribe/${encodeURIComponent(secret)}`);
    server.child.kill('SIGTERM');
    const { stderr } = await server.ended;
    const requests = stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(requests.map(({ route, status }) => [route, status])).toEqual([
      ['/admin/v1/devices', 201],
      ['/client/v1/unsubscribe/:id', 200],
      ['/client/v1/unsubscribe/:id', 401],
    ]);
    expect(stderr).not.toContain(token);
    expect(stderr).not.toMatch(/wrongtoken|secretroom|a-secret-body/);
  });
});

/** The one line a failed start leaves on stderr. */
async function failure(process: ExedraProcess): Promise<string> {
  const { code, stdout, stderr } = await process.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^exedra: [^\n]+\n$/);
  return stderr;
}

describe('a start that cannot be', () => {
  test('because the port is in use says so in one line', async () => {
    const port = new URL(await serve().url).port;
    const line = await failure(run('serve', '--domain', 'b.example', '--port', port));
    expect(line).toContain(`${port} on 127.0.0.1 is in use by another process`);
  });

  test('because another process has the store says so in one line', async () => {
    await serve().url;
    const line = await failure(serve());
    expect(line).toContain(join(folder, '.exedra/a.example'));
    expect(line).toMatch(/already open in process \d+/);
  });

  test('because the store path cannot be written says so in one line', async () => {
    await writeFile(join(folder, 'file'), '');
    const line = await failure(serve('--store', join(folder, 'file/store')));
    expect(line).toContain(join(folder, 'file/store'));
  });

  test.each<[string, string[], unknown]>([
    ['domain', ['--domain', 'A.example'], undefined],
    ['listen.host', ['--host', '0.0.0.0'], undefined],
    ['peers.0.secret', ['--peer', 'b.example=http://127.0.0.1:9'], undefined],
    ['peers.0.url', ['--peer', 'b.example=http://b.example'], undefined],
    ['listen', [], { listen: 7 }],
    ['prot', [], { prot: 7 }],
    ['jwks', [], { jwks: 'nowhere.json' }],
    ['admin.tokenFile', [], { admin: { tokenFile: 'nowhere' } }],
  ])('because the setting %s is bad says which (%j, %j)', async (key, args, file) => {
    await mkdir(join(folder, 'conf'));
    const config = join(folder, 'conf/provider.json');
    await writeFile(config, JSON.stringify(file ?? {}));
    expect(await failure(run('serve', '--config', config, '--port', '0', ...args))).toContain(key);
  });

  test('because there is no configuration file says so', async () => {
    expect(await failure(run('serve', '--config', 'nowhere.json'))).toContain('nowhere.json');
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets a waiting request be answered, and ends with exit code 0 in time',
    async (signal) => {
      const server = serve();
      const url = await server.url;
      const token = await mint(url);
      const waiting = deviceCall(url, token, 'sync', syncBody(30_000));
      await sleep(300);
      const before = performance.now();
      server.child.kill(signal);
      expect((await waiting).status).toBe(200);
      expect((await server.ended).code).toBe(0);
      expect(performance.now() - before).toBeLessThan(5000);
    },
  );

  test('a second signal ends it at once', async () => {
    const server = serve();
    const { port } = new URL(await server.url);
    // A request that never ends keeps the first signal waiting.
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    const token = await mint(await server.url);
    socket.write(
      `POST /client/v1/sync HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\n` +
        'content-type: application/octet-stream\r\ncontent-length: 9\r\n\r\n',
    );
    await sleep(300);
    server.child.kill('SIGTERM');
    await sleep(300);
    expect(server.child.exitCode).toBeNull();
    const before = performance.now();
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(130);
    expect(performance.now() - before).toBeLessThan(1000);
    socket.destroy();
  });
});
