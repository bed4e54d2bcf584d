// Bans of persons that members enforce, in rooms whose servers do not know who is who: the ban entry names the person to
// members only, and the same person under a fresh pseudonym does not stay. docs/modes/deployments.md, "Sealed ban entries".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Device,
  type KeyValue,
  memoryKeyValue,
  type Problem,
  type Room,
} from '../../ts/client/index.ts';
import { BANNED_ROLE, decodeSealedBans, MODERATOR_ROLE, SEALED_BANS } from '../../ts/room/index.ts';
import { roomUri, type UserUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';
import { peek } from '../support/peek.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const refusedBy = (rule: string) => ({ code: 'refused', details: { rule } });

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  let world: World;
  let alice: Device;
  let bob: Device;
  let carol: Device;
  let room: Room;
  let carols: Room;
  let problems: Problem[];
  const storage = new Map<string, KeyValue>();
  beforeEach(async () => {
    world = await World.with({ deployment: 'consumer' }, HUB, FOLLOWER);
    problems = [];
    alice = await open(HUB, 'alice-1');
    bob = await open(FOLLOWER, 'bob-1');
    carol = await open(HUB, 'carol-1');
    for (const device of [alice, bob, carol]) await device.connections.publish(4);
    for (const other of [bob, carol]) await connect(alice, other);
    room = await alice.createRoom(roomUri(HUB, 'club'), { mode });
    await add(bob);
    carols = await add(carol);
    await settle(alice, bob, carol);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  async function open(domain: string, name: string, secret?: Uint8Array): Promise<Device> {
    const stored = memoryKeyValue();
    storage.set(name, stored);
    const setup = { deployment: 'consumer', secret, storage: stored } as const;
    const device = await world.device(domain, name, setup);
    device.on('problem', (problem) => problems.push(problem));
    return device;
  }

  async function add(guest: Device): Promise<Room> {
    await guest.allow(alice.account.user);
    await room.invite(guest.account.user);
    await settle(alice, guest);
    return accept(guest, room.uri);
  }

  /** Bob with a device that shares nothing with his others: nobody can tell it is he but by the identity link. */
  const bobAnew = (): Promise<Device> =>
    open(FOLLOWER, 'bob-9', crypto.getRandomValues(new Uint8Array(32)));

  /** The entries as the room has them. */
  async function entries() {
    const seat = { device: alice, storage: storage.get('alice-1') as KeyValue };
    const data = await peek(seat, (state) => state.room(room.uri).group?.component(SEALED_BANS));
    return decodeSealedBans(data as Uint8Array);
  }

  const bannedIn = (seat: Room) => seat.participants().filter(({ role }) => role === BANNED_ROLE);

  test('who was banned and joins under a fresh pseudonym is taken out again by a member who may', async () => {
    await room.ban(bob.account.user);
    await settle(alice, bob, carol);
    const link = await room.createJoinLink();
    const anew = await bobAnew();
    const again = await anew.joinByLink(link);
    expect(again.status).toBe('active');
    await settle(alice, carol, anew);
    expect(again.status).toBe('removed');
    expect(bannedIn(room)).toHaveLength(2);
    expect(room.members()).toHaveLength(2);
    expect(bannedIn(carols)).toEqual(bannedIn(room));
    const next = await room.createJoinLink();
    await expect(anew.joinByLink(next)).rejects.toMatchObject({ code: 'refused' });
  });

  test('a member who may not ban says so, once', async () => {
    await room.ban(bob.account.user);
    await settle(alice, bob, carol);
    const anew = await bobAnew();
    await anew.joinByLink(await room.createJoinLink());
    for (let times = 0; times < 3; times++) await carol.sync();
    expect(problems.map(({ code }) => code)).toEqual(['bannedPresent']);
    expect(carols.members()).toHaveLength(3);
  });

  test('who came after the ban, and after further generations, knows it, and enforces it', async () => {
    await room.ban(bob.account.user);
    await room.remove(carol.account.user);
    await settle(alice, bob, carol);
    const dora = await open(HUB, 'dora-1');
    await dora.connections.publish(2);
    await connect(alice, dora);
    const doras = await add(dora);
    await room.setRole(dora.account.user, MODERATOR_ROLE);
    await settle(alice, dora);
    const link = await doras.createJoinLink();
    const anew = await bobAnew();
    const again = await anew.joinByLink(link);
    await settle(dora, anew);
    expect(again.status).toBe('removed');
    expect(bannedIn(doras)).toHaveLength(2);
    await settle(alice, dora);
  });

  test('who is banned is not invited under another pseudonym', async () => {
    await room.ban(bob.account.user);
    await expect(room.invite(bob.account.user)).rejects.toMatchObject(refusedBy('R18-banned'));
  });

  test('the end of a ban, by the real name, takes the entry out, and the person may come back', async () => {
    await room.ban(bob.account.user);
    await settle(alice, bob, carol);
    await room.unban(bob.account.user);
    await settle(alice, bob, carol);
    expect(bannedIn(room)).toEqual([]);
    expect(await entries()).toEqual([]);
    const anew = await bobAnew();
    const again = await anew.joinByLink(await room.createJoinLink());
    await settle(alice, carol, anew);
    expect(again.status).toBe('active');
  });

  test('a mandate’s ban gets its entry from the member who carries it out', async () => {
    const bobs = room.users()[1] as UserUri;
    await world.provider(HUB).mandate(room.uri, { ban: bobs });
    await settle(alice);
    await room.commitPending();
    await settle(alice, bob, carol);
    const anew = await bobAnew();
    const again = await anew.joinByLink(await room.createJoinLink());
    await settle(alice, carol, anew);
    expect(again.status).toBe('removed');
  });

  test('entries of long and short names have one length, and name nobody to the hub', async () => {
    const long = await open(FOLLOWER, `${'z'.repeat(120)}-1`);
    await long.joinByLink(await room.createJoinLink());
    await settle(alice, bob, carol, long);
    await room.ban(bob.account.user);
    await room.ban(long.account.user);
    await settle(alice, bob, carol);
    const made = await entries();
    expect(new Set(made.map(({ sealed }) => sealed.length)).size).toBe(1);
    expect(made).toHaveLength(2);
    const held = await world.store(HUB).range('rooms-0', {
      from: new Uint8Array([0]),
      to: new Uint8Array([255]),
    });
    const text = held.map(({ value }) => Buffer.from(value).toString('latin1')).join();
    expect(text).toContain(made[0]?.user);
    for (const { account } of [bob, long]) expect(text).not.toContain(account.user);
  });
});
