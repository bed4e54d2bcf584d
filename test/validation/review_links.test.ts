// Attacks by join links that reviews tried: what a link gives beside its own place, and what a holder may claim.
// spec/privacy-modes.md, "Join links".

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Device, memoryKeyValue, type Room } from '../../ts/client/index.ts';
import { Needles } from '../../ts/evidence/audit/needles.ts';
import { Group, type Identity, type JoinExternallyOptions } from '../../ts/mls/index.ts';
import {
  encodeLink,
  encodeLinkClaim,
  joinProof,
  joinTokenSlot,
  linkToken,
  modeNamed,
  openJoinRecord,
  parseLink,
  type SharedLink,
  secretChild,
} from '../../ts/privacy/index.ts';
import {
  encodeParticipantListUpdate,
  MEMBER_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  participantListUpdate,
  resolveComponent,
  stateOf,
} from '../../ts/room/index.ts';
import {
  componentsOf,
  decodeGroupInfo,
  decodeRoomSlots,
  encodeRoomSlotsRequest,
  groupIdOf,
} from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { Between, heal, reaches, type Three, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

/** What a link's holder has and nobody else: its secret and what follows from it. */
function secretsOf({ secret }: SharedLink): Needles {
  const needles = new Needles();
  needles.add('secret', secret);
  needles.add('token', linkToken(secret));
  for (const label of ['join link signature', 'join link seal']) {
    needles.add(label, secretChild(secret, label));
  }
  return needles;
}

/** All bytes that stand in a value. */
function bytesIn(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(bytesIn) : [];
}

/** What is left at the hub for those who hold a link, as an outsider gets it. */
async function recordsOf({ room, secret }: SharedLink): Promise<readonly Uint8Array[]> {
  const outsider = await world.reopen('c.example', 'outsider-1');
  const connection = world.connection('c.example', outsider.account.user, 'outsider-1');
  const names = [joinTokenSlot(linkToken(secret))];
  const body = encodeRoomSlotsRequest({ all: false, names });
  const { slots } = decodeRoomSlots(await connection.call('roomSlots', room, body));
  return slots.flatMap(({ versions }) => versions);
}

describe.each(['pseudonymous', 'hub-visible', 'members-only'])('in mode %s', (mode) => {
  const { hub, credentials } = modeNamed(mode);

  test('neither the holder of a link nor a member learns the secret of another link', async () => {
    const storages = { bob: memoryKeyValue(), dora: memoryKeyValue() };
    const people = await three(world, mode, { bob: { storage: storages.bob } });
    const { alice, bob, carol, room } = people;
    const low = parseLink(await room.createJoinLink({ role: MEMBER_ROLE }));
    const high = parseLink(await room.createJoinLink({ role: OWNER_ROLE }));
    await people.settle();
    const between = new Between();
    const answers: Uint8Array[] = [];
    between.reply = (_, answer) => {
      answers.push(answer);
      return answer;
    };
    const dora = await world.device('c.example', 'dora-1', {
      wrap: between.wrap,
      storage: storages.dora,
    });
    await dora.joinByLink(encodeLink(low));
    await settle(alice, bob, carol, dora);

    const needles = secretsOf(high);
    expect(needles.in(new TextEncoder().encode(encodeLink(high)))).toEqual(['secret']);
    const [sealed] = await recordsOf(low);
    const where = { groupId: groupIdOf(room.uri), linkId: low.id };
    const record = openJoinRecord(1, where, low, sealed as Uint8Array);
    const rows = [...(await storages.bob.load()), ...(await storages.dora.load())];
    const known = [...answers, ...bytesIn(record), ...bytesIn(rows)];
    expect(known.flatMap((bytes) => needles.in(bytes))).toEqual([]);
  });

  test('the secret of a link is of no use under the id of another', async () => {
    const { room, settle: rest } = await three(world, mode);
    const low = parseLink(await room.createJoinLink({ role: MEMBER_ROLE }));
    const high = parseLink(await room.createJoinLink({ role: OWNER_ROLE }));
    await rest();
    const { epoch } = room;
    const dora = await world.device('c.example', 'dora-1');
    const stolen = encodeLink({ ...low, id: high.id });
    await expect(dora.joinByLink(stolen)).rejects.toMatchObject({ code: 'badLink' });
    await rest();
    expect(room.epoch).toBe(epoch);
  });

  test('a link that is made while a leave waits ends those before it, and who left does not come back', async () => {
    const people = await three(world, mode);
    const { alice, bob, carol, room, carols } = people;
    const old = await room.createJoinLink();
    await people.settle();
    await carols.leave();
    await people.settle();
    const fresh = await room.createJoinLink();
    await people.settle();
    expect(carols.status).toBe('left');
    expect(await recordsOf(parseLink(old))).toEqual([]);
    await expect(carol.joinByLink(old)).rejects.toMatchObject({ code: 'badLink' });

    const dora = await world.device('c.example', 'dora-1');
    const doras = await dora.joinByLink(fresh);
    const all = () => settle(alice, bob, carol, dora);
    await all();
    expect(await recordsOf(parseLink(old))).toEqual([]);
    expect(await reaches(doras, room, all)).toBe(true);
  });

  /** What a holder of `low` makes of its commit. */
  type Claim = (
    options: JoinExternallyOptions,
    made: {
      readonly low: SharedLink;
      readonly high: SharedLink;
      readonly epoch: bigint;
      readonly identity: Identity;
      readonly groupInfo: Uint8Array;
    },
  ) => JoinExternallyOptions;

  const claims = {
    damaged: ({ aad = new Uint8Array(), ...options }) => {
      const changed = aad.slice();
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      return { ...options, aad: changed };
    },
    ofAnotherLeaf: (options, { low, epoch }) => {
      const leafSignatureKey = new Uint8Array(32).fill(7);
      const at = { groupId: groupIdOf(low.room), epoch, leafSignatureKey, linkId: low.id };
      const proof = joinProof(1, low.secret, at);
      return { ...options, aad: encodeLinkClaim({ linkId: low.id, proof }) };
    },
    ofAnotherLink: (options, { low, high, epoch, identity: { signatureKey } }) => {
      const at = { groupId: groupIdOf(low.room), epoch, leafSignatureKey: signatureKey };
      const proof = joinProof(1, low.secret, { ...at, linkId: high.id });
      return { ...options, aad: encodeLinkClaim({ linkId: high.id, proof }) };
    },
    unknownLink: (options, { low, epoch, identity: { signatureKey } }) => {
      const linkId = new Uint8Array(16).fill(9);
      const at = { groupId: groupIdOf(low.room), epoch, leafSignatureKey: signatureKey, linkId };
      return { ...options, aad: encodeLinkClaim({ linkId, proof: joinProof(1, low.secret, at) }) };
    },
    none: ({ aad: _, ...options }) => options,
    higherRole: (options, { identity, groupInfo }) => {
      const components = componentsOf(decodeGroupInfo(groupInfo).groupContext);
      const { participants } = stateOf(components);
      const { user } = credentials.participant(identity, 1);
      const update = encodeParticipantListUpdate(
        participantListUpdate(participants, [{ user, role: OWNER_ROLE }]),
      );
      const current = components.find(({ id }) => id === PARTICIPANT_LIST)?.data;
      const value = resolveComponent(PARTICIPANT_LIST, current, [update]);
      return { ...options, components: [{ id: PARTICIPANT_LIST, update, value }] };
    },
  } as const satisfies Record<string, Claim>;

  /** Joins by a link as somebody who claims something else than what the link gives. */
  async function joinWith(dora: Device, claim: Claim, low: SharedLink, high: SharedLink) {
    const { joinExternally } = Group;
    vi.spyOn(Group, 'joinExternally').mockImplementation(
      (store, identity, groupInfo, tree, options = {}) => {
        const { epoch } = decodeGroupInfo(groupInfo).groupContext;
        const changed = claim(options, { low, high, epoch, identity, groupInfo });
        return joinExternally.call(Group, store, identity, groupInfo, tree, changed);
      },
    );
    try {
      return await dora.joinByLink(encodeLink(low));
    } finally {
      vi.restoreAllMocks();
    }
  }

  test.each([
    ['R23-join-link', 'whose proof is wrong', claims.damaged],
    ['R23-join-link', 'whose proof was made for another leaf', claims.ofAnotherLeaf],
    ['R23-join-link', 'who claims a link of which it lacks the secret', claims.ofAnotherLink],
    ['R23-join-link', 'who claims a link that the room does not have', claims.unknownLink],
    ['R4-external-join', 'who claims no link', claims.none],
    ['R4-external-join', 'who takes a higher role than that of its link', claims.higherRole],
  ] as const)(
    `by %s ${hub === 'orders' ? 'no member follows' : 'the hub refuses'} a newcomer %s, and the room goes on`,
    async (rule, _, claim) => {
      const people = await three(world, mode);
      const { room } = people;
      const low = parseLink(await room.createJoinLink({ role: MEMBER_ROLE }));
      const high = parseLink(await room.createJoinLink({ role: OWNER_ROLE }));
      await people.settle();
      const { epoch } = room;
      const dora = await world.device('c.example', 'dora-1');
      const joined = joinWith(dora, claim, low, high);
      if (hub === 'orders') {
        await joined;
        await healsWithout(people, rule, epoch);
      } else {
        await expect(joined).rejects.toMatchObject({ code: 'refused', details: { rule } });
        await goesOn(people, epoch);
      }
    },
  );

  async function goesOn({ room, bobs, problems, settle: rest }: Three, epoch: bigint) {
    await rest();
    expect([room.epoch, room.members().length]).toEqual([epoch, 3]);
    expect(await reaches(bobs, room, rest)).toBe(true);
    expect(problems).toEqual({ alice: [], bob: [], carol: [] });
  }

  /** All members find the same, nobody of them is blamed, and they go on together. */
  async function healsWithout(people: Three, rule: string, epoch: bigint) {
    const { alice, bob, carol, room, bobs, carols, problems, settle: rest } = people;
    await rest();
    expect(problems).toEqual({ alice: [rule], bob: [rule], carol: [rule] });
    for (const seat of [room, bobs, carols]) {
      expect(seat).toMatchObject({ status: 'stale', epoch, refusedCommit: { committer: '' } });
    }
    const { room: uri, seats } = await heal(bobs, [alice, carol], rest);
    const [first, second] = seats as [Room, Room];
    expect(bob.room(uri)?.members()).toHaveLength(3);
    expect(await reaches(first, second, rest)).toBe(true);
  }
});
