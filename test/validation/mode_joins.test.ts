// What a joiner may be given, and what it may bring, in each mode: forged and old state, links that are no more, external
// commits that do not open. spec/privacy-modes.md, "Join links", "Nobody rolls MLS state back", "Write key".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { encryptWithLabel, generateSignatureKeyPair, signWithLabel } from '../../ts/mls/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import {
  decodeCreateRoom,
  decodeGroupInfoRequest,
  decodeHubPart,
  decodeModeRoom,
  decodeModeUpdate,
  decodeRoomSlots,
  decodeUpdateRoomResponse,
  encodeGroupInfoRatchetTreeTBE,
  encodeGroupInfoResponse,
  encodeGroupInfoResponseTBS,
  encodeModeGroupInfo,
  encodeModeUpdate,
  encodeRoomSlots,
  hubPartOf,
  isModeRoom,
  type ModeUpdate,
  type RoomUri,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import {
  Between,
  damaged,
  heal,
  hubKeyOf,
  reaches,
  type Three,
  three,
} from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** A newcomer with a join link, and somebody between it and its provider. */
async function newcomer(): Promise<{ dora: Device; between: Between; problems: string[] }> {
  const between = new Between();
  const dora = await world.device('c.example', 'dora-1', { wrap: between.wrap });
  const problems: string[] = [];
  dora.on('problem', ({ code }) => problems.push(code));
  return { dora, between, problems };
}

/** The joiner comes in once nobody stands between any more, and is heard. */
async function comesIn(dora: Device, link: string, { alice, bob, carol, bobs }: Three) {
  const rest = () => settle(alice, bob, carol, dora);
  const doras = await dora.joinByLink(link);
  await rest();
  expect(await reaches(doras, bobs, rest)).toBe(true);
}

describe.each(modeNames())('in mode %s', (mode) => {
  const { hub, framing } = modeNamed(mode);

  test('a removed member gets nowhere with a link that it knew, and the room goes on', async () => {
    const people = await three(world, mode);
    const { carol, room, bobs, carols, settle: rest } = people;
    const link = await room.createJoinLink();
    await rest();
    await room.remove(carol.account.user);
    await rest();
    expect(carols.status).toBe('removed');
    const { epoch } = room;
    await expect(carol.joinByLink(link)).rejects.toMatchObject(
      framing === 'draft'
        ? { code: 'refused', details: { code: 'notAuthorized' } }
        : { code: 'badLink' },
    );
    await rest();
    expect(room.epoch).toBe(epoch);
    expect(await reaches(bobs, room, rest)).toBe(true);
  });

  test('a joiner refuses state that was changed on the way, and comes in with the true one', async () => {
    const people = await three(world, mode);
    const { room, settle: rest } = people;
    const link = await room.createJoinLink();
    await rest();
    const { dora, between } = await newcomer();
    const from = hub === 'orders' ? 'roomSlots' : 'groupInfo';
    between.reply = (operation, answer) =>
      operation === from ? forged(operation, answer) : answer;
    await expect(dora.joinByLink(link)).rejects.toMatchObject({
      code: hub === 'orders' ? 'badLink' : 'badGroupInfo',
    });
    expect(dora.rooms()).toEqual([]);
    between.reply = undefined;
    await comesIn(dora, link, people);
  });

  function forged(operation: string, answer: Uint8Array): Uint8Array {
    if (operation === 'groupInfo') return damaged(answer);
    const { slots, ...rest } = decodeRoomSlots(answer);
    const versions = (all: readonly Uint8Array[]) => all.map(damaged);
    return encodeRoomSlots({
      ...rest,
      slots: slots.map((slot) => ({ ...slot, versions: versions(slot.versions) })),
    });
  }
});

describe.each(['open', 'pseudonymous'])('in mode %s', (mode) => {
  test('a joiner refuses the state of an old epoch, though it is whole and signed', async () => {
    const people = await three(world, mode);
    const { room, settle: rest, between: others } = people;
    const link = await room.createJoinLink();
    await rest();
    const { dora, between } = await newcomer();
    between.reply = (operation, answer, body) =>
      operation === 'groupInfo' ? oldState(room.uri, others.alice.creations[0], body) : answer;
    await expect(dora.joinByLink(link)).rejects.toMatchObject({
      code: 'badGroupInfo',
      details: { rule: mode === 'open' ? 'outdated' : 'epoch' },
    });
    between.reply = undefined;
    await comesIn(dora, link, people);
  });
});

/** What a lying hub answers: the room as it was created, sealed to who asks. */
function oldState(uri: RoomUri, creation: Uint8Array | undefined, request: Uint8Array): Uint8Array {
  if (creation === undefined) throw new Error('no room was created');
  const { groupInfo, ratchetTree } = isModeRoom(creation)
    ? decodeHubPart(decodeModeRoom(creation).hubPart)
    : decodeCreateRoom(creation);
  const state = encodeGroupInfoRatchetTreeTBE({
    groupInfo,
    ratchetTree: { representation: 'full', ratchetTree },
    pendingProposals: [],
  });
  const plaintext = isModeRoom(creation)
    ? encodeModeGroupInfo({ state, announcements: [] })
    : state;
  const label = 'GroupInfo and ratchet_tree encryption';
  const utf8 = new TextEncoder();
  const { groupInfoPublicKey } = decodeGroupInfoRequest(request);
  const { publicKey, privateKey } = generateSignatureKeyPair(1);
  const answer = {
    protocol: 'mls10',
    status: 'success',
    roomId: uri,
    cipherSuite: 1,
    hubSender: {
      signatureKey: publicKey,
      credential: { type: 1, bytes: utf8.encode('mimi://a.example') },
    },
    encryptedGroupInfoAndTree: encryptWithLabel(
      1,
      groupInfoPublicKey,
      label,
      utf8.encode(uri),
      plaintext,
    ),
  } as const;
  const tbs = encodeGroupInfoResponseTBS(answer);
  const signature = signWithLabel(1, privateKey, 'GroupInfoResponseTBS', tbs);
  return encodeGroupInfoResponse({ ...answer, signature });
}

describe('in a room whose hub sees nothing', () => {
  const mode = 'members-only';

  /** Sends bytes as dora's provider does for her. */
  const send = async (dora: Device, room: Room, body: Uint8Array) => {
    const device = { user: dora.account.user, client: dora.client };
    const reply = await world.provider('c.example').fromDevice(device, 'update', room.uri, body);
    return decodeUpdateRoomResponse(reply.body);
  };

  /** What was made for a past epoch, with a part that the hub takes in the present one. */
  const inEpoch = async (made: ModeUpdate, epoch: bigint): Promise<ModeUpdate> => {
    const { groupId, kind } = made;
    const part = hubPartOf({ nextWriteKey: new Uint8Array(32).fill(7) });
    const address = { suite: 1, groupId, epoch, kind } as const;
    const hub = await hubKeyOf(world, 'a.example');
    return { ...made, epoch, hubPart: modeNamed(mode).hubParts.seal(part, address, hub) };
  };

  test.each([
    ['does not open', 'undecryptable'],
    ['was made for another epoch', 'wrongContext'],
  ] as const)(
    'an external commit that %s is followed by nobody, and the room heals',
    async (which, code) => {
      const people = await three(world, mode);
      const { alice, bob, carol, room, carols, problems, settle: rest } = people;
      const link = await room.createJoinLink();
      await rest();
      const { dora, between } = await newcomer();
      between.request = (operation, body) => {
        if (operation !== 'update') return body;
        // It gets nowhere: what is sent is sent below.
        return new Uint8Array([0]);
      };
      await expect(dora.joinByLink(link)).rejects.toMatchObject({ code: 'refused' });
      const made = decodeModeUpdate(between.updates.at(-1) as Uint8Array);
      if (which === 'was made for another epoch') await room.selfUpdate();
      await rest();
      const { epoch } = room;
      const payloads = which === 'does not open' ? made.payloads.map(damaged) : made.payloads;
      const update = { ...(await inEpoch(made, epoch)), payloads };
      const answer = await send(dora, room, encodeModeUpdate(update));
      expect(answer.code).toBe('success');
      await rest();
      expect(problems).toEqual({ alice: [code], bob: [code], carol: [code] });
      expect([room.status, carols.status, room.epoch]).toEqual(['stale', 'stale', epoch]);

      const { room: uri, seats } = await heal(room, [bob, carol], rest);
      const [bobs, others] = seats as [Room, Room];
      expect(await reaches(bobs, others, rest)).toBe(true);
      expect(alice.room(uri)?.members()).toHaveLength(3);
    },
  );

  test('nobody writes who shows neither the key of the epoch nor a link', async () => {
    const { room, bobs, between, settle: rest } = await three(world, mode);
    const { dora } = await newcomer();
    await room.selfUpdate();
    await rest();
    const made = decodeModeUpdate(between.alice.updates.at(-1) as Uint8Array);
    const { epoch } = room;
    const renewed = await inEpoch(made, epoch);
    // What was accepted before is answered as then: this is something else.
    const payloads = made.payloads.map(damaged);
    for (const joins of [true, false]) {
      for (const proof of [new Uint8Array(), made.proof]) {
        const update = { ...renewed, joins, payloads, proof };
        const answer = await send(dora, room, encodeModeUpdate(update));
        expect(answer.code).toBe('notAllowed');
        expect(answer.errorDescription).toMatch(/^writeKey:/);
      }
    }
    expect(room.epoch).toBe(epoch);
    expect(await reaches(room, bobs, rest)).toBe(true);
  });
});
