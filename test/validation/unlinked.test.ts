// A provider of deployment `consumer` cannot tell which account stands behind a pseudonym: it refuses what would tie the
// two, and no request, row or record of it holds both. docs/modes/deployments.md, "Consumer".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { Needles } from '../../ts/evidence/audit/needles.ts';
import { claimSlotToken, claimTokenHash, connectionKey } from '../../ts/privacy/index.ts';
import type { Deployment, DeviceOperation } from '../../ts/provider/index.ts';
import { roomUri } from '../../ts/wire/index.ts';
import { type MadeRequest, type Piece, recordPieces } from '../support/byte_record.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accountDevice } from '../support/issuer.ts';
import { accept, connect } from '../support/meeting.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const HIDDEN = ['pseudonymous', 'hub-visible'] as const;
/** A whole life, and blinding the tokens for it, takes its time on a busy machine. */
const PATIENCE = { timeout: 60_000 };
const bytes = (content: string) => new TextEncoder().encode(content);

let world: World;
let pieces: Piece[];
let requests: MadeRequest[];
let devices: Device[];

beforeEach(() => {
  devices = [];
});
afterEach(() => world[Symbol.asyncDispose]());

async function openWorld(deployment: Deployment): Promise<void> {
  world = await World.with({ deployment }, HUB, FOLLOWER);
  ({ pieces, requests } = recordPieces(world));
}

/** Somebody's device; who comes into rooms by itself needs no key packages. */
async function person(domain: string, name: string, stock = 2): Promise<Device> {
  const device = await world.reopen(domain, name);
  if (stock > 0) await device.connections.publish(stock);
  devices.push(device);
  return device;
}

/** A room with users of both providers: added, joined by a link, with a second device, changed, left. */
async function life(mode: string): Promise<Room> {
  const alice = await person(HUB, 'alice-1');
  const bob = await person(FOLLOWER, 'bob-1');
  const anna = await person(HUB, 'anna-1');
  await connect(alice, bob);
  await connect(alice, anna);
  const room = await alice.createRoom(roomUri(HUB, 'club-of-the-hidden'), { mode });
  for (const guest of [bob, anna]) await room.invite(guest.account.user);
  await settle(...devices);
  const bobs = await accept(bob, room.uri);
  const annas = await accept(anna, room.uri);
  const link = await room.createJoinLink();
  await settle(...devices);
  const carol = await person(FOLLOWER, 'carol-1', 0);
  const carols = await carol.joinByLink(link);
  const adam = await person(HUB, 'adam-1', 0);
  const adams = await adam.joinByLink(link);
  const phone = await person(FOLLOWER, 'bob-2', 0);
  const phones = await phone.joinExternally(room.uri, { mode });
  await settle(...devices);
  for (const seat of [room, bobs, annas, carols, adams, phones]) await seat.send(bytes('hello'));
  await room.setRole(bob.account.user, 3);
  await settle(...devices);
  await bobs.selfUpdate();
  await annas.leave();
  await settle(...devices);
  await room.commitPending();
  await room.remove(carol.account.user);
  await bob.connections.publish(2);
  await settle(...devices);
  expect([room, bobs, annas, carols, phones].map(({ status }) => status)).toEqual([
    'active',
    'active',
    'left',
    'removed',
    'active',
  ]);
  expect(room.members()).toHaveLength(4);
  return room;
}

/** What stands for accounts, and what for the hidden ones: pseudonyms, queues, claims of their sets, their room. */
function sides(room: Room): { readonly accounts: Needles; readonly hidden: Needles } {
  const accounts = new Needles();
  const hidden = new Needles();
  for (const { account, client } of devices) {
    accounts.addText('user', account.user);
    accounts.addText('client', client);
    for (let slot = 0; slot <= 16; slot++) {
      const token = claimSlotToken(connectionKey(account.secret, 0), slot);
      hidden.add('claim of a set', claimTokenHash(token));
    }
  }
  hidden.addText('room', room.uri);
  hidden.addText('group', room.uri.replace('/r/', '/g/'));
  const names = /mimi:\/\/[a-z.]+\/[ud]\/(?:[qs]-)?[0-9a-f]{32}/g;
  for (const { parts } of pieces) {
    for (const part of parts) {
      for (const [name] of Buffer.from(part).toString('latin1').matchAll(names)) {
        hidden.addText(/\/[qs]-/.test(name) ? 'queue' : 'pseudonym', name);
      }
    }
  }
  return { accounts, hidden };
}

/** Which pieces hold something of both sides. */
function ties(room: Room): string[] {
  const { accounts, hidden } = sides(room);
  const found = new Set<string>();
  for (const { domain, what, parts } of pieces) {
    const named = parts.flatMap((part) => accounts.in(part));
    if (named.length === 0) continue;
    for (const name of parts.flatMap((part) => hidden.in(part))) {
      found.add(`${what} at ${domain}: ${name}`);
    }
  }
  return [...found];
}

describe.each(HIDDEN)('in mode %s', PATIENCE, (mode) => {
  test('no request, row or record of a consumer provider holds an account and a pseudonym, queue, claim or room', async () => {
    await openWorld('consumer');
    const room = await life(mode);
    const { accounts, hidden } = sides(room);
    expect(accounts.names()).toEqual(['user', 'client']);
    expect(hidden.names().sort()).toEqual([
      'claim of a set',
      'group',
      'pseudonym',
      'queue',
      'room',
    ]);
    expect(hidden.valuesOf('queue').length).toBeGreaterThan(12);
    expect(ties(room)).toEqual([]);
  });

  test('the same life at enterprise providers ties them in many places: the search can find', async () => {
    await openWorld('enterprise');
    const found = ties(await life(mode)).join('\n');
    for (const place of [
      'account uploadKeyPackageSets at b.example: pseudonym',
      'account createRoom at a.example: room',
      'account update at a.example: ',
      'account submitMessage at b.example: pseudonym',
      'accounts e at b.example: pseudonym',
      'rooms-0 u at a.example: room',
    ]) {
      expect(found).toContain(place);
    }
  });

  test('each room of a device is served by a queue of its own, and each set went up by one', async () => {
    await openWorld('consumer');
    const room = await life(mode);
    const [alice] = devices as [Device];
    const other = await alice.createRoom(roomUri(HUB, 'another-room-of-alice'), { mode });
    await other.send(bytes('alone'));
    await settle(...devices);
    const byRoom = new Map<string, Set<string>>();
    const sets = new Map<string, Set<string>>();
    for (const { device, operation, id, body } of requests) {
      if (!device.client.includes('/d/q-')) continue;
      if (['createRoom', 'update', 'submitMessage'].includes(operation)) {
        note(byRoom, device.client, id);
      }
      if (operation === 'uploadKeyPackageSets') {
        note(sets, device.client, Buffer.from(body.subarray(0, 33)).toString('hex'));
      }
    }
    expect([...byRoom.values()].flatMap((rooms) => [...rooms])).toEqual(
      expect.arrayContaining([room.uri, other.uri]),
    );
    for (const seen of [...byRoom.values(), ...sets.values()]) expect(seen.size).toBe(1);
    expect(sets.size).toBeGreaterThan(8);
  });
});

function note(of: Map<string, Set<string>>, key: string, value: string): void {
  of.set(key, (of.get(key) ?? new Set()).add(value));
}

describe('a consumer provider', PATIENCE, () => {
  test.each(HIDDEN)(
    'refuses from the device of an account what its queues have asked about a room of mode %s, or a set',
    async (mode) => {
      await openWorld('consumer');
      await life(mode);
      const asked = requests.splice(0).filter(({ device }) => device.client.includes('/d/q-'));
      const operations = new Map<string, DeviceOperation>();
      for (const { domain, operation, id, body } of asked) {
        if (isOfNoRoom(domain, operation, body)) continue;
        const linked = accountDevice(domain, 'alice-1');
        const answer = world.provider(domain).fromDevice(linked, operation, id, body);
        await expect(answer, `${operation} at ${domain}`).rejects.toMatchObject({
          code: 'linkable',
        });
        operations.set(`${operation} at ${domain}`, operation);
      }
      const both = ['update', 'submitMessage', 'groupInfo', 'roomSlots', 'uploadKeyPackageSets'];
      expect([...operations.keys()].sort()).toEqual(
        [
          ...both.map((name) => `${name} at ${HUB}`),
          ...both.map((name) => `${name} at ${FOLLOWER}`),
          `claimKeyPackages at ${HUB}`,
          `createRoom at ${HUB}`,
        ].sort(),
      );
    },
  );

  test.each(['open', 'members-only'])(
    'serves accounts themselves in rooms of mode %s, whose key packages name them to it anyway',
    async (mode) => {
      await openWorld('consumer');
      const alice = await person(HUB, 'alice-1');
      const bob = await person(FOLLOWER, 'bob-1');
      for (const device of devices) await device.publishKeyPackages(2);
      await connect(alice, bob);
      await bob.allow(alice.account.user);
      const room = await alice.createRoom(undefined, { mode });
      await room.invite(bob.account.user);
      await settle(alice, bob);
      const bobs = await accept(bob, room.uri);
      const link = await room.createJoinLink();
      await settle(alice, bob);
      const carol = await person(FOLLOWER, 'carol-1', 0);
      const carols = await carol.joinByLink(link);
      await settle(...devices);
      await carols.send(bytes('hello'));
      await bobs.selfUpdate();
      await settle(...devices);
      expect((await room.messages()).length).toBe(1);
      const ofRoom = requests.filter(({ id }) => id === room.uri);
      expect(ofRoom.length).toBeGreaterThan(5);
      expect(ofRoom.filter(({ device }) => device.client.includes('/d/q-'))).toEqual([]);
    },
  );

  test('takes nothing of accounts through a queue', async () => {
    await openWorld('consumer');
    await person(HUB, 'alice-1');
    const queue = requests.find(({ device }) => device.client.includes('/d/q-'))?.device;
    if (queue === undefined) throw new Error('no queue was used');
    const operations: DeviceOperation[] = [
      'register',
      'uploadKeyPackages',
      'keyMaterial',
      'consent',
      'publishContact',
      'contact',
      'letter',
      'letters',
      'note',
      'issueTokens',
    ];
    for (const operation of operations) {
      const answer = world.provider(HUB).fromDevice(queue, operation, '', new Uint8Array());
      await expect(answer, operation).rejects.toMatchObject({ code: 'accountOnly' });
    }
  });
});

/** What shows no room: `sync` and the end of a queue; a question that uploads nothing; slots asked for by name elsewhere. */
function isOfNoRoom(domain: string, operation: DeviceOperation, body: Uint8Array): boolean {
  if (operation === 'uploadKeyPackageSets') return body.length < 40;
  if (operation === 'roomSlots') return domain !== HUB && body[0] === 0;
  return ['sync', 'unsubscribe', 'closeQueue', 'leaveSet', 'providerKeys'].includes(operation);
}
