// A hub that is opened anew from its store, at any moment: it goes on with the room as it was. What could not be
// written has not happened; what was accepted before is answered as the first time.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CommitBundle, generateHpkeKeyPair, init } from '../../ts/mls/index.ts';
import { loadHubRoom } from '../../ts/provider/hub/hub_room.ts';
import type { Store } from '../../ts/provider/store.ts';
import { OWNER_ROLE } from '../../ts/room/index.ts';
import { openLmdbStore, openMemoryStore } from '../../ts/store/index.ts';
import { type RoomUri, roomUri } from '../../ts/wire/index.ts';
import { type AppendFault, withFaults } from '../support/faulty_store.ts';
import { add, convene, damaged, MlsMember } from '../support/mls_member.ts';
import { Network } from '../support/network.ts';
import { asText, messageOf, ROOM_SHARD, roomLog } from '../support/room_log.ts';
import { type Seeded, seeded } from '../support/seed.ts';
import { freshPath } from '../support/store_directory.ts';

const HUB = 'a.example';
const club = roomUri(HUB, 'club') as RoomUri;
const bytes = (content: string) => new TextEncoder().encode(content);

beforeEach(() => init());

/** A room on disk, its members, and a model of what the hub must hold of it. */
class Walk {
  readonly network = new Network(HUB);
  readonly random: Seeded;
  readonly done: string[] = [];
  readonly #path = freshPath();
  #store: Store | undefined;
  /** Those who are in the room, the creator first. */
  present: MlsMember[] = [];
  /** Refs of the proposals that wait, and who would be gone after the next commit. */
  waiting: { ref: string; leaving: MlsMember }[] = [];
  /** Entries of the log. */
  seq = 0;
  #people = 0;

  constructor(random: Seeded) {
    this.random = random;
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is not open');
    return this.#store;
  }

  get creator(): MlsMember {
    return this.present[0] as MlsMember;
  }

  async begin(): Promise<void> {
    await this.#open();
    const first = [await this.newcomer(), await this.newcomer(), await this.newcomer()];
    // Owners all, so that any of them may add.
    await convene(club, first, OWNER_ROLE);
    this.seq = 2;
  }

  async newcomer(name = `user${this.#people++}-1`): Promise<MlsMember> {
    const member = new MlsMember(this.network.call, HUB, name);
    await member.register();
    this.present.push(member);
    return member;
  }

  /** Opens the hub anew from its store: after it was closed, or as it is found when its process has died. */
  async reopen(how: 'closed' | 'died'): Promise<void> {
    if (how === 'closed') await this.network.provider(HUB).close();
    await this.store.close();
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#store = await openLmdbStore({ path: this.#path });
    await this.network.open(HUB, this.#store, { commitsPerSnapshot: 3 });
  }

  async end(): Promise<void> {
    await this.network.provider(HUB).close();
    await this.store.close();
  }

  /** Sends a commit and lets the others follow; who leaves by it is gone. */
  async commit(by: MlsMember, bundle: CommitBundle, gone: readonly MlsMember[] = []) {
    expect(await by.update(club, bundle)).toMatchObject({ code: 'success' });
    by.group.acceptPending();
    this.applied(by, bundle, gone);
  }

  applied(by: MlsMember, bundle: CommitBundle, gone: readonly MlsMember[] = []): void {
    const out = new Set([...gone, ...this.waiting.map(({ leaving }) => leaving)]);
    this.present = this.present.filter((member) => !out.has(member));
    for (const member of this.present) if (member !== by) member.follow(bundle.commit);
    this.waiting = [];
    this.seq += 1;
  }

  /** Sends a proposal by which a member leaves and lets the others queue it. */
  async propose(by: MlsMember, message: Uint8Array, leaving: MlsMember): Promise<void> {
    expect(await by.propose(club, message)).toMatchObject({ code: 'success' });
    this.seq += 1;
    let ref: Uint8Array | undefined;
    for (const member of this.present) {
      if (member === by) continue;
      const processed = member.process(message);
      if (processed.kind === 'proposal') ref = processed.ref;
    }
    this.waiting.push({ ref: asText(ref ?? new Uint8Array()), leaving });
  }

  /** Members who may commit now: those who are about to leave may not. */
  get committers(): MlsMember[] {
    const leaving = new Set(this.waiting.map((item) => item.leaving));
    return this.present.filter((member) => !leaving.has(member));
  }

  /** What the hub has in memory and what it has stored are both what the members have. */
  async check(): Promise<void> {
    const [member] = this.present;
    const epoch = member?.group.epoch;
    const roster = this.present.map(({ device }) => device.client).sort();
    expect(new Set(this.present.map(({ authenticator }) => authenticator)).size).toBe(1);

    const held = await this.network.provider(HUB).inspect(club);
    expect(held).toMatchObject({ epoch: Number(epoch), seq: this.seq });
    expect(held.members.map(({ client }) => client).sort()).toEqual(roster);

    // In a room of mode open nothing is sealed to the hub: any keys do.
    const keys = generateHpkeKeyPair(1);
    const stored = await loadHubRoom({ store: this.store, shard: ROOM_SHARD, keys }, club);
    if (stored === undefined) throw new Error('the room is not stored');
    const room = stored;
    const { sight } = room;
    if (sight.kind !== 'followed') throw new Error('the hub follows a room of mode open');
    try {
      expect(room.epoch).toBe(epoch);
      expect(room.seq).toBe(this.seq);
      expect([...room.roster.values()].map(({ client }) => client).sort()).toEqual(roster);
      expect(sight.group.pendingProposals().map(({ ref }) => asText(ref))).toEqual(
        this.waiting.map(({ ref }) => ref),
      );
      expect(room.waiting).toHaveLength(this.waiting.length);
      sight.group.verifyGroupInfo(sight.groupInfo);
    } finally {
      room[Symbol.dispose]();
    }
  }
}

type Action = (walk: Walk) => Promise<void>;

const actions: Readonly<Record<string, Action>> = {
  async add(walk) {
    const others = walk.present.slice();
    const by = walk.random.pick(walk.committers);
    const gone = walk.waiting.map(({ leaving }) => leaving);
    const guest = await walk.newcomer();
    const staying = others.filter((member) => member !== by && !gone.includes(member));
    await add(club, by, staying, [guest], OWNER_ROLE);
    walk.present = walk.present.filter((member) => !gone.includes(member));
    walk.waiting = [];
    walk.seq += 1;
  },
  async remove(walk) {
    const targets = walk.committers.filter((member) => member !== walk.creator);
    if (targets.length < 2) return;
    const target = walk.random.pick(targets);
    const bundle = walk.creator.commit({ remove: [target.group.ownLeafIndex] });
    await walk.commit(walk.creator, bundle, [target]);
  },
  async update(walk) {
    const by = walk.random.pick(walk.committers);
    await walk.commit(by, by.commit({ update: true }));
  },
  async message(walk) {
    // RFC 9420 forbids it while proposals wait.
    if (walk.waiting.length > 0) return;
    const by = walk.random.pick(walk.present);
    const message = by.group.encrypt(bytes(`${walk.seq}`));
    expect(await by.submit(club, message)).toMatchObject({ code: 'accepted' });
    walk.seq += 1;
    for (const member of walk.present) {
      const { kind } = member.process(message);
      expect(kind).toBe(member === by ? 'own' : 'application');
    }
  },
  async joinExternally(walk) {
    // A further device of one who is there; the hub lets nobody else join by itself.
    const [user] = walk.random.pick(walk.present).device.client.split('/d/')[1]?.split('-') ?? [];
    const fresh = await walk.newcomer(`${user}-${walk.seq + 1}`);
    const bundle = await fresh.joinExternally(club);
    // It covers none of the proposals that wait, and makes them void.
    walk.waiting = [];
    await walk.commit(fresh, bundle);
  },
  async proposeLeaving(walk) {
    const leavers = walk.committers.filter((member) => member !== walk.creator);
    if (leavers.length < 3) return;
    const leaving = walk.random.pick(leavers);
    await walk.propose(leaving, leaving.group.propose({ selfRemove: true }), leaving);
  },
  async proposeRemoval(walk) {
    // Of a device, by another one of the same user.
    const pairs = walk.committers.flatMap((by) =>
      walk.committers
        .filter((other) => other.device.user === by.device.user)
        .filter((other) => other !== by && other !== walk.creator)
        .map((other) => [by, other] as const),
    );
    if (pairs.length === 0 || walk.committers.length < 3) return;
    const [by, leaving] = walk.random.pick(pairs);
    const message = by.proposeRemoval(leaving.group.ownLeafIndex);
    await walk.propose(by, message, leaving);
  },
};

test('a walk of sixty actions, with the hub opened anew between any two, loses nothing of the room', async () => {
  const walk = new Walk(seeded('hub recovery'));
  await walk.begin();
  try {
    for (let step = 0; step < 60; step++) {
      const name = walk.random.pick(Object.keys(actions));
      walk.done.push(name);
      await actions[name]?.(walk);
      if (walk.random.oneIn(3)) {
        const how = walk.random.oneIn(2) ? 'closed' : 'died';
        walk.done.push(how);
        await walk.reopen(how);
      }
      await walk.check();
    }
  } catch (error) {
    throw new Error(`after ${walk.done.join(', ')}`, { cause: error });
  } finally {
    await walk.end();
  }
});

describe('what goes wrong at a commit', () => {
  let network: Network;
  let store: Store;
  let faults: AppendFault[];
  let alice: MlsMember;
  let bob: MlsMember;

  beforeEach(async () => {
    network = new Network(HUB);
    faults = [];
    store = openMemoryStore();
    await network.open(HUB, withFaults(store, faults).store);
    alice = new MlsMember(network.call, HUB, 'alice-1');
    bob = new MlsMember(network.call, HUB, 'bob-1');
    for (const member of [alice, bob]) await member.register();
    await convene(club, [alice, bob]);
  });
  afterEach(() => network.provider(HUB).close());

  const commits = async () =>
    (await roomLog(store, club)).filter(({ kind }) => kind === 'commit').map(messageOf);
  const inspect = () => network.provider(HUB).inspect(club);

  test('a GroupInfo that describes another state is refused, and the right one is accepted after it', async () => {
    const before = await inspect();
    const right = alice.commit({ update: true });
    const others = bob.commit({ update: true });
    const wrong = [
      ['the epoch before', alice.group.groupInfo(), 'contextHash'],
      ['another commit of the same epoch', others.groupInfo, 'contextHash'],
      ['the right one with another signature', damaged(right.groupInfo), 'groupInfo'],
    ] as const;
    for (const [what, groupInfo, rule] of wrong) {
      const answer = await alice.update(club, right, groupInfo);
      expect(answer, what).toMatchObject({
        code: 'notAllowed',
        errorDescription: expect.stringMatching(new RegExp(`^${rule}: `)),
      });
      expect(await inspect()).toEqual(before);
    }
    expect(await alice.update(club, right)).toMatchObject({ code: 'success' });
    alice.group.acceptPending();
    bob.follow(right.commit);
    expect(await inspect()).toMatchObject({
      epoch: Number(alice.group.epoch),
      seq: before.seq + 1,
    });
    expect(alice.authenticator).toBe(bob.authenticator);
  });

  test('those who send while a wrong GroupInfo is refused are answered rightly', async () => {
    const wrong = alice.commit({ update: true });
    const message = bob.group.encrypt(bytes('before'));
    const right = bob.commit({ update: true });
    const late = alice.group.encrypt(bytes('after'));
    // All in one turn of the event loop: they share what the hub has in memory, and a write.
    const [sent, refused, accepted, tooLate] = await Promise.all([
      bob.submit(club, message),
      alice.update(club, wrong, damaged(wrong.groupInfo)),
      bob.update(club, right),
      alice.submit(club, late),
    ]);
    expect(sent).toMatchObject({ code: 'accepted' });
    expect(refused).toMatchObject({ code: 'notAllowed' });
    expect(accepted).toMatchObject({ code: 'success' });
    expect(tooLate).toMatchObject({ code: 'epochTooOld', currentEpoch: alice.group.epoch + 1n });
    expect((await commits()).at(-1)).toBe(asText(right.commit));
    expect((await inspect()).entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test.each(['unavailable', 'lost'] as const)(
    'a write that fails (%s) has not happened: the room is as before, and the same commit is accepted later',
    async (fault) => {
      const before = await inspect();
      const bundle = alice.commit({ update: true });
      faults.push(fault);
      await expect(alice.update(club, bundle)).rejects.toMatchObject({ code: 'storeUnavailable' });
      expect(await inspect()).toEqual(before);

      expect(await alice.update(club, bundle)).toMatchObject({ code: 'success' });
      alice.group.acceptPending();
      bob.follow(bundle.commit);
      expect(await inspect()).toMatchObject({ epoch: before.epoch && before.epoch + 1 });
      expect((await commits()).filter((commit) => commit === asText(bundle.commit))).toHaveLength(
        1,
      );
    },
  );

  test('everything that shares a write that fails is answered with the failure', async () => {
    const before = await inspect();
    faults.push('unavailable');
    const answers = await Promise.allSettled([
      alice.submit(club, alice.group.encrypt(bytes('one'))),
      bob.update(club, bob.commit({ update: true })),
      alice.submit(club, alice.group.encrypt(bytes('two'))),
    ]);
    // The last one came after the commit: it is of a past epoch only if the commit has happened.
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await inspect()).toEqual(before);
  });

  test('a write whose answer is lost but which happened is answered as done', async () => {
    const bundle = alice.commit({ update: true });
    faults.push('applied');
    expect(await alice.update(club, bundle)).toMatchObject({ code: 'success' });
    alice.group.acceptPending();
    bob.follow(bundle.commit);
    const next = bob.commit({ update: true });
    expect(await bob.update(club, next)).toMatchObject({ code: 'success' });
    expect((await commits()).slice(-2)).toEqual([bundle.commit, next.commit].map(asText));
  });

  test('what was accepted before is answered as the first time and is in the log once', async () => {
    const bundle = alice.commit({ update: true });
    const first = await alice.update(club, bundle);
    alice.group.acceptPending();
    bob.follow(bundle.commit);
    const message = bob.group.encrypt(bytes('hello'));
    const sent = await bob.submit(club, message);
    const proposal = bob.group.propose({ selfRemove: true });
    const proposed = await bob.propose(club, proposal);
    alice.process(proposal);
    network.now += 60_000;
    const next = alice.commit({ update: true });
    expect(await alice.update(club, next)).toMatchObject({ code: 'success' });
    const before = await inspect();

    const repeat = async () => {
      expect(await alice.update(club, bundle)).toEqual(first);
      expect(await bob.submit(club, message)).toEqual(sent);
      expect(await bob.propose(club, proposal)).toEqual(proposed);
      expect(await inspect()).toEqual(before);
    };
    expect(first).toMatchObject({ code: 'success' });
    expect(sent).toMatchObject({ code: 'accepted' });
    expect(proposed).toMatchObject({ code: 'success' });
    await repeat();
    // And by a hub that knows it from its store only.
    await network.provider(HUB).close();
    await network.open(HUB, store);
    await repeat();
  });
});
