// Commits that break a rule: the hub refuses what it can see, the members what the hub cannot see, and the room goes on.
// spec/privacy-modes.md, "Context hash", "members-only", "Nobody rolls MLS state back".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Room } from '../../ts/client/index.ts';
import { OWNER_ROLE } from '../../ts/room/index.ts';
import {
  decodeHubPart,
  encodeHubPart,
  type HubPart,
  type ModeUpdate,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';
import { lying } from '../support/lying_sender.ts';
import { damaged, heal, reaches, type Three, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

describe('in mode members-only a commit of a plain member', () => {
  const breaches: readonly (readonly [string, string, (people: Three) => Promise<unknown>])[] = [
    [
      'that makes itself the owner',
      'R16-role-change',
      ({ bob, bobs }) => bobs.setRole(bob.account.user, OWNER_ROLE),
    ],
    ['that bans the owner', 'R17-ban', ({ alice, bobs }) => bobs.ban(alice.account.user)],
    ['that kicks another', 'R3-remover', ({ carol, bobs }) => bobs.kick(carol.account.user)],
    ['that makes a join link', 'R23-join-link', ({ bobs }) => bobs.createJoinLink()],
  ];

  test.each(breaches)(
    '%s is let pass by the hub and refused by every member by %s, and the room heals without its maker',
    async (_, rule, breach) => {
      // An honest device would not send what the others refuse.
      const lawless = { rules: { decideCommit: () => ({ allowed: true }) as const } };
      const people = await three(world, 'members-only', { bob: lawless });
      const { bob, carol, room, carols, problems, settle } = people;
      const { epoch } = room;
      await breach(people);
      await settle();
      expect(problems).toEqual({ alice: [rule], bob: [], carol: [rule] });
      for (const seat of [room, carols]) {
        expect(seat).toMatchObject({
          status: 'stale',
          epoch,
          refusedCommit: { code: rule, committer: bob.account.user },
        });
      }
      const { room: uri, seats } = await heal(room, [carol], settle);
      const [healed] = seats as [Room];
      expect(healed.users()).toHaveLength(2);
      expect(await reaches(healed, people.alice.room(uri) as Room, settle)).toBe(true);
      expect(bob.invitations()).toEqual([]);
    },
  );

  test('that leaves out who wants to leave is refused by every member', async () => {
    const people = await three(world, 'members-only');
    const { bob, carol, room, bobs, carols, between, problems, settle } = people;
    // Bob's provider keeps Carol's wish from him.
    between.bob.event = (event) =>
      event.kind === 'modeHandshake' && event.handshake === 'proposal'
        ? { ...event, payloads: [] }
        : event;
    await carols.leave();
    await settle();
    // The hub takes no commit of who has not seen it, unless that lies.
    await expect(bobs.selfUpdate()).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'R6-queued-proposals' },
    });
    await lying('members-only', { part: (part) => ({ ...part, seen: 9 }) }, () =>
      bobs.selfUpdate(),
    );
    await settle();
    expect(problems).toEqual({
      alice: ['R6-queued-proposals'],
      bob: [],
      carol: ['R6-queued-proposals'],
    });
    const { room: uri, seats } = await heal(room, [carol], settle);
    expect(seats).toHaveLength(1);
    expect(people.alice.room(uri)?.users()).toHaveLength(2);
    expect(bob.invitations()).toEqual([]);
  });
});

describe('in mode pseudonymous the hub refuses a commit', () => {
  const last = (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
    return copy;
  };
  const lies = {
    contextHash: ({ contextHash }) => ({ contextHash: last(contextHash) }),
    noContextHash: () => ({ contextHash: new Uint8Array() }),
    groupInfo: ({ groupInfo }) => ({ groupInfo: last(groupInfo) }),
    noGroupInfo: () => ({ groupInfo: new Uint8Array() }),
    announcement: ({ announcement }) => ({ announcement: last(announcement) }),
    noAnnouncement: () => ({ announcement: new Uint8Array() }),
  } as const satisfies Record<string, (part: HubPart) => Partial<HubPart>>;

  test.each([
    ['contextHash', 'whose context hash is that of another state', lies.contextHash],
    ['contextHash', 'without a context hash', lies.noContextHash],
    ['groupInfo', 'whose GroupInfo is not signed by its maker', lies.groupInfo],
    ['fullGroupInfo', 'without a GroupInfo', lies.noGroupInfo],
    [
      'announcement',
      'whose announcement of the epoch key is not signed by its maker',
      lies.announcement,
    ],
    ['announcement', 'without an announcement of the epoch key', lies.noAnnouncement],
  ] as const)('by %s: one %s, and the room goes on', async (rule, _, lie) => {
    const people = await three(world, mode);
    const { epoch } = people.room;
    const part = (told: HubPart) => ({ ...told, ...lie(told) });
    const lied = lying(mode, { part }, () => people.bobs.selfUpdate());
    await expect(lied).rejects.toMatchObject({ code: 'refused', details: { rule } });
    await goesOn(people, epoch);
  });

  const inPart = (change: (part: HubPart) => Partial<HubPart>) => (update: ModeUpdate) => {
    const part = decodeHubPart(update.hubPart);
    return { ...update, hubPart: encodeHubPart({ ...part, ...change(part) }) };
  };

  test.each([
    [
      'invalidCommit',
      'that was changed on the way',
      (update: ModeUpdate) => ({ ...update, payloads: update.payloads.map(damaged) }),
    ],
    [
      'invalidCommit',
      'of which it was said on the way that it were an external one',
      (update: ModeUpdate) => ({ ...update, joins: true }),
    ],
    ['leafProof', 'whose context hash was changed on the way', inPart(lies.contextHash)],
    ['leafProof', 'whose GroupInfo was changed on the way', inPart(lies.groupInfo)],
    ['leafProof', 'whose announcement was changed on the way', inPart(lies.announcement)],
  ] as const)('by %s: one %s, and the room goes on', async (rule, _, change) => {
    const people = await three(world, mode);
    const { bobs, between } = people;
    const { epoch } = people.room;
    between.bob.update = change;
    await expect(bobs.selfUpdate()).rejects.toMatchObject({ code: 'refused', details: { rule } });
    between.bob.update = undefined;
    await goesOn(people, epoch);
  });

  const mode = 'pseudonymous';

  async function goesOn({ room, bobs, problems, settle }: Three, epoch: bigint) {
    await settle();
    expect([room.epoch, bobs.epoch]).toEqual([epoch, epoch]);
    await bobs.selfUpdate();
    expect(await reaches(bobs, room, settle)).toBe(true);
    expect(problems).toEqual({ alice: [], bob: [], carol: [] });
  }
});
