// Attacks on rooms whose hub sees nothing that reviews tried: by who holds a link, by members, by who was removed. What
// the hub can tell it refuses; about the rest all members find the same. spec/privacy-modes.md, "members-only".

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Account,
  Device,
  type KeyValue,
  memoryKeyValue,
  type Room,
} from '../../ts/client/index.ts';
import { Needles } from '../../ts/evidence/audit/needles.ts';
import {
  Group,
  HubGroup,
  Identity,
  inspectKeyPackage,
  MemberStore,
  storePsk,
} from '../../ts/mls/index.ts';
import {
  EMPTY_EPOCH,
  linkToken,
  modeNamed,
  parseLink,
  sealNextWriteKey,
  welcomeExtension,
  writeMac,
} from '../../ts/privacy/index.ts';
import { sealWelcome, splitWelcome } from '../../ts/privacy/parts/sealed_welcome.ts';
import { initialComponents, OWNER_ROLE } from '../../ts/room/index.ts';
import {
  asClientUri,
  asUserUri,
  BASIC_CREDENTIAL,
  clientUri,
  decodeHubPart,
  decodeModeUpdate,
  decodeUpdateRoomResponse,
  encodeClientIdentity,
  encodeModeUpdate,
  encodeModeUpdateBody,
  groupIdOf,
  type HandshakePayload,
  hubPartOf,
  type ModeUpdate,
  providerUri,
  type RoomUri,
  roomUri,
  type SealedWelcome,
  type UpdateRoomResponse,
  userUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying } from '../support/lying_sender.ts';
import { connect } from '../support/meeting.ts';
import {
  add,
  Between,
  heal,
  hubKeyOf,
  reaches,
  type Three,
  three,
  writeKeyOf,
} from '../support/mode_tampering.ts';

const MODE = 'members-only';
const NONE = new Uint8Array();
const { handshakes, hubParts } = modeNamed(MODE);

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example', 'd.example');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

/** What no member can read, in the place of a handshake. */
const JUNK = handshakes.wrap(
  { handshake: new Uint8Array(40).fill(1), slots: [] },
  { suite: 1, groupId: NONE, epoch: 0n, kind: 'commit' },
  { memberKeys: [], hub: undefined, joins: false },
);

/** An update by nobody, as a stranger makes one. */
const strange = (room: RoomUri, epoch: bigint, fields: Partial<ModeUpdate>): ModeUpdate => ({
  mode: MODE,
  groupId: groupIdOf(room),
  epoch,
  kind: 'commit',
  joins: false,
  payloads: [JUNK],
  hubPart: NONE,
  welcomes: [],
  proof: NONE,
  ...fields,
});

/** The update with a MAC by this key in the place of its proof. */
function provenBy(writeKey: Uint8Array, update: ModeUpdate): ModeUpdate {
  const { groupId, epoch } = update;
  const body = encodeModeUpdateBody(update);
  return { ...update, proof: writeMac(writeKey, { endpoint: 'update', groupId, epoch, body }) };
}

/** The part for the hub with this write key in it. */
async function partWith(nextWriteKey: Uint8Array, { groupId, epoch, kind }: ModeUpdate) {
  const address = { suite: 1, groupId, epoch, kind } as const;
  return hubParts.seal(hubPartOf({ nextWriteKey }), address, await hubKeyOf(world, 'a.example'));
}

/** Sends an update as the provider of a domain does. */
async function send(domain: string, room: RoomUri, update: ModeUpdate) {
  const body = encodeModeUpdate(update);
  const reply = await world.provider('a.example').fromPeer(domain, 'update', room, body);
  return decodeUpdateRoomResponse(reply.body);
}

const ruleOf = ({ code, errorDescription }: UpdateRoomResponse): string =>
  code === 'notAllowed' ? (errorDescription.split(':')[0] ?? '') : code;

/** All members find the same, nobody of them is blamed, and they go on together. */
async function healsTogether(people: Three, code: string, rest = people.settle) {
  const { alice, bob, carol, room, bobs, carols, problems } = people;
  await rest();
  expect(problems).toEqual({ alice: [code], bob: [code], carol: [code] });
  for (const seat of [room, bobs, carols]) {
    expect(seat).toMatchObject({ status: 'stale', refusedCommit: { code, committer: '' } });
  }
  const { room: uri, seats } = await heal(bobs, [alice, carol], rest);
  const [first, second] = seats as [Room, Room];
  expect(bob.room(uri)?.members()).toHaveLength(3);
  expect(await reaches(first, second, rest)).toBe(true);
}

async function goesOn({ room, bobs, carols, problems, settle: rest }: Three, epoch: bigint) {
  await rest();
  expect([room.epoch, bobs.epoch, carols.epoch]).toEqual([epoch, epoch, epoch]);
  expect(await reaches(room, carols, rest)).toBe(true);
  expect(problems).toEqual({ alice: [], bob: [], carol: [] });
}

describe('who holds a link', () => {
  /** A device of Mallory's that says it is the owner's. */
  async function imposter(): Promise<Device> {
    const mallory = await world.device('d.example', 'mallory-1');
    const connection = world.connection('d.example', mallory.account.user, 'mallory-1');
    const user = asUserUri(userUri('a.example', 'alice'));
    const fake = await Device.open({
      account: new Account({
        user,
        provider: providerUri('a.example'),
        secret: crypto.getRandomValues(new Uint8Array(32)),
      }),
      client: asClientUri(clientUri('a.example', 'alice-9')),
      connection: {
        call: async (operation, ...rest) =>
          operation === 'register' ? NONE : connection.call(operation, ...rest),
      },
      storage: memoryKeyValue(),
    });
    world.devices.add(fake);
    return fake;
  }

  test('and names the owner is followed by nobody, and the owner stays', async () => {
    const people = await three(world, MODE);
    const link = await people.room.createJoinLink({ role: OWNER_ROLE });
    await people.settle();
    const fake = await imposter();
    // A device that means it does not even try.
    await expect(fake.joinByLink(link)).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'R4-external-join' },
    });
    const track = vi.spyOn(HubGroup, 'track').mockImplementation(
      () =>
        ({
          members: () => [{ signatureKey: { length: 32, every: () => true } }],
          [Symbol.dispose]: () => undefined,
        }) as unknown as HubGroup,
    );
    await fake.joinByLink(link);
    track.mockRestore();
    await healsTogether(people, 'R4-external-join');
  });

  test('sends nothing but a commit, and gets nothing by anything else', async () => {
    const people = await three(world, MODE);
    const { room } = people;
    const link = parseLink(await room.createJoinLink());
    await people.settle();
    const { epoch } = room;
    const proof = linkToken(link.secret);
    for (const kind of ['slots', 'proposal'] as const) {
      const update = strange(room.uri, epoch, { kind, joins: true, proof });
      for (const length of [0, 5, 32]) {
        const hubPart = length === 0 ? NONE : await partWith(new Uint8Array(length), update);
        const answer = await send('d.example', room.uri, { ...update, hubPart });
        expect(ruleOf(answer)).toBe('invalidCommit');
      }
    }
    await goesOn(people, epoch);
    // The room is fanned out to those who take part.
    await expect(world.provider('d.example').inspect(room.uri)).rejects.toMatchObject({
      code: 'unknownRoom',
    });
  });

  test('is refused with a commit that brings no whole write key', async () => {
    const people = await three(world, MODE);
    const { room } = people;
    const link = parseLink(await room.createJoinLink());
    await people.settle();
    const { epoch } = room;
    const update = strange(room.uri, epoch, { joins: true, proof: linkToken(link.secret) });
    for (const length of [0, 5, 31, 33]) {
      const hubPart = await partWith(new Uint8Array(length), update);
      const answer = await send('d.example', room.uri, { ...update, hubPart });
      expect(ruleOf(answer)).toBe('nextWriteKey');
    }
    await goesOn(people, epoch);
  });

  test('and joins shows no server on the way the write key that it brings', async () => {
    const people = await three(world, MODE);
    const { alice, bob, carol, room } = people;
    const link = await room.createJoinLink();
    await people.settle();
    const between = new Between();
    const storage = memoryKeyValue();
    const dora = await world.device('d.example', 'dora-1', { wrap: between.wrap, storage });
    await dora.joinByLink(link);
    const [update] = between.updates;
    await settle(alice, bob, carol, dora);
    const needles = new Needles();
    needles.add('write key', await writeKeyOf(storage, room.uri));
    expect(needles.in(update as Uint8Array)).toEqual([]);
    const { hubPart } = decodeModeUpdate(update as Uint8Array);
    expect(() => decodeHubPart(hubPart)).toThrow();
  });

  test('and joins by a commit in the clear is followed by nobody', async () => {
    const people = await three(world, MODE);
    const link = await people.room.createJoinLink();
    await people.settle();
    const dora = await world.device('d.example', 'dora-1');
    const { wrap } = handshakes;
    let inClear: HandshakePayload | undefined;
    const lie = {
      payload: (payload: HandshakePayload) => {
        inClear = payload;
        return payload;
      },
      wrapped: () =>
        wrap(
          inClear as HandshakePayload,
          { suite: 1, groupId: NONE, epoch: 0n, kind: 'commit' },
          { memberKeys: [], hub: undefined, joins: false },
        ),
    };
    await lying(MODE, lie, () => dora.joinByLink(link));
    await healsTogether(people, 'malformed');
  });
});

describe('a member', () => {
  test('that proposes the removal of another, and leaves, is the only one to go', async () => {
    const people = await three(world, MODE);
    const { alice, bob, carol, room, bobs, carols } = people;
    const dora = await world.device('d.example', 'dora-1');
    await dora.connections.publish(2);
    await connect(alice, dora);
    const doras = await add(alice, room, dora, bob, carol);
    const rest = () => settle(alice, bob, carol, dora);
    await rest();
    const target = room.members().find(({ user }) => user === alice.account.user)?.leafIndex ?? -1;
    const { propose } = Group.prototype;
    vi.spyOn(Group.prototype, 'propose').mockImplementation(function (this: Group, _, ...more) {
      return propose.call(this, { remove: target }, ...more);
    });
    await bobs.leave();
    vi.restoreAllMocks();
    await rest();
    expect([room, carols, doras].map(({ pendingProposals }) => pendingProposals)).toEqual([
      0, 0, 0,
    ]);
    // Who commits now takes out nobody, and the others go along: nobody is framed by what another has proposed.
    await carols.selfUpdate();
    await rest();
    expect([room, carols, doras].map(({ status }) => status)).toEqual(Array(3).fill('active'));
    expect(room.members()).toHaveLength(4);
    expect(await reaches(carols, doras, rest)).toBe(true);
    expect(people.problems.alice).toEqual(['R7-own-leave-only']);
  });

  test('that was removed gets nothing in by the write key of a former epoch', async () => {
    const storage = memoryKeyValue();
    const people = await three(world, MODE, { carol: { storage } });
    const { room, bobs, carols } = people;
    const former = room.epoch;
    const old = (await writeKeyOf(storage, room.uri)).slice();
    await room.kick(people.carol.account.user);
    await people.settle();
    expect(carols.status).toBe('removed');
    const { epoch } = room;
    const mine = new Uint8Array(32).fill(7);
    const brings = async (at: bigint, kind: 'slots' | 'commit') => {
      const update = strange(room.uri, at, { kind });
      const where = { groupId: update.groupId, epoch: at + 1n };
      const hubPart = await partWith(sealNextWriteKey(old, where, mine), update);
      return provenBy(old, { ...update, hubPart });
    };
    // A key for the present epoch comes too late, and the old one is none any more.
    for (const kind of ['slots', 'commit'] as const) {
      const late = await send('c.example', room.uri, await brings(former, kind));
      expect(ruleOf(late)).toBe('wrongEpoch');
      const now = await send('c.example', room.uri, await brings(epoch, kind));
      expect(ruleOf(now)).toBe('writeKey');
    }
    const junk = provenBy(mine, strange(room.uri, epoch, {}));
    expect(ruleOf(await send('c.example', room.uri, junk))).toBe('writeKey');
    await bobs.selfUpdate();
    await people.settle();
    expect([room.status, room.epoch]).toEqual(['active', epoch + 1n]);
    expect(await reaches(bobs, room, people.settle)).toBe(true);
  });

  describe('that welcomes another into a group of its own with the id of the room', () => {
    let storage: KeyValue;

    async function withBob(): Promise<Three> {
      storage = memoryKeyValue();
      return three(world, MODE, { bob: { storage } });
    }

    /** A Welcome of Bob's for another, into a room that Bob has made up; with `psk`, one by a key that nobody has. */
    async function forge(
      { bob, room }: Three,
      other: Device,
      psk: boolean,
    ): Promise<SealedWelcome> {
      const keyPackage = await keyPackageOf(bob, other);
      const { ref, initKey } = inspectKeyPackage(keyPackage, [BASIC_CREDENTIAL]);
      const store = MemberStore.create();
      const user = bob.account.user;
      const bytes = encodeClientIdentity({ userUri: user, clientUri: bob.client });
      const identity = Identity.create(store, 1, { type: BASIC_CREDENTIAL, bytes });
      const own = Group.create(store, identity, groupIdOf(room.uri), {
        components: initialComponents({ mode: MODE, creator: user }),
        required: { extensions: [6], proposals: [8, 10], credentials: [BASIC_CREDENTIAL] },
        handshakes: 'private',
      });
      const id = new TextEncoder().encode('nobody');
      if (psk) storePsk(store, id, new Uint8Array(32));
      const { welcome } = own.commit({
        add: [keyPackage],
        psks: psk ? [id] : [],
        welcomeExtension: welcomeExtension(EMPTY_EPOCH),
      });
      return sealWelcome(
        { suite: 1, ref, initKey, domain: other.account.domain },
        {
          welcome: splitWelcome(welcome as Uint8Array, ref),
          ratchetTree: own.pendingRatchetTree(),
        },
      );
    }

    /** A key package of the other, as it is handed out for a room of one's own. */
    async function keyPackageOf(bob: Device, other: Device): Promise<Uint8Array> {
      let found: Uint8Array | undefined;
      const own = await bob.createRoom(roomUri('b.example', 'other'), { mode: MODE });
      vi.spyOn(Group.prototype, 'commit').mockImplementation(({ add: added } = {}) => {
        found = added?.[0];
        throw new Error('not meant');
      });
      await expect(own.invite(other.account.user)).rejects.toThrow('not meant');
      vi.restoreAllMocks();
      return found as Uint8Array;
    }

    test('beside a proposal is refused by the hub', async () => {
      const people = await withBob();
      const { room } = people;
      const { epoch } = room;
      const welcomes = [await forge(people, people.carol, false)];
      const writeKey = await writeKeyOf(storage, room.uri);
      for (const kind of ['proposal', 'slots'] as const) {
        const update = provenBy(writeKey, strange(room.uri, epoch, { kind, welcomes }));
        expect(ruleOf(await send('b.example', room.uri, update))).toBe('invalidCommit');
      }
      await goesOn(people, epoch);
    });

    test.each([
      ['carol', 'whose provider follows', 'by what both have', false],
      ['carol', 'whose provider follows', 'by a key that nobody has', true],
      ['alice', "of the hub's provider", 'by what both have', false],
      ['alice', "of the hub's provider", 'by a key that nobody has', true],
    ] as const)(
      'does not move %s, %s, %s: the other says so and goes on in the room',
      async (name, _, __, psk) => {
        const people = await withBob();
        const { room, bobs, carols, between, problems, settle: rest } = people;
        const welcome = await forge(people, people[name], psk);
        const writeKey = await writeKeyOf(storage, room.uri);
        const { epoch } = room;
        between.bob.update = (update) =>
          provenBy(writeKey, { ...update, welcomes: [...update.welcomes, welcome] });
        await bobs.selfUpdate();
        between.bob.update = undefined;
        await rest();
        expect(people[name].invitations()).toEqual([]);
        const seats = [room, bobs, carols].map(({ status, epoch: at }) => [status, at]);
        expect(seats).toEqual(Array(3).fill(['active', epoch + 1n]));
        expect(problems).toEqual({ alice: [], bob: [], carol: [], [name]: [expect.any(String)] });
        expect(await reaches(room, carols, rest)).toBe(true);
        expect(await reaches(carols, bobs, rest)).toBe(true);
      },
    );
  });
});
