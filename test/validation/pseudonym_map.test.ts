// An enterprise provider knows whose each pseudonym of its users is before it is of use to anybody; a consumer provider
// stores nothing of the kind. docs/modes/deployments.md, "Enterprise".

import { afterEach, describe, expect, test } from 'vitest';
import { generateSignatureKeyPair } from '../../ts/mls/index.ts';
import { userPseudonym } from '../../ts/privacy/parts/pseudonym.ts';
import { declarePseudonym } from '../../ts/privacy/parts/statements.ts';
import { decodeOwnerRow } from '../../ts/provider/records/enterprise_rows.ts';
import { enterpriseRows } from '../../ts/provider/rows.ts';
import { encodePseudonymDeclaration, roomUri, type UserUri, userUri } from '../../ts/wire/index.ts';
import { HiddenAccount, HiddenDevice } from '../support/hidden_account.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';
const MODES = ['pseudonymous', 'hub-visible'] as const;

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

/** Whose a pseudonym is for the provider of its domain, by what stands in its store. */
async function ownerOf(domain: string, pseudonym: UserUri | undefined) {
  if (pseudonym === undefined) throw new Error('no pseudonym');
  const row = await world.store(domain).get('accounts', enterpriseRows.owner(pseudonym));
  return row === undefined ? undefined : decodeOwnerRow(row);
}

async function meet(mode: string) {
  const alice = await world.device(HUB, 'alice-1');
  const bob = await world.device(FOLLOWER, 'bob-1');
  for (const device of [alice, bob]) await device.connections.publish(1);
  await connect(alice, bob);
  const room = await alice.createRoom(roomUri(HUB, 'club'), { mode });
  return { alice, bob, room };
}

describe.each(MODES)('in mode %s', (mode) => {
  test('the provider of who creates a room, is added, or joins by a link knows whose the pseudonym is', async () => {
    world = await World.open(HUB, FOLLOWER);
    const { alice, bob, room } = await meet(mode);
    const [creator] = room.users();
    expect(await ownerOf(HUB, creator)).toMatchObject({ user: alice.account.user, room: room.uri });

    await bob.allow(alice.account.user);
    await room.invite(bob.account.user);
    await settle(alice, bob);
    await accept(bob, room.uri);
    const added = room.users().find((user) => user !== creator);
    expect(await ownerOf(FOLLOWER, added)).toMatchObject({
      user: bob.account.user,
      source: 'uploaded',
    });

    const carol = await world.device(FOLLOWER, 'carol-1');
    const dora = await world.device(HUB, 'dora-1');
    const link = await room.createJoinLink();
    await carol.joinByLink(link);
    await settle(alice, bob, carol);
    await dora.joinByLink(link);
    await settle(alice, bob, carol, dora);
    const [carols, doras] = room.users().slice(-2);
    expect(await ownerOf(FOLLOWER, carols)).toMatchObject({
      user: carol.account.user,
      source: 'declared',
    });
    expect(await ownerOf(HUB, doras)).toMatchObject({ user: dora.account.user });
    // No provider knows the users of another.
    expect(await ownerOf(HUB, carols)).toBeUndefined();
    expect(await ownerOf(FOLLOWER, doras)).toBeUndefined();
  });

  test('who does not declare itself is known where its provider sees the join, and refused where it does not', async () => {
    world = await World.open(HUB, FOLLOWER);
    const { alice, room } = await meet(mode);
    const link = await room.createJoinLink();
    const silent = await world.device(FOLLOWER, 'carol-1', {
      wrap: (connection) => ({
        call: async (operation, id, body, options) =>
          operation === 'declarePseudonym'
            ? new Uint8Array()
            : connection.call(operation, id, body, options),
      }),
    });
    const joins = silent.joinByLink(link);
    if (mode === 'hub-visible') {
      await expect(joins).rejects.toMatchObject({
        code: 'refused',
        details: { code: 'pseudonymUndeclared' },
      });
      return;
    }
    await joins;
    await settle(alice, silent);
    expect(await ownerOf(FOLLOWER, room.users().at(-1))).toMatchObject({
      user: silent.account.user,
      source: 'seen',
    });
  });

  test('a consumer provider stores no such row, and its users do not tell it', async () => {
    world = await World.with({ deployment: 'consumer' }, HUB, FOLLOWER);
    const asked: string[] = [];
    const carol = await world.device(FOLLOWER, 'carol-1', {
      deployment: 'consumer',
      wrap: (connection) => ({
        call: (operation, id, body, options) => {
          asked.push(operation);
          return connection.call(operation, id, body, options);
        },
      }),
    });
    await carol.connections.publish(1);
    const alice = await world.device(HUB, 'alice-1', { deployment: 'consumer' });
    const room = await alice.createRoom(roomUri(HUB, 'club'), { mode });
    await carol.joinByLink(await room.createJoinLink());
    await settle(alice, carol);
    expect(asked).not.toContain('declarePseudonym');
    for (const user of room.users()) {
      for (const domain of [HUB, FOLLOWER]) expect(await ownerOf(domain, user)).toBeUndefined();
    }
  });
});

describe('a declaration', () => {
  const room = roomUri(HUB, 'club');

  async function device(name: string) {
    const call = async (
      ...[who, operation, id, body]: Parameters<ConstructorParameters<typeof HiddenDevice>[0]>
    ) => (await world.provider(HUB).fromDevice(who, operation, id, body)).body;
    const made = new HiddenDevice(call, HUB, name, new HiddenAccount());
    await made.register();
    return made;
  }

  test('is refused when its pseudonym has not signed it for this user and this room', async () => {
    world = await World.open(HUB);
    const alice = await device('alice-1');
    const keys = generateSignatureKeyPair(1);
    const eve = userUri(HUB, 'eve');
    for (const declared of [
      declarePseudonym({ user: eve, room, suite: 1 }, keys),
      declarePseudonym({ user: alice.device.user, room: roomUri(HUB, 'other'), suite: 1 }, keys),
      {
        ...declarePseudonym({ user: alice.device.user, room, suite: 1 }, keys),
        pseudonymKey: generateSignatureKeyPair(1).publicKey,
      },
      { suite: 1, pseudonymKey: new Uint8Array(), signature: new Uint8Array() },
      { suite: 9, pseudonymKey: keys.publicKey, signature: new Uint8Array(64) },
    ]) {
      await expect(
        alice.call('declarePseudonym', room, encodePseudonymDeclaration(declared)),
      ).rejects.toMatchObject({ code: 'badRequest' });
    }
    expect(await ownerOf(HUB, userPseudonym(HUB, keys.publicKey))).toBeUndefined();
  });

  test('of a pseudonym that is another user’s is refused', async () => {
    world = await World.open(HUB);
    const keys = generateSignatureKeyPair(1);
    const [alice, eve] = [await device('alice-1'), await device('eve-1')];
    const declare = (who: HiddenDevice) =>
      who.call(
        'declarePseudonym',
        room,
        encodePseudonymDeclaration(
          declarePseudonym({ user: who.device.user, room, suite: 1 }, keys),
        ),
      );
    await declare(alice);
    await declare(alice);
    await expect(declare(eve)).rejects.toMatchObject({ code: 'pseudonymReused' });
    expect(await ownerOf(HUB, userPseudonym(HUB, keys.publicKey))).toMatchObject({
      user: alice.device.user,
    });
  });

  test('and everything else of the enterprise is refused by a consumer provider', async () => {
    world = await World.with({ deployment: 'consumer' }, HUB);
    const alice = await device('alice-1');
    const keys = generateSignatureKeyPair(1);
    const declared = declarePseudonym({ user: alice.device.user, room, suite: 1 }, keys);
    const refused = { code: 'wrongDeployment' };
    await expect(
      alice.call('declarePseudonym', room, encodePseudonymDeclaration(declared)),
    ).rejects.toMatchObject({ code: 'linkable' });
    const { enterprise } = world.provider(HUB);
    const none = new Uint8Array();
    expect(() => enterprise.breakGlass(none)).toThrow(expect.objectContaining(refused));
    expect(() => enterprise.enforceBan(none)).toThrow(expect.objectContaining(refused));
    expect((await enterprise.auditLog()).entries).toEqual([]);
  });
});
