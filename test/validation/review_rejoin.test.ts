// A device that must join again is not led back into an epoch before the last one that it was in: there, who was removed
// since would still be a member.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  encryptWithLabel,
  generateSignatureKeyPair,
  HubGroup,
  signWithLabel,
} from '../../ts/mls/index.ts';
import { decodeHeldGroupInfo } from '../../ts/provider/records/room_rows.ts';
import { roomRows } from '../../ts/provider/rows.ts';
import {
  BASIC_CREDENTIAL,
  decodeGroupInfoRequest,
  encodeGroupInfoRatchetTreeTBE,
  encodeGroupInfoResponse,
  encodeGroupInfoResponseTBS,
  encodeModeGroupInfo,
  providerUri,
  type RoomUri,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { three } from '../support/mode_tampering.ts';

const utf8 = new TextEncoder();
const HUB = 'a.example';

let world: World;
beforeEach(async () => {
  world = await World.open(HUB, 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

/** What the hub has of a room now, as it could answer with it at any later time. */
async function stateOf(room: RoomUri): Promise<(request: Uint8Array) => Uint8Array> {
  const store = world.store(HUB);
  const row = async (key: Uint8Array) => {
    const value = await store.get('rooms-0', key);
    if (value === undefined) throw new Error('no such row');
    return value;
  };
  const { groupInfo, announcements } = decodeHeldGroupInfo(await row(roomRows.groupInfo(room)));
  const group = HubGroup.restore(await row(roomRows.snapshot(room)));
  const ratchetTree = { representation: 'full', ratchetTree: group.ratchetTree() } as const;
  group[Symbol.dispose]();
  const state = encodeGroupInfoRatchetTreeTBE({ groupInfo, ratchetTree, pendingProposals: [] });
  return (request) => {
    const { groupInfoPublicKey } = decodeGroupInfoRequest(request);
    const { publicKey, privateKey } = generateSignatureKeyPair(1);
    const credential = { type: BASIC_CREDENTIAL, bytes: utf8.encode(providerUri(HUB)) };
    const content = encodeModeGroupInfo({ state, announcements: [...announcements] });
    const answer = {
      protocol: 'mls10',
      status: 'success',
      roomId: room,
      cipherSuite: 1,
      hubSender: { signatureKey: publicKey, credential },
      encryptedGroupInfoAndTree: encryptWithLabel(
        1,
        groupInfoPublicKey,
        'GroupInfo and ratchet_tree encryption',
        utf8.encode(room),
        content,
      ),
    } as const;
    const signed = encodeGroupInfoResponseTBS(answer);
    const signature = signWithLabel(1, privateKey, 'GroupInfoResponseTBS', signed);
    return encodeGroupInfoResponse({ ...answer, signature });
  };
}

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  test('a stale device refuses state of an epoch before its last one, and joins by that of now', async () => {
    const people = await three(world, mode);
    const { room, bobs, bob, carol, between } = people;
    const old = await stateOf(room.uri);
    await room.kick(carol.account.user);
    await people.settle();
    between.bob.event = (event) =>
      event.kind === 'modeHandshake'
        ? { ...event, payloads: event.payloads.map((bytes) => bytes.slice(1)) }
        : event;
    await room.selfUpdate();
    await people.settle();
    between.bob.event = undefined;
    expect(bobs.status).toBe('stale');

    between.bob.reply = (operation, answer, body) =>
      operation === 'groupInfo' ? old(body) : answer;
    await expect(bob.joinExternally(room.uri, { mode })).rejects.toMatchObject({
      code: 'badGroupInfo',
      details: { rule: 'outdated' },
    });
    between.bob.reply = undefined;
    await bob.joinExternally(room.uri, { mode });
    await people.settle();
    expect(bobs.epoch).toBe(room.epoch);
    expect(bobs.users()).toHaveLength(2);
  });
});
