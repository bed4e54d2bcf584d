// Escrow of identity links: members check it, two parties together open one leaf, and neither alone anything.
// docs/modes/deployments.md, "Escrow".

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { generateHpkeKeyPair, init } from '../../ts/mls/index.ts';
import { EMPTY_EPOCH, identify, learnFrom, newWrapper } from '../../ts/privacy/index.ts';
import {
  type EscrowKeys,
  escrowLinkKey,
  joinEscrowShares,
  openEscrowShare,
} from '../../ts/privacy/parts/escrow.ts';
import { decodeSlotRow } from '../../ts/provider/records/room_rows.ts';
import { prefixes, rangeOf } from '../../ts/provider/rows.ts';
import { ESCROW, encodeEscrow, initialComponents, resolveComponent } from '../../ts/room/index.ts';
import {
  decodeEscrowCase,
  escrowSlotName,
  roomUri,
  type Slot,
  type UserUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';
import { peek } from '../support/peek.ts';

const HUB = 'a.example';

let world: World;
let parties: [EscrowKeys, EscrowKeys];
let alice: Device;
let bob: Device;
let carol: Device;
let room: Room;
const storage = memoryKeyValue();
beforeAll(async () => {
  await init();
  parties = ['court', 'ombudsman'].map((name) => ({ name, ...generateHpkeKeyPair(1) })) as [
    EscrowKeys,
    EscrowKeys,
  ];
  world = await World.with({ deployment: 'consumer' }, HUB);
  const open = (name: string, more = {}) =>
    world.device(HUB, name, { deployment: 'consumer', ...more });
  alice = await open('alice-1', { storage });
  bob = await open('bob-1');
  carol = await open('carol-1');
  for (const device of [alice, bob]) await device.connections.publish(2);
  await connect(alice, bob);
  const escrow = parties.map(({ name, publicKey }) => ({ name, publicKey }));
  room = await alice.createRoom(roomUri(HUB, 'club'), { mode: 'hub-visible', escrow });
  await bob.allow(alice.account.user);
  await room.invite(bob.account.user);
  await settle(alice, bob);
  await accept(bob, room.uri);
  await carol.joinByLink(await room.createJoinLink());
  await settle(alice, bob, carol);
});
afterAll(() => world[Symbol.asyncDispose]());

const caseOf = async (place: number) => {
  const pseudonym = room.users()[place] as UserUri;
  const asked = { by: 'the court', reason: 'case 7' };
  return decodeEscrowCase(await world.provider(HUB).escrowCase(room.uri, pseudonym, asked));
};

test('all who came in, whatever way, are verified by all others', async () => {
  for (const device of [alice, bob, carol]) {
    await device.room(room.uri)?.send(new Uint8Array([1]));
  }
  await settle(alice, bob, carol);
  for (const device of [alice, bob, carol]) {
    const messages = (await device.room(room.uri)?.messages()) ?? [];
    const others = messages.filter(({ own }) => !own).map(({ real }) => real?.user);
    expect(others).toHaveLength(2);
    expect(others).not.toContain(undefined);
  }
});

test('both shares open the leaf of the case, and the log says so before', async () => {
  for (const [place, device] of [alice, bob, carol].entries()) {
    const asked = await caseOf(place);
    const shares = parties.map((party) => openEscrowShare(asked, party));
    expect(joinEscrowShares(asked, shares).user).toBe(device.account.user);
  }
  const { entries } = await world.provider(HUB).enterprise.auditLog();
  expect(entries.at(-1)).toMatchObject({ kind: 'escrow', by: 'the court', outcome: 'done' });
});

describe('nobody is opened', () => {
  const refusal = (code: string, rule: string) =>
    expect.objectContaining({ code, details: expect.objectContaining({ rule }) });

  test('by one party alone, or by one twice', async () => {
    const asked = await caseOf(1);
    const share = openEscrowShare(asked, parties[0]);
    const alone = refusal('wrongContext', 'parties');
    expect(() => joinEscrowShares(asked, [share])).toThrow(alone);
    expect(() => joinEscrowShares(asked, [share, share])).toThrow(alone);
    const renamed = openEscrowShare(asked, { ...parties[0], name: 'another' });
    expect(() => joinEscrowShares(asked, [share, renamed])).toThrow(
      refusal('wrongLinkKey', 'shares'),
    );
  });

  test('by shares of another person’s case', async () => {
    const [bobs, carols] = [await caseOf(1), await caseOf(2)];
    const shares = parties.map((party) => openEscrowShare(bobs, party));
    expect(() => joinEscrowShares(carols, shares)).toThrow(refusal('wrongContext', 'case'));
    const mixed = { ...carols, versions: bobs.versions };
    const none = parties.map((party) => openEscrowShare(mixed, party));
    expect(none.flatMap(({ halves }) => halves).every(({ length }) => length === 0)).toBe(true);
    expect(() => joinEscrowShares(mixed, none)).toThrow(refusal('wrongLinkKey', 'shares'));
    const named = { ...bobs, pseudonym: carols.pseudonym };
    const renamed = parties.map((party) => openEscrowShare(named, party));
    expect(() => joinEscrowShares(named, renamed)).toThrow(refusal('wrongContext', 'pseudonym'));
  });

  test('by a key that is no party’s', async () => {
    const asked = await caseOf(1);
    const eve = { name: 'eve', ...generateHpkeKeyPair(1) };
    const shares = [openEscrowShare(asked, parties[0]), openEscrowShare(asked, eve)];
    expect(() => joinEscrowShares(asked, shares)).toThrow(refusal('wrongLinkKey', 'shares'));
  });

  test('who is not in the room; the log says that it was asked', async () => {
    const nobody = `mimi://${HUB}/u/${'0'.repeat(32)}` as UserUri;
    const asked = { by: 'eve', reason: 'curious' };
    await expect(world.provider(HUB).escrowCase(room.uri, nobody, asked)).rejects.toMatchObject({
      code: 'unknownPseudonym',
    });
    const { entries } = await world.provider(HUB).enterprise.auditLog();
    expect(entries.at(-1)).toMatchObject({ by: 'eve', outcome: 'unknownPseudonym' });
  });
});

describe('a member', () => {
  /** The slots of the room as the hub has them. */
  async function slots(): Promise<Slot[]> {
    const found = await Promise.all(
      (['epoch', 'client', 'room'] as const).map(async (lifetime) => {
        const range = rangeOf(prefixes.slots(room.uri, lifetime));
        const rows = await world.store(HUB).range('rooms-0', range);
        return rows.map(({ value }) => ({ lifetime, epoch: 0n, ...decodeSlotRow(value) }));
      }),
    );
    return found.flat();
  }

  /** Whom Alice would know, had she nothing but the wrapper key and these slots. */
  async function verified(given: readonly Slot[]): Promise<UserUri[]> {
    return peek({ device: alice, storage }, (state) => {
      const { group, membership, roster } = state.room(room.uri);
      if (group === undefined || membership === undefined) throw new Error('no group');
      const { wrapper, keys } = membership.current;
      membership.enter({ ...EMPTY_EPOCH, keys, wrapper });
      learnFrom(membership, group, group.members(), given);
      return group.members().flatMap((leaf) => {
        const client = roster.get(leaf.leafIndex)?.client;
        const found = client && identify(membership, group.suite, client, leaf);
        return found && found.status === 'verified' ? [found.real.user] : [];
      });
    });
  }

  const everybody = () => [alice, bob, carol].map(({ account }) => account.user);

  test('verifies who has left the right escrow', async () => {
    expect(await verified(await slots())).toEqual(everybody());
  });

  test('does not verify who has left none, or a wrong one', async () => {
    const [, , carols] = room.members();
    const name = String(escrowSlotName(carols?.client as never));
    const isCarols = (slot: Slot) => String(slot.name) === name;
    const all = await slots();
    expect(all.filter(isCarols)).toHaveLength(1);
    const others = everybody().slice(0, 2);
    expect(await verified(all.filter((slot) => !isCarols(slot)))).toEqual(others);
    const foreign = parties.map(({ name: party }) => ({ name: party, ...generateHpkeKeyPair(1) }));
    const place = { groupId: new Uint8Array([1]), client: carols?.client ?? '' };
    const wrong = [escrowLinkKey(foreign, place, newWrapper()), new Uint8Array([1])];
    const replaced = all.map((slot) => (isCarols(slot) ? { ...slot, versions: wrong } : slot));
    expect(await verified(replaced)).toEqual(others);
  });
});

test('the parties of a room are two, and stay', () => {
  const data = encodeEscrow(parties);
  const coded = (code: string) => expect.objectContaining({ code });
  expect(() => resolveComponent(ESCROW, data, [data])).toThrow(coded('escrowPinned'));
  expect(() => resolveComponent(ESCROW, undefined, [data])).toThrow(coded('escrowPinned'));
  const start = { mode: 'pseudonymous', creator: 'mimi://a.example/u/x' };
  for (const escrow of [[], [parties[0]], [parties[0], parties[0]]]) {
    expect(() => initialComponents({ ...start, escrow })).toThrow(coded('badRoomState'));
  }
});
