// `exedra operator` at a running provider: break glass by two officers, its audit log, and bans of persons.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Account,
  Device,
  httpConnection,
  memoryKeyValue,
  type Room,
} from '../../ts/client/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  providerUri,
  roomUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import { type Ended, exedra } from '../support/exedra_process.ts';
import { errorOf, httpCall } from '../support/http_call.ts';
import { ADMIN_TOKEN, mintToken, start } from '../support/running_server.ts';

const DOMAIN = 'a.example';

const folder = mkdtempSync(join(tmpdir(), 'exedra-operator-'));
const file = (name: string): string => join(folder, name);
let server: RunningServer;
let alice: Device;
let room: Room;
let alias: UserUri;

const operator = (...args: string[]): Promise<Ended> => exedra(['operator', ...args]).ended;
/** A command at the running provider. */
const remote = (...args: string[]): Promise<Ended> =>
  operator(...args, '--url', server.url, '--token-file', file('admin.token'));

async function device(name: string): Promise<Device> {
  const person = name.split('-')[0] as string;
  return Device.open({
    account: new Account({
      user: asUserUri(userUri(DOMAIN, person)),
      provider: providerUri(DOMAIN),
      secret: crypto.getRandomValues(new Uint8Array(32)),
    }),
    client: asClientUri(clientUri(DOMAIN, name)),
    connection: httpConnection({
      baseUrl: server.url,
      token: await mintToken(server.url, DOMAIN, person, name),
    }),
    storage: memoryKeyValue(),
  });
}

async function order(name: string, pseudonym = alias): Promise<string> {
  const path = file(`${name}.json`);
  const about = ['--room', room.uri, '--pseudonym', pseudonym, '--reason', 'case 7'];
  await operator('order', '--provider', DOMAIN, ...about, '--out', path);
  return path;
}

beforeAll(async () => {
  writeFileSync(file('admin.token'), `${ADMIN_TOKEN}\n`);
  const officers = [];
  for (const name of ['legal', 'safety']) {
    const made = await operator('officer-key', '--name', name, '--out', file(`${name}.key`));
    officers.push(JSON.parse(made.stdout) as { name: string; publicKey: string });
  }
  server = await start(DOMAIN, { breakGlass: { officers } });
  alice = await device('alice-1');
  room = await alice.createRoom(roomUri(DOMAIN, 'club'), { mode: 'hub-visible' });
  alias = room.users()[0] as UserUri;
});
afterAll(async () => {
  await alice.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('break glass', () => {
  test('an officer’s key is its owner’s to read, and no command writes over one', async () => {
    expect(statSync(file('legal.key')).mode & 0o777).toBe(0o600);
    const again = await operator('officer-key', '--name', 'legal', '--out', file('legal.key'));
    expect([again.code, again.stderr]).toEqual([
      1,
      `exedra: ${file('legal.key')} exists already.\n`,
    ]);
  });

  test('takes both officers, answers once, and stands in the audit log each time', async () => {
    const path = await order('order');
    await operator('sign', path, '--key', file('legal.key'));
    const early = await remote('break-glass', path);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('403 orderParties');
    await operator('sign', path, '--key', file('safety.key'));
    const answered = await remote('break-glass', path);
    expect(answered.stderr).toBe('');
    const answer = JSON.parse(answered.stdout) as {
      user: string;
      audit: { seq: number; hash: string };
    };
    expect(answer.user).toBe(alice.account.user);
    const again = await remote('break-glass', path);
    expect(again.stderr).toContain('409 orderUsed');

    const log = await remote('audit', '--head', `${answer.audit.seq}:${answer.audit.hash}`);
    expect(log.code).toBe(0);
    const { entries } = JSON.parse(log.stdout) as { entries: { outcome: string; by: string }[] };
    expect(entries.map(({ outcome, by }) => [outcome, by])).toEqual([
      ['orderParties', 'legal'],
      ['done', 'legal, safety'],
      ['orderUsed', 'legal, safety'],
    ]);
    const anew = await remote('audit', '--head', `${answer.audit.seq}:${'0'.repeat(64)}`);
    expect(anew.code).toBe(1);
  });

  test('of an order that was changed after it was signed tells nothing', async () => {
    const path = await order('changed');
    for (const key of ['legal.key', 'safety.key']) await operator('sign', path, '--key', file(key));
    const signed = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...signed, reason: 'case 8' }));
    const answered = await remote('break-glass', path);
    expect(answered.stderr).toContain('403 orderSignature');
    expect(answered.stdout).toBe('');
    writeFileSync(path, JSON.stringify({ ...signed, room: 'no room' }));
    expect((await remote('break-glass', path)).stderr).toContain('400 badRequest');
  });

  test('is for the operator alone', async () => {
    const paths = ['break-glass', 'ban-notices', 'ban-receipts', 'ban-complaints'];
    for (const path of paths) {
      const headers = {
        authorization: 'Bearer of-somebody-else',
        'content-type': 'application/json',
      };
      const answer = await httpCall(server.url, `/admin/v1/${path}`, { headers, body: '{}' });
      expect([answer.status, errorOf(answer).code]).toEqual([401, 'unauthorized']);
    }
  });
});

describe('a ban', () => {
  test('is ordered, noticed, enforced on the person, receipted, and shown in the ledger', async () => {
    const bob = await device('bob-1');
    await bob.joinByLink(await room.createJoinLink());
    await alice.sync();
    const bobs = room.users()[1] as UserUri;
    expect(JSON.parse((await remote('ban', room.uri, bobs)).stdout)).toEqual({ sequence: 1 });
    await alice.sync();
    await room.commitPending();
    const notice = file('notice.json');
    const receipt = file('receipt.json');
    expect((await remote('ban-notice', room.uri, bobs, '--out', notice)).stderr).toBe('');
    expect((await remote('enforce-ban', notice, '--out', receipt)).stderr).toBe('');
    expect(JSON.parse((await remote('ban-receipt', receipt)).stdout)).toMatchObject({
      state: 'complied',
    });
    expect(JSON.parse((await remote('bans')).stdout)).toMatchObject({
      entries: [{ room: room.uri, pseudonym: bobs, banned: true, state: 'complied' }],
    });
    await expect(bob.room(room.uri)?.send(new Uint8Array([1]))).rejects.toMatchObject({
      code: 'refused',
    });
    const complaint = await remote('ban-complaint', receipt);
    expect(complaint.stderr).toContain('400 badRequest');
    await bob.close();
  });
});

test('users are muted and removed by order, and come back', async () => {
  const den = await alice.createRoom(roomUri(DOMAIN, 'den'), { mode: 'pseudonymous' });
  const carol = await device('carol-1');
  const carols = await carol.joinByLink(await den.createJoinLink());
  await alice.sync();
  const name = den.users()[1] as UserUri;
  const carriedOut = async () => {
    await alice.sync();
    await den.commitPending();
    await carol.sync();
  };
  for (const [order, sequence] of [
    ['mute', 1],
    ['unmute', 2],
    ['remove', 3],
  ] as const) {
    const ordered = await remote(order, den.uri, name);
    expect([ordered.stderr, JSON.parse(ordered.stdout)]).toEqual(['', { sequence }]);
    await carriedOut();
    const say = carols.send(new Uint8Array([1]));
    if (order === 'unmute') await say;
    else await expect(say).rejects.toBeDefined();
  }
  expect(carols.status).toBe('removed');
  const again = await carol.joinByLink(await den.createJoinLink());
  expect(again.status).toBe('active');
  await carol.close();
});

test('reports are listed with what they prove, and keys of franking renewed', async () => {
  const forum = await alice.createRoom(roomUri(DOMAIN, 'forum'), {
    mode: 'hub-visible',
    franking: 'exedra',
  });
  const dan = await device('dan-1');
  const dans = await dan.joinByLink(await forum.createJoinLink());
  await alice.sync();
  await dans.send(dans.composer().text('buy now'));
  await alice.sync();
  const [message] = await forum.messages();
  await forum.report([message?.id as string], { reason: 1, note: 'spam' });
  const listed = await remote('reports', forum.uri);
  expect(listed.stderr).toBe('');
  const [report] = JSON.parse(listed.stdout) as [{ messages: { content: string }[] }];
  expect(report).toMatchObject({
    allegedAbuser: dans.users()[1],
    senderChecked: true,
    note: 'spam',
  });
  expect(Buffer.from(report.messages[0]?.content ?? '', 'base64').toString()).toContain('buy now');
  const { id } = report as unknown as { id: string };
  expect(await remote('settle-report', forum.uri, id)).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse((await remote('reports', forum.uri)).stdout)).toEqual([]);
  expect((await remote('settle-report', forum.uri, id)).stderr).toContain('404 unknownReport');
  expect((await remote('settle-report', forum.uri, 'x')).stderr).toContain('400 badRequest');
  const made = await remote('franking-key');
  expect([made.code, made.stdout, made.stderr]).toEqual([0, '', '']);
  expect(JSON.parse((await remote('franking-key', forum.uri)).stdout)).toEqual({ sequence: 1 });
  await dan.close();
});

test('a device is let in by a token in a file, and no more once it is revoked', async () => {
  const [user, client] = [userUri(DOMAIN, 'eve'), clientUri(DOMAIN, 'eve-1')];
  const made = await remote('device', user, client, '--out', file('eve.token'));
  expect([made.code, made.stdout, made.stderr]).toEqual([0, '', '']);
  expect(statSync(file('eve.token')).mode & 0o777).toBe(0o600);
  const { token } = JSON.parse(readFileSync(file('eve.token'), 'utf8')) as { token: string };
  const connection = httpConnection({ baseUrl: server.url, token });
  const account = new Account({ user, provider: providerUri(DOMAIN) });
  const eve = await Device.open({ account, client, connection, storage: memoryKeyValue() });
  await eve.sync();
  expect(await remote('revoke', client)).toMatchObject({ code: 0, stderr: '' });
  await expect(eve.sync()).rejects.toMatchObject({ code: 'unauthorized' });
  await eve.close();
});

test('two escrow parties open one pseudonym by the hub’s case, and no share opens another', async () => {
  const escrow = [];
  for (const name of ['court', 'ombudsman']) {
    const made = await operator('escrow-key', '--name', name, '--out', file(`${name}.key`));
    const { publicKey } = JSON.parse(made.stdout) as { publicKey: string };
    escrow.push({ name, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')) });
  }
  const uri = roomUri(DOMAIN, 'escrowed');
  const den = await alice.createRoom(uri, { mode: 'pseudonymous', escrow });
  const [pseudonym] = den.users() as [UserUri];
  const about = ['--by', 'court', '--reason', 'case 9', '--out', file('case.json')];
  expect((await remote('escrow-case', uri, pseudonym, ...about)).stderr).toBe('');
  for (const name of ['court', 'ombudsman']) {
    const key = ['--key', file(`${name}.key`), '--out', file(`${name}.share`)];
    const opened = await operator('open-share', file('case.json'), ...key);
    expect(JSON.parse(opened.stdout)).toEqual({ room: uri, pseudonym, reason: 'case 9' });
  }
  const joined = await operator(
    'join-shares',
    ...['case.json', 'court.share', 'ombudsman.share'].map(file),
  );
  expect(JSON.parse(joined.stdout)).toEqual({ user: alice.account.user, client: alice.client });
  const alone = await operator(
    'join-shares',
    ...['case.json', 'court.share', 'court.share'].map(file),
  );
  expect([alone.code, alone.stdout]).toEqual([1, '']);
  expect((await remote('audit')).stdout).toContain('"kind": "escrow"');
});

test('a provider that is not there is said to be not there', async () => {
  const away = ['--url', 'http://127.0.0.1:9', '--token-file', file('admin.token')];
  expect(await operator('audit', ...away)).toMatchObject({
    code: 1,
    stderr: 'exedra: No answer came from http://127.0.0.1:9.\n',
  });
});
