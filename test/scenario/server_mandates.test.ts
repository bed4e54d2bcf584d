// The operator's endpoint for mandates over HTTP, up to the member that carries one out.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import type { RunningServer } from '../../ts/server/runtime.ts';
import { encodePathUri, roomUri, userUri } from '../../ts/wire/index.ts';
import { errorOf, type HttpAnswer, httpCall } from '../support/http_call.ts';
import { ADMIN_TOKEN, openDevice, start } from '../support/running_server.ts';

const DOMAIN = 'a.example';
const mallory = userUri(DOMAIN, 'mallory');

let server: RunningServer;
let alice: Device;
let room: Room;
beforeAll(async () => {
  server = await start(DOMAIN);
  alice = await openDevice(server.url, DOMAIN, 'alice', 'alice-1');
  room = await alice.createRoom(roomUri(DOMAIN, 'club'));
});
afterAll(async () => {
  await alice.close();
  await server.close();
});

const order = (body: unknown, uri: string = room.uri, token = ADMIN_TOKEN): Promise<HttpAnswer> =>
  httpCall(server.url, `/admin/v1/rooms/${encodePathUri(uri)}/mandates`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('an order of a mandate', () => {
  test('is for the operator alone', async () => {
    expect((await order({ ban: mallory }, room.uri, 'another-token')).status).toBe(401);
  });

  test.each([
    ['nothing', {}],
    ['two things', { ban: mallory, unban: mallory }],
    ['a device', { ban: 'mimi://a.example/d/mallory-1' }],
    ['no URI', { ban: 'mallory' }],
    ['a role that is none', { role: { user: mallory, role: -1 } }],
    ['more than a role', { role: { user: mallory, role: 2, why: 'x' } }],
    ['no JSON', '{'],
  ])('of %s is a bad request', async (_, body) => {
    const answer = await order(body);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'badRequest']);
  });

  test('in a room that there is none of, or that has no use for it, says so', async () => {
    const unknown = await order({ ban: mallory }, roomUri(DOMAIN, 'none'));
    expect([unknown.status, errorOf(unknown).code]).toEqual([404, 'unknownRoom']);
    const nothing = await order({ unban: mallory });
    expect([nothing.status, errorOf(nothing).code]).toEqual([422, 'wrongMandate']);
    const hidden = await alice.createRoom(roomUri(DOMAIN, 'hidden'), { mode: 'members-only' });
    const blind = await order({ ban: mallory }, hidden.uri);
    expect([blind.status, errorOf(blind).code]).toEqual([409, 'mandateImpossible']);
  });

  test('is answered with its number, and the next member that commits carries it out', async () => {
    const answer = await order({ ban: mallory });
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.body.toString())).toEqual({ sequence: 1 });
    const second = await order({ ban: userUri(DOMAIN, 'eve') });
    expect([second.status, errorOf(second).code]).toEqual([409, 'mandateOpen']);
    await room.selfUpdate();
    expect(room.participants()).toContainEqual({ user: mallory, role: 1 });
  });
});
