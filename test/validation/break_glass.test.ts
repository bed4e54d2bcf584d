// Break glass in the enterprise deployment: who is behind one pseudonym is told to two officers, once, with an entry in the
// audit log; nobody else is told anything. docs/modes/deployments.md, "Break glass".

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { Officers, orderFor } from '../../ts/evidence/loopback/officers.ts';
import type { ProviderEvent } from '../../ts/provider/index.ts';
import { type RoomUri, roomUri, type UserUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { connect } from '../support/meeting.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';

let officers: Officers;
let world: World;
let alice: Device;
let bob: Device;
let room: Room;
let alias: UserUri;
let bobAlias: UserUri;
const events: ProviderEvent[] = [];

beforeAll(async () => {
  officers = await Officers.appoint();
  const report = (event: ProviderEvent) => events.push(event);
  world = await World.with({ breakGlass: officers.config, report }, HUB, FOLLOWER);
  alice = await world.device(HUB, 'alice-1');
  bob = await world.device(FOLLOWER, 'bob-1');
  for (const device of [alice, bob]) await device.connections.publish(2);
  await connect(alice, bob);
  room = await alice.createRoom(roomUri(HUB, 'club'), { mode: 'pseudonymous' });
  await bob.allow(alice.account.user);
  await room.invite(bob.account.user);
  await settle(alice, bob);
  await bob.invitations()[0]?.accept();
  [alias, bobAlias] = room.users() as [UserUri, UserUri];
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  events.length = 0;
});

const glass = () => world.provider(HUB).enterprise;
const outcomes = async () => (await glass().auditLog()).entries.map(({ outcome }) => outcome);

test('two officers are told who is behind the pseudonym that they name, and the log says so before', async () => {
  const order = orderFor(HUB, room.uri, alias);
  const { user, audit } = await glass().breakGlass(officers.sign(order));
  expect(user).toBe(alice.account.user);
  const { entries, head, brokenAt } = await glass().auditLog();
  expect(brokenAt).toBeUndefined();
  expect(head).toEqual(audit);
  expect(entries.at(-1)).toMatchObject({
    kind: 'breakGlass',
    by: 'legal, safety',
    why: 'case 7',
    room: room.uri,
    pseudonym: alias,
    outcome: 'done',
  });
});

test('the log names pseudonyms, and nobody behind them', async () => {
  await glass().breakGlass(officers.sign(orderFor(HUB, room.uri, alias)));
  const log = JSON.stringify(await glass().auditLog(), (_, value) =>
    value instanceof Uint8Array ? [...value] : value,
  );
  expect(log).not.toContain(alice.account.user);
  expect(log).not.toContain(bob.account.user);
});

describe('an order is refused, tells nothing, and stands in the log', () => {
  const refused: readonly [string, () => Uint8Array, string, string?][] = [
    [
      'by one officer',
      () => officers.sign(orderFor(HUB, room.uri, alias), ['legal']),
      'orderParties',
    ],
    [
      'that one officer has signed twice',
      () => officers.sign(orderFor(HUB, room.uri, alias), ['legal', 'legal']),
      'orderParties',
    ],
    [
      'whose time has passed',
      () => officers.sign(orderFor(HUB, room.uri, alias, { notAfter: BigInt(Date.now() - 1) })),
      'orderExpired',
    ],
    [
      'that would be good for a month',
      () =>
        officers.sign(
          orderFor(HUB, room.uri, alias, { notAfter: BigInt(Date.now() + 31 * 86_400_000) }),
        ),
      'wrongOrder',
      'notAfter',
    ],
    [
      'for another provider',
      () => officers.sign(orderFor(FOLLOWER, room.uri, alias)),
      'wrongOrder',
      'provider',
    ],
    [
      'for a user of another provider',
      () => officers.sign(orderFor(HUB, room.uri, bobAlias)),
      'wrongOrder',
      'pseudonym',
    ],
    [
      'for another room than the pseudonym is for',
      () => officers.sign(orderFor(HUB, roomUri(HUB, 'other'), alias)),
      'wrongOrder',
      'room',
    ],
    [
      'without a reason',
      () => officers.sign(orderFor(HUB, room.uri, alias, { reason: ' ' })),
      'wrongOrder',
      'reason',
    ],
    [
      'for somebody whom nobody knows',
      () => officers.sign(orderFor(HUB, room.uri, `mimi://${HUB}/u/${'0'.repeat(32)}` as UserUri)),
      'unknownPseudonym',
    ],
  ];
  test.each(refused)('%s', async (_, order, code, rule) => {
    const before = await outcomes();
    await expect(glass().breakGlass(order())).rejects.toMatchObject({
      code,
      details: { rule },
    });
    expect(await outcomes()).toEqual([...before, code]);
  });

  test('that was carried out before', async () => {
    const signed = officers.sign(orderFor(HUB, room.uri, alias));
    await glass().breakGlass(signed);
    const before = await outcomes();
    await expect(glass().breakGlass(signed)).rejects.toMatchObject({ code: 'orderUsed' });
    expect(await outcomes()).toEqual([...before, 'orderUsed']);
  });

  test('that is sent twice at once: one is answered', async () => {
    const signed = officers.sign(orderFor(HUB, room.uri, alias));
    const answers = await Promise.allSettled([1, 2, 3].map(() => glass().breakGlass(signed)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('an order is refused, counted and reported, and leaves no entry', () => {
  const forged: readonly [string, () => Uint8Array][] = [
    [
      'changed to another person after it was signed',
      () => officers.sign(orderFor(HUB, room.uri, alias), undefined, { pseudonym: bobAlias }),
    ],
    [
      'changed to a later date',
      () => officers.sign(orderFor(HUB, room.uri, alias), undefined, { notAfter: 2n ** 60n }),
    ],
    [
      'signed by nobody known',
      () => officers.sign(orderFor(HUB, room.uri, alias), ['legal', 'eve']),
    ],
  ];
  test.each(forged)('%s', async (_, order) => {
    const before = await outcomes();
    const count = glass().refusedOrders;
    await expect(glass().breakGlass(order())).rejects.toMatchObject({ code: 'orderSignature' });
    expect(await outcomes()).toEqual(before);
    expect(glass().refusedOrders).toBe(count + 1);
    expect(events).toEqual([{ type: 'orderRefused', code: 'orderSignature' }]);
  });

  test('signed by nobody at all', async () => {
    const order = officers.sign(orderFor(HUB, room.uri, alias), []);
    await expect(glass().breakGlass(order)).rejects.toMatchObject({ code: 'orderParties' });
  });

  test('that is no order', async () => {
    const order = new Uint8Array([1, 2, 3]);
    await expect(glass().breakGlass(order)).rejects.toMatchObject({ code: 'badRequest' });
  });
});

test('without officers no order is carried out', async () => {
  await using other = await World.open(HUB);
  const { enterprise } = other.provider(HUB);
  const signed = officers.sign(orderFor(HUB, room.uri, alias));
  await expect(enterprise.breakGlass(signed)).rejects.toMatchObject({ code: 'breakGlassOff' });
});

describe('the audit log', () => {
  /** A provider with a log of three entries. */
  async function withLog() {
    const own = await World.with({ breakGlass: officers.config }, HUB);
    const device = await own.device(HUB, 'carol-1');
    const uri: RoomUri = roomUri(HUB, 'den');
    const den = await device.createRoom(uri, { mode: 'pseudonymous' });
    const [user] = den.users() as [UserUri];
    const { enterprise } = own.provider(HUB);
    for (let count = 0; count < 3; count++) {
      await enterprise.breakGlass(officers.sign(orderFor(HUB, uri, user)));
    }
    return { own, enterprise };
  }

  /** Writes rows as somebody would who has the provider's disk. */
  async function tamper(own: World, wanted: string, value?: (stored: Uint8Array) => Uint8Array) {
    await own.provider(HUB).close();
    const store = own.store(HUB);
    const { epoch, head } = await store.acquire('accounts', 'tamperer', 1000);
    const all = await store.range('accounts', {
      from: new Uint8Array([0]),
      to: new Uint8Array([255]),
    });
    const rows = all
      .filter(({ key }) => String.fromCharCode(...key) === wanted)
      .map(({ key, value: stored }) => ({ key, value: value?.(stored) }));
    expect(rows).toHaveLength(1);
    await store.append('accounts', epoch, head, { records: [], rows });
    await store.release('accounts', epoch);
    await own.restart(HUB);
    return own.provider(HUB).enterprise;
  }

  test('is whole as long as nobody touches it, also after a restart', async () => {
    const { own, enterprise } = await withLog();
    const { head } = await enterprise.auditLog();
    await own.restart(HUB);
    const log = await own.provider(HUB).enterprise.auditLog(head);
    expect(log).toMatchObject({ head, entries: { length: 3 } });
    expect(log.brokenAt).toBeUndefined();
    await own[Symbol.asyncDispose]();
  });

  test('shows an entry that was altered', async () => {
    const { own } = await withLog();
    const altered = await tamper(own, 'audit\0\0\0\0\0\0\0\0\x02', (stored) => {
      const copy = stored.slice();
      copy[20] = (copy[20] as number) ^ 1;
      return copy;
    });
    expect((await altered.auditLog()).brokenAt).toBe(3);
    await own[Symbol.asyncDispose]();
  });

  test('shows an entry that was taken out, in the middle or at the end', async () => {
    for (const [at, broken] of [
      [2, 2],
      [3, 2],
    ]) {
      const { own } = await withLog();
      const cut = await tamper(own, `audit\0\0\0\0\0\0\0\0${String.fromCharCode(at as number)}`);
      expect((await cut.auditLog()).brokenAt).toBe(broken);
      await own[Symbol.asyncDispose]();
    }
  });

  test('shows that it was written anew to who has noted a head', async () => {
    const { own, enterprise } = await withLog();
    const { head } = await enterprise.auditLog();
    const known = { ...head, hash: head.hash.map((octet) => octet ^ 1) };
    expect((await enterprise.auditLog(known)).brokenAt).toBe(3);
    const later = { ...head, seq: 9 };
    expect((await enterprise.auditLog(later)).brokenAt).toBe(4);
    await own[Symbol.asyncDispose]();
  });
});
