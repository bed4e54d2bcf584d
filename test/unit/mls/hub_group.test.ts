// The hub's view of a group: it follows what members do, decides nothing, and survives a restart.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CommitBundle, Group, HubGroup, type HubProcessed } from '../../../ts/mls/index.ts';
import {
  agree,
  bytes,
  codeOf,
  commitTo,
  creator,
  deliver,
  device,
  errorOf,
  hex,
  join,
  keyPackageOf,
  type MemberDevice,
  members,
  suites,
} from './devices.ts';

const hubOf = ({ group }: MemberDevice): HubGroup =>
  HubGroup.track(group.groupInfo(), group.ratchetTree());

function commitAt(hub: HubGroup, commit: Uint8Array): Extract<HubProcessed, { kind: 'commit' }> {
  const processed = hub.process(commit);
  if (processed.kind !== 'commit') throw new Error('not a commit');
  return processed;
}

/** Everything a hub has. */
const stateOf = (hub: HubGroup): string => hex(hub.snapshot());

type Step =
  | { readonly step: 'add' | 'join' | 'rejoin' | 'update' | 'remove'; readonly by: number }
  | { readonly step: 'selfRemove' | 'proposeUpdate'; readonly by: number };

const steps = fc.array(
  fc.record({
    step: fc.constantFrom<Step['step']>(
      'add',
      'join',
      'rejoin',
      'update',
      'remove',
      'selfRemove',
      'proposeUpdate',
    ),
    by: fc.nat(99),
  }),
  { minLength: 4, maxLength: 14 },
);

/** A room and its hub, which is restored from its snapshot before each step. */
class World {
  #hub: HubGroup;
  #people: MemberDevice[];
  #named = 0;

  constructor(suite: 1 | 2 | 3) {
    this.#people = [creator(suite, 'founder')];
    this.#hub = hubOf(this.#one(0));
  }

  #one(by: number): MemberDevice {
    const one = this.#people[by % this.#people.length];
    if (one === undefined) throw new Error('nobody');
    return one;
  }

  #others(than: MemberDevice): MemberDevice[] {
    return this.#people.filter((person) => person !== than);
  }

  run({ step, by }: Step): void {
    this.#hub = HubGroup.restore(this.#hub.snapshot());
    const one = this.#one(by);
    const suite = one.group.suite;
    if (step === 'join' || step === 'rejoin') {
      const name = `joiner ${this.#named++}`;
      const joiner = step === 'rejoin' ? one : device(suite, name);
      const waiting = this.#hub.pendingProposals();
      // Who rejoins is removed by the commit itself; a self-remove of the same leaf beside it would be a second removal.
      const proposals = waiting
        .filter(
          (proposal) =>
            proposal.type === 'selfRemove' && proposal.removed !== one.group.ownLeafIndex,
        )
        .map((proposal) => proposal.message);
      const joined = Group.joinExternally(
        joiner.store,
        joiner.identity,
        this.#one(0).group.groupInfo(),
        this.#hub.ratchetTree(),
        { proposals },
      );
      // The handle on the old state of who rejoins is of no more use.
      if (step === 'rejoin') this.#people = this.#others(one);
      this.#settle(joined.commit, joined.groupInfo, this.#people);
      joined.group.acceptPending();
      this.#people.push({ ...joiner, group: joined.group });
    } else if (step === 'selfRemove' || step === 'proposeUpdate') {
      if (this.#people.length < 2) return;
      const already = this.#hub
        .pendingProposals()
        .some(
          ({ sender }) => sender.type === 'member' && sender.leafIndex === one.group.ownLeafIndex,
        );
      if (already) return;
      const proposal = one.group.propose(
        step === 'selfRemove' ? { selfRemove: true } : { update: true },
      );
      this.#hub.apply(this.#hub.process(proposal));
      for (const other of this.#others(one)) other.group.process(proposal);
    } else {
      // Who wants to leave cannot commit its own leaving.
      const leaving = this.#hub
        .pendingProposals()
        .map(({ removed }) => removed)
        .filter((removed) => removed !== undefined);
      const able = this.#people.filter(({ group }) => !leaving.includes(group.ownLeafIndex));
      const committer = able[by % able.length];
      if (committer === undefined) return;
      const newcomer = device(suite, `invited ${this.#named++}`);
      const target = this.#others(committer)[by % Math.max(1, this.#people.length - 1)];
      const removable = target !== undefined && !leaving.includes(target.group.ownLeafIndex);
      const bundle = committer.group.commit(
        step === 'add'
          ? { add: [keyPackageOf(newcomer)] }
          : step === 'remove' && removable
            ? { remove: [target.group.ownLeafIndex] }
            : { update: true },
      );
      const summary = this.#settle(bundle.commit, bundle.groupInfo, this.#others(committer));
      expect(summary.omittedProposals).toEqual([]);
      committer.group.acceptPending();
      if (step === 'add') {
        this.#people.push(join(newcomer, bundle.welcome, this.#hub.ratchetTree()));
      }
    }
    this.#check();
  }

  #settle(
    commit: Uint8Array,
    groupInfo: Uint8Array,
    to: readonly MemberDevice[],
  ): Extract<HubProcessed, { kind: 'commit' }>['summary'] {
    const before = stateOf(this.#hub);
    const processed = commitAt(this.#hub, commit);
    expect(stateOf(this.#hub)).toBe(before);
    this.#hub.apply(processed);
    this.#hub.verifyGroupInfo(groupInfo);
    deliver(commit, to);
    this.#people = this.#people.filter(({ group }) => group.isActive);
    return processed.summary;
  }

  #check(): void {
    expect(agree(this.#people)).toBe(true);
    for (const { group } of this.#people) {
      expect(group.epoch).toBe(this.#hub.epoch);
      expect(hex(group.ratchetTree())).toBe(hex(this.#hub.ratchetTree()));
      this.#hub.verifyGroupInfo(group.groupInfo());
    }
    expect(this.#hub.members()).toHaveLength(this.#people.length);
  }
}

describe.each(suites)('cipher suite %i', (suite) => {
  test('the hub follows whatever members do, restored from its snapshot each time', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        const world = new World(suite);
        for (const step of walk) world.run(step as Step);
      }),
      { numRuns: suite === 1 ? 12 : 4 },
    );
  });
});

test('nothing is applied before the hub says so, and what it discards is gone', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const hub = hubOf(alice);
  const { commit } = alice.group.commit({ remove: [1], aad: bytes('aad') });
  const processed = commitAt(hub, commit);
  expect(processed).toMatchObject({ epoch: 1n, authenticatedData: bytes('aad') });
  expect(processed.summary).toMatchObject({
    sender: { type: 'member', leafIndex: 0, credential: { type: 1, bytes: bytes('alice') } },
    newEpoch: 2n,
    removed: [{ leafIndex: 1, credential: { type: 1, bytes: bytes('bob') } }],
    selfRemoved: false,
  });
  expect(hub.epoch).toBe(1n);
  hub.discard(processed);
  expect(codeOf(() => hub.apply(processed))).toBe('staleStage');
  const again = commitAt(hub, commit);
  hub.apply(again);
  expect(hub.epoch).toBe(2n);
  expect(codeOf(() => hub.apply(again))).toBe('staleStage');
});

test('of two commits of one epoch the hub applies the first, and the second is of a wrong epoch', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const hub = hubOf(alice);
  const [first, second] = [alice, bob].map(({ group }) => group.commit({ update: true }).commit);
  if (first === undefined || second === undefined) throw new Error();
  const staged = [first, second].map((commit) => commitAt(hub, commit));
  hub.apply(staged[0] as HubProcessed);
  expect(codeOf(() => hub.apply(staged[1] as HubProcessed))).toBe('staleStage');
  const error = errorOf(() => hub.process(second));
  expect([error?.code, error?.details.current, error?.details.got]).toEqual(['wrongEpoch', 2n, 1n]);
});

test('queued proposals are listed with their messages, and a commit that omits one is told', () => {
  const [alice, bob, carol] = members(1, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const hub = hubOf(alice);
  const dave = device(1, 'dave');
  const leaving = bob.group.propose({ selfRemove: true });
  const adding = carol.group.propose({ add: keyPackageOf(dave) });
  for (const proposal of [leaving, adding]) hub.apply(hub.process(proposal));
  expect(hub.pendingProposals()).toMatchObject([
    { type: 'selfRemove', removed: 1, message: leaving, sender: { leafIndex: 1 } },
    {
      type: 'add',
      removed: undefined,
      message: adding,
      sender: { leafIndex: 2 },
      added: { credential: dave.identity.credential, signatureKey: dave.identity.signatureKey },
    },
  ]);
  expect(codeOf(() => hub.process(leaving))).toBe('duplicate');
  const restored = HubGroup.restore(hub.snapshot());
  expect(restored.pendingProposals()).toEqual(hub.pendingProposals());

  alice.group.process(leaving);
  const { commit } = alice.group.commit();
  const [, omitted] = hub.pendingProposals();
  const { summary } = commitAt(restored, commit);
  expect(summary.omittedProposals).toEqual([omitted?.ref]);
  expect(summary.proposals).toMatchObject([
    { type: 'selfRemove', byReference: true, removed: 1, ref: hub.pendingProposals()[0]?.ref },
  ]);
  restored.apply(commitAt(restored, commit));
  expect(restored.pendingProposals()).toEqual([]);
});

test('a proposal that would block every commit is refused', () => {
  const [alice, bob, carol] = members(1, 'alice', 'bob', 'carol');
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error();
  const hub = hubOf(alice);
  const dave = device(1, 'dave');
  const [first, second, again] = [alice, bob, bob].map(({ group }, index) =>
    group.propose({ add: keyPackageOf(index === 2 ? carol : dave) }),
  );
  if (first === undefined || second === undefined || again === undefined) throw new Error();
  hub.apply(hub.process(first));
  expect(errorOf(() => hub.process(second))).toMatchObject({
    code: 'invalidProposal',
    details: { rule: 'DuplicateSignatureKey' },
  });
  expect(codeOf(() => hub.process(again))).toBe('invalidProposal');
  // Who leaves may come back with the same key in the same commit.
  hub.apply(hub.process(carol.group.propose({ selfRemove: true })));
  expect(codeOf(() => hub.process(again))).toBe('nothing thrown');
});

test('a GroupInfo is verified against the hub’s own state in every respect', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const hub = hubOf(alice);
  const past = alice.group.groupInfo();
  hub.verifyGroupInfo(past);
  hub.verifyGroupInfo(bob.group.groupInfo());
  hub.verifyGroupInfo(new Uint8Array([0, 1, 0, 4, ...past]));
  for (let at = 0; at < past.length; at++) {
    const damaged = past.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(codeOf(() => hub.verifyGroupInfo(damaged))).not.toBe('nothing thrown');
  }
  const bundles: CommitBundle[] = [alice, bob].map(({ group }) => group.commit({ update: true }));
  const [ours, theirs] = bundles;
  if (ours === undefined || theirs === undefined) throw new Error();
  hub.apply(hub.process(ours.commit));
  hub.verifyGroupInfo(ours.groupInfo);
  // The other branch of the same epoch.
  expect(errorOf(() => hub.verifyGroupInfo(theirs.groupInfo))).toMatchObject({
    code: 'invalidGroupInfo',
    details: { rule: 'treeHash' },
  });
  expect(codeOf(() => hub.verifyGroupInfo(past))).toBe('wrongEpoch');
  const other = creator(1, 'eve', 'elsewhere').group;
  expect(codeOf(() => hub.verifyGroupInfo(other.groupInfo()))).toBe('wrongGroup');
});

test('a group is not tracked from a GroupInfo and tree that do not belong together', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const [groupInfo, tree] = [alice.group.groupInfo(), alice.group.ratchetTree()];
  commitTo(alice, [bob], { update: true });
  expect(codeOf(() => HubGroup.track(alice.group.groupInfo(), tree))).not.toBe('nothing thrown');
  for (let end = 0; end < tree.length; end += 5) {
    expect(codeOf(() => HubGroup.track(groupInfo, tree.subarray(0, end)))).toBe('malformed');
  }
  for (let end = 2; end < groupInfo.length; end += 5) {
    expect(codeOf(() => HubGroup.track(groupInfo.subarray(0, end), tree))).toBe('malformed');
  }
  for (let at = 0; at < tree.length; at += 3) {
    const damaged = tree.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(codeOf(() => HubGroup.track(groupInfo, damaged))).not.toBe('nothing thrown');
  }
});

test('bad input to a hub is a typed refusal and changes nothing', () => {
  const [alice, bob] = members(1, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error();
  const hub = hubOf(alice);
  const { commit } = alice.group.commit({ update: true });
  const before = stateOf(hub);
  for (let end = 0; end < commit.length; end++) {
    expect(codeOf(() => hub.process(commit.subarray(0, end)))).toBe('malformed');
  }
  for (let at = 0; at < commit.length - 66; at++) {
    const damaged = commit.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(codeOf(() => hub.process(damaged))).not.toBe('nothing thrown');
  }
  expect(codeOf(() => hub.process(bob.group.encrypt(bytes('x'))))).toBe('wrongWireFormat');
  const other = creator(1, 'eve', 'elsewhere').group;
  expect(codeOf(() => hub.process(other.commit().commit))).toBe('wrongGroup');
  expect(codeOf(() => hub.process(new Uint8Array(2 ** 20 + 1)))).toBe('tooLarge');
  expect(stateOf(hub)).toBe(before);
  hub.apply(hub.process(commit));
  expect(hub.epoch).toBe(2n);
});

test('a damaged snapshot is refused at any byte', () => {
  const [alice] = members(1, 'alice', 'bob');
  if (alice === undefined) throw new Error();
  const snapshot = hubOf(alice).snapshot();
  for (let at = 0; at < snapshot.length; at++) {
    const damaged = snapshot.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(codeOf(() => HubGroup.restore(damaged))).toBe('damagedStore');
    expect(codeOf(() => HubGroup.restore(snapshot.subarray(0, at)))).toBe('damagedStore');
  }
});
