// A ban that the provider of the banned enforces on the person: the hub's notice, the provider's receipt, and what neither
// takes. docs/modes/deployments.md, "Bans".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { generateSignatureKeyPair } from '../../ts/mls/index.ts';
import { signNotice, signReceipt } from '../../ts/privacy/parts/statements.ts';
import { prefixes, rangeOf } from '../../ts/provider/rows.ts';
import {
  decodeBanComplaint,
  decodeBanNotice,
  decodeBanReceipt,
  encodeBanComplaint,
  encodeBanNotice,
  encodeBanReceipt,
  roomUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';

let world: World;
let alice: Device;
let bob: Device;
let room: Room;
let alias: UserUri;
beforeEach(async () => {
  world = await World.open(HUB, FOLLOWER);
  alice = await world.device(HUB, 'alice-1');
  bob = await world.device(FOLLOWER, 'bob-1');
  for (const device of [alice, bob]) await device.connections.publish(3);
  await connect(alice, bob);
  room = await alice.createRoom(roomUri(HUB, 'club'), { mode: 'pseudonymous' });
  await bob.allow(alice.account.user);
  await room.invite(bob.account.user);
  await settle(alice, bob);
  await accept(bob, room.uri);
  alias = room.users()[1] as UserUri;
});
afterEach(() => world[Symbol.asyncDispose]());

const ledger = () => world.provider(HUB).bans;
const enforcer = () => world.provider(FOLLOWER).enterprise;
const states = async () => (await ledger().entries()).map(({ state }) => state);

async function ban(): Promise<Uint8Array> {
  await room.ban(bob.account.user);
  await settle(alice, bob);
  return ledger().notice(room.uri, alias);
}

test('a ban is noticed, enforced on the person whatever its pseudonym, receipted, and ends by a notice', async () => {
  const notice = await ban();
  expect(await states()).toEqual(['asked']);
  const receipt = await enforcer().enforceBan(notice);
  expect(await ledger().receive(receipt)).toMatchObject({ state: 'complied', pseudonym: alias });

  const link = await room.createJoinLink();
  const second = await world.device(FOLLOWER, 'bob-2');
  const refused = { code: 'refused', details: { code: 'bannedHere' } };
  await expect(second.joinByLink(link)).rejects.toMatchObject(refused);
  await expect(bob.joinByLink(link)).rejects.toMatchObject(refused);
  await world.restart(FOLLOWER);
  await expect(second.joinByLink(link)).rejects.toMatchObject(refused);
  // Others of the provider, and other rooms, are none of its concern.
  const carol = await world.device(FOLLOWER, 'carol-1');
  await carol.joinByLink(link);
  await second.createRoom(roomUri(FOLLOWER, 'own'), { mode: 'pseudonymous' });

  await room.unban(alias);
  const end = await ledger().notice(room.uri, alias);
  await ledger().receive(await enforcer().enforceBan(end));
  expect(await ledger().entries()).toMatchObject([{ state: 'complied', banned: false }]);
  const last = await room.createJoinLink();
  await bob.joinByLink(last);
  await settle(alice, bob, carol);
  expect(room.users()).toHaveLength(3);
  const { entries } = await enforcer().auditLog();
  expect(entries.map(({ kind, by, outcome }) => [kind, by, outcome])).toEqual([
    ['ban', HUB, 'done'],
    ['unban', HUB, 'done'],
  ]);
});

describe('a notice is not acted on', () => {
  const refusal = (rule: string) => ({ code: 'wrongNotice', details: { rule } });

  test('when the hub of the room has not signed it as it is', async () => {
    const notice = decodeBanNotice(await ban());
    const eve = generateSignatureKeyPair(1);
    for (const forged of [
      signNotice(notice, eve.privateKey),
      { ...notice, at: notice.at + 1n },
      { ...notice, banned: false },
      { ...notice, room: roomUri(HUB, 'other') },
    ]) {
      await expect(enforcer().enforceBan(encodeBanNotice(forged))).rejects.toMatchObject(
        refusal('signature'),
      );
    }
    expect((await enforcer().auditLog()).entries).toEqual([]);
  });

  test('when it is about a user of another provider, or of one that nobody knows', async () => {
    const notice = await ban();
    const { enterprise } = world.provider(HUB);
    await expect(enterprise.enforceBan(notice)).rejects.toMatchObject(refusal('pseudonym'));
    const nobody = userUri(FOLLOWER, '0'.repeat(32));
    await expect(ledger().notice(room.uri, nobody)).rejects.toMatchObject(refusal('notBanned'));
  });

  test('when a later one is known: an old word does not end a ban, nor bring one back', async () => {
    const first = await ban();
    await enforcer().enforceBan(first);
    await room.unban(alias);
    const end = await ledger().notice(room.uri, alias);
    await enforcer().enforceBan(end);
    await expect(enforcer().enforceBan(first)).rejects.toMatchObject(refusal('stale'));
    const again = await enforcer().enforceBan(end);
    expect(decodeBanReceipt(again).provider).toBe(FOLLOWER);
  });
});

describe('a receipt does not count', () => {
  const refusal = (rule: string) => ({ code: 'wrongReceipt', details: { rule } });

  test('when the provider of the pseudonym has not signed it, or for another notice', async () => {
    const notice = await ban();
    const receipt = decodeBanReceipt(await enforcer().enforceBan(notice));
    const eve = generateSignatureKeyPair(1);
    const take = (forged: typeof receipt) => ledger().receive(encodeBanReceipt(forged));
    await expect(take(signReceipt(receipt, eve.privateKey))).rejects.toMatchObject(
      refusal('signature'),
    );
    await expect(take({ ...receipt, provider: HUB })).rejects.toMatchObject(refusal('provider'));
    const noticeHash = new Uint8Array(32);
    await expect(take({ ...receipt, noticeHash })).rejects.toMatchObject(refusal('notice'));
    await ledger().notice(room.uri, alias);
    await expect(take(receipt)).rejects.toMatchObject(refusal('stale'));
    expect(await states()).toEqual(['asked']);
  });
});

describe('a complaint', () => {
  const refusal = (rule: string) => ({ code: 'wrongComplaint', details: { rule } });

  /** Bob with a device of whose pseudonyms his provider, which claims to comply, has let one in. */
  async function comeBack(): Promise<{ anew: Device; again: Room }> {
    const anew = await world.device(FOLLOWER, 'bob-9', {
      secret: crypto.getRandomValues(new Uint8Array(32)),
    });
    const again = await anew.joinByLink(await room.createJoinLink());
    await settle(anew);
    return { anew, again };
  }

  /** A member that sees who is there, and may not ban. */
  async function witness(): Promise<Room> {
    const carol = await world.device(HUB, 'carol-1');
    const carols = await carol.joinByLink(await room.createJoinLink());
    // Alice would take out who is banned as soon as she looked.
    await settle(carol);
    return carols;
  }

  test('that a banned person is back under another pseudonym makes its provider’s promise a broken one', async () => {
    const notice = await ban();
    // It says that it enforces the ban, and takes it back behind the hub's back.
    const receipt = await enforcer().enforceBan(notice);
    await ledger().receive(receipt);
    const { anew, again } = await letIn(comeBack);
    const carols = await witness();
    const complaint = await carols.banComplaint(bob.account.user);
    await expect(ledger().complain(complaint)).resolves.toMatchObject({
      state: 'broken',
      pseudonym: alias,
      complaints: 1,
    });
    expect(again.status).toBe('active');
    // A later receipt does not make it undone.
    await ledger().receive(await enforcer().enforceBan(await ledger().notice(room.uri, alias)));
    expect(await states()).toEqual(['broken']);
    await anew.close();
  });

  test('is refused when nothing was promised, or nothing done since', async () => {
    const notice = await ban();
    await comeBack();
    const carols = await witness();
    const complaint = await carols.banComplaint(bob.account.user);
    await expect(ledger().complain(complaint)).rejects.toMatchObject(refusal('ledger'));
    await ledger().receive(await enforcer().enforceBan(notice));
    await expect(ledger().complain(complaint)).rejects.toMatchObject(refusal('notSinceReceipt'));
    expect(await states()).toEqual(['complied']);
  });

  test('is refused when its keys do not open both pseudonyms to one person', async () => {
    const notice = await ban();
    await ledger().receive(await enforcer().enforceBan(notice));
    await letIn(comeBack);
    const carols = await witness();
    const complaint = decodeBanComplaint(await carols.banComplaint(bob.account.user));
    const alices = room.users()[0] as UserUri;
    const { banned, found } = complaint;
    const complain = (change: Partial<typeof complaint>) =>
      ledger().complain(encodeBanComplaint({ ...complaint, ...change }));
    const linkKey = new Uint8Array(32);
    await expect(complain({ banned: { ...banned, linkKey } })).rejects.toMatchObject(
      refusal('banned'),
    );
    await expect(complain({ found: { ...found, linkKey } })).rejects.toMatchObject(
      refusal('found'),
    );
    await expect(complain({ found: { ...found, pseudonym: alices } })).rejects.toMatchObject(
      refusal('found'),
    );
    await expect(complain({ banned: found })).rejects.toMatchObject(refusal('banned'));
    await expect(complain({ found: banned })).rejects.toMatchObject(refusal('found'));
    await expect(complain({ room: roomUri(HUB, 'other') })).rejects.toMatchObject({
      code: 'unknownRoom',
    });
    expect(await states()).toEqual(['complied']);
  });

  /** Does something while the follower has forgotten its bans. */
  async function letIn<Done>(act: () => Promise<Done>): Promise<Done> {
    const store = world.store(FOLLOWER);
    await world.provider(FOLLOWER).close();
    const { epoch, head } = await store.acquire('accounts', 'operator', 1000);
    const bans = await store.range('accounts', rangeOf(prefixes.personBans()));
    const rows = bans.map(({ key }) => ({ key, value: undefined }));
    await store.append('accounts', epoch, head, { records: [], rows });
    await store.release('accounts', epoch);
    await world.restart(FOLLOWER);
    return act();
  }
});

test('a hub that sees nothing of a room has no notice of it', async () => {
  const blind = await alice.createRoom(roomUri(HUB, 'blind'), { mode: 'members-only' });
  await expect(ledger().notice(blind.uri, alias)).rejects.toMatchObject({
    code: 'wrongNotice',
    details: { rule: 'sight' },
  });
});
