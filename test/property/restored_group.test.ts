// A restored group is the group: whatever happened before it was saved, what comes after gets the same answers and
// the same refusals, and leads to the same secrets. Members from their rows, hubs from their snapshots.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  Group,
  HubGroup,
  Identity,
  MemberStore,
  MlsError,
} from '../../ts/mls/index.ts';
import {
  bytes,
  creator,
  device,
  hex,
  join,
  keyPackageOf,
  type MemberDevice,
} from '../unit/mls/devices.ts';

const kinds = [
  'add',
  'remove',
  'update',
  'refusedUpdate',
  'proposeUpdate',
  'proposeRemove',
  'selfRemove',
  'message',
  'ownPending',
  'replay',
  'damaged',
  'swap',
] as const;

const steps = fc.array(fc.record({ kind: fc.constantFrom(...kinds), by: fc.nat(999) }), {
  minLength: 6,
  maxLength: 18,
});

/** What a call gave or refused, without the numbers of staged commits, which count from each start. */
function answerOf(call: () => object): unknown {
  try {
    const { staged: _, ...answer } = call() as { staged?: unknown };
    return answer;
  } catch (error) {
    if (error instanceof MlsError) return { code: error.code, details: error.details };
    throw error;
  }
}

function restored({ name, store, identity, group }: MemberDevice): MemberDevice {
  const copy = MemberStore.restore(store.rows());
  const again = Group.load(copy, group.groupId);
  if (again === undefined) throw new Error('the group was not saved');
  return { name, store: copy, identity: Identity.load(copy, identity.signatureKey), group: again };
}

/** What can be told of a member's group without changing it. */
function stateOf({ store, group }: MemberDevice): unknown {
  return {
    epoch: group.epoch,
    isActive: group.isActive,
    hasPendingCommit: group.hasPendingCommit,
    leafIndex: group.ownLeafIndex,
    members: group.members(),
    proposals: group.pendingProposals(),
    tree: hex(group.ratchetTree()),
    authenticator: answerOf(() => [hex(group.epochAuthenticator())]),
    exported: answerOf(() => [hex(group.exportSecret('label', bytes('context'), 32))]),
    // Not the values: OpenMLS notes when an epoch began.
    rows: store
      .rows()
      .map(({ key }) => hex(key))
      .sort(),
  };
}

const hubStateOf = (hub: HubGroup) => ({
  epoch: hub.epoch,
  members: hub.members(),
  proposals: hub.pendingProposals(),
  tree: hex(hub.ratchetTree()),
  snapshot: hex(hub.snapshot()),
});

/** A member who is watched, its copies, others, and a hub with its copies. */
class World {
  #watched: MemberDevice;
  /** Restored since the watched one last acted by itself. */
  #copies: MemberDevice[] = [];
  #others: MemberDevice[] = [];
  /** The first was never restored. */
  readonly #hubs: HubGroup[];
  readonly #sent: Uint8Array[] = [];
  #named = 0;

  constructor(suite: CipherSuite) {
    this.#watched = creator(suite, 'watched');
    const { group } = this.#watched;
    this.#hubs = [HubGroup.track(group.groupInfo(), group.ratchetTree())];
    for (let at = 0; at < 3; at++) this.#add(this.#watched);
  }

  run({ kind, by }: { kind: (typeof kinds)[number]; by: number }): void {
    this.#copies.push(restored(this.#watched));
    this.#hubs.push(HubGroup.restore(this.#hub.snapshot()));
    const able = this.#able;
    const one = able[by % able.length] as MemberDevice;
    if (kind === 'replay') this.#input(this.#sent[by % this.#sent.length] as Uint8Array);
    else if (kind === 'damaged') this.#damaged(by);
    else if (kind === 'swap') this.#swap();
    else if (kind === 'message') this.#message(one);
    else if (kind === 'add') this.#add(one);
    else if (kind === 'remove') this.#remove(one, by);
    else if (kind === 'update') this.#commit(one, { update: true });
    else if (kind === 'refusedUpdate') this.#refusedUpdate(one);
    else if (kind === 'ownPending') this.#ownPending(by);
    else this.#propose(kind, one, by);
    this.#check();
  }

  get #hub(): HubGroup {
    return this.#hubs[0] as HubGroup;
  }

  /** Who can commit and propose: not those who have proposed to leave. */
  get #able(): MemberDevice[] {
    const leaving = this.#hub.pendingProposals().flatMap(({ removed }) => removed ?? []);
    return [this.#watched, ...this.#others].filter(
      ({ group }) => group.isActive && !leaving.includes(group.ownLeafIndex),
    );
  }

  /** All that must answer alike. */
  get #alike(): MemberDevice[] {
    return [this.#watched, ...this.#copies];
  }

  /** The same answer of the watched member and its copies; staged commits are accepted or discarded. */
  #alikeProcess(message: Uint8Array, accept: boolean): void {
    const answers = this.#alike.map(({ group }) =>
      answerOf(() => {
        const processed = group.process(message);
        if (processed.kind !== 'commit') return processed;
        if (accept) group.accept(processed.staged);
        else group.discard(processed.staged);
        return processed;
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  }

  /** The same answer of the hub and its copies; what they would do is applied or dropped. */
  #hubsProcess(message: Uint8Array, apply: boolean): void {
    const answers = this.#hubs.map((hub) =>
      answerOf(() => {
        const processed = hub.process(message);
        if (apply) hub.apply(processed);
        else hub.discard(processed);
        return processed;
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  }

  /** Something that comes in out of turn. */
  #input(message: Uint8Array): void {
    this.#alikeProcess(message, false);
    this.#hubsProcess(message, false);
  }

  #damaged(by: number): void {
    const message = (this.#sent.at(-1) as Uint8Array).slice();
    const at = by % message.length;
    message[at] = (message[at] as number) ^ (1 << (by % 8));
    this.#input(message);
  }

  /** The copy goes on in place of the original. */
  #swap(): void {
    this.#watched = this.#copies.pop() as MemberDevice;
    this.#copies = [];
  }

  /** A handshake that everybody but its sender takes. */
  #handshake(message: Uint8Array, from: MemberDevice): void {
    this.#sent.push(message);
    this.#hubsProcess(message, true);
    if (from === this.#watched) this.#copies = [];
    else this.#alikeProcess(message, true);
    for (const { group } of this.#others.filter((other) => other !== from)) {
      const processed = group.process(message);
      if (processed.kind === 'commit') group.accept(processed.staged);
    }
    this.#others = this.#others.filter(({ group }) => group.isActive);
  }

  #commit(by: MemberDevice, options: Parameters<Group['commit']>[0]): Uint8Array | undefined {
    const { commit, welcome } = by.group.commit(options);
    by.group.acceptPending();
    this.#handshake(commit, by);
    return welcome;
  }

  #add(by: MemberDevice): void {
    this.#named += 1;
    const newcomer = device(by.group.suite, `other ${this.#named}`);
    const welcome = this.#commit(by, { add: [keyPackageOf(newcomer)] });
    this.#others.push(join(newcomer, welcome, by.group.ratchetTree()));
  }

  /** Of nine removals, one is of the watched member. */
  #target(than: MemberDevice, by: number): MemberDevice | undefined {
    const targets = this.#able.filter((member) => member !== than);
    const spared = by % 9 === 0 ? targets : targets.filter((member) => member !== this.#watched);
    return targets.length < 3 ? undefined : spared[by % Math.max(1, spared.length)];
  }

  #remove(by: MemberDevice, choice: number): void {
    const target = this.#target(by, choice);
    this.#commit(by, target === undefined ? {} : { remove: [target.group.ownLeafIndex] });
  }

  /** A commit that the hub refuses: seen, discarded by all, and its maker goes on. */
  #refusedUpdate(by: MemberDevice): void {
    const { commit } = by.group.commit({ update: true });
    by.group.discardPending();
    this.#sent.push(commit);
    this.#hubsProcess(commit, false);
    if (by === this.#watched) this.#copies = [];
    else this.#alikeProcess(commit, false);
  }

  /** The watched member is saved and restored while its commit is pending. */
  #ownPending(choice: number): void {
    if (!this.#able.includes(this.#watched)) return;
    const { commit } = this.#watched.group.commit({ update: true });
    const copy = restored(this.#watched);
    this.#copies = [copy];
    this.#check();
    for (const { group } of [this.#watched, copy]) {
      if (choice % 2 === 0) group.discardPending();
      else group.acceptPending();
    }
    if (choice % 2 === 0) return;
    this.#handshake(commit, this.#watched);
    this.#copies = [copy];
  }

  #propose(
    kind: 'proposeUpdate' | 'proposeRemove' | 'selfRemove',
    by: MemberDevice,
    choice: number,
  ): void {
    const already = this.#hub.pendingProposals().length > 0;
    const target = this.#target(by, choice);
    // One at a time, so that no two are about the same leaf; the next one commits what waits.
    if (already || target === undefined) {
      this.#commit(by, { update: true });
      return;
    }
    const proposal =
      kind === 'proposeUpdate'
        ? by.group.propose({ update: true })
        : kind === 'proposeRemove'
          ? by.group.propose({ remove: target.group.ownLeafIndex })
          : by.group.propose({ selfRemove: true });
    this.#handshake(proposal, by);
  }

  /** An application message; none may be sent while proposals wait. */
  #message(by: MemberDevice): void {
    if (by.group.pendingProposals().length > 0) this.#commit(by, { update: true });
    const message = by.group.encrypt(bytes('hello'), { aad: bytes('aad') });
    this.#sent.push(message);
    if (by === this.#watched) this.#copies = [];
    else this.#alikeProcess(message, false);
  }

  #check(): void {
    const state = stateOf(this.#watched);
    for (const copy of this.#copies) expect(stateOf(copy)).toEqual(state);
    const hubState = hubStateOf(this.#hub);
    for (const hub of this.#hubs) expect(hubStateOf(hub)).toEqual(hubState);
  }
}

describe.each([1, 2, 3] as const)('cipher suite %i', (suite) => {
  test('after any prefix a restored group answers, refuses and derives what the original does', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        const world = new World(suite);
        for (const step of walk) world.run(step);
      }),
      { numRuns: suite === 1 ? 30 : 8 },
    );
  });
});
