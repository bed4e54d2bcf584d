// What an input may lead to, and groups that are restored once and take one input after the other, for as long as
// nothing is accepted. rust-core/fuzz/src/live.rs does the same natively.

import {
  type Group,
  HubGroup,
  MemberStore,
  MlsError,
  type MlsErrorCode,
} from '../../../ts/mls/index.ts';
import { bytes } from '../../unit/mls/devices.ts';
import { lastWins } from '../../unit/mls/rooms.ts';
import { bytesOfRows, type Prepared, restoredGroup, restoredHub } from './prepared.ts';

/** What makes an input a finding. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export type Verdict = MlsErrorCode | 'accepted';

/** Codes that no input may lead to. */
const bugs: readonly MlsErrorCode[] = [
  'internal',
  'trapped',
  'instanceDead',
  'notInitialized',
  'disposed',
];

export function must(holds: boolean, rule: string): void {
  if (!holds) throw new Finding(rule);
}

/** Runs a call that may be refused, in the ways that are documented. */
export function attempt(call: () => unknown, allowed: readonly MlsErrorCode[] = []): Verdict {
  try {
    call();
    return 'accepted';
  } catch (error) {
    if (error instanceof Finding) throw error;
    if (!(error instanceof MlsError))
      throw new Finding(`not an MlsError: ${error}`, { cause: error });
    if (bugs.includes(error.code) && !allowed.includes(error.code)) {
      throw new Finding(`${error.code}: ${error.message}`, { cause: error });
    }
    // The wrapper makes this of a TypeError; the arguments here are of the right types.
    if (error.code === 'invalidArgument' && error.cause !== undefined) {
      throw new Finding(`a TypeError: ${error.cause}`, { cause: error });
    }
    return error.code;
  }
}

export const same = (one: Uint8Array, other: Uint8Array): boolean =>
  Buffer.compare(one, other) === 0;

/** How many refusals pass between two proofs that a group still works. */
const trial = 64;

/** bob and the hub of one prepared group, restored once and kept for as long as nothing is accepted. */
export class Room {
  readonly prepared: Prepared;
  #member: { store: MemberStore; group: Group; authenticator: Uint8Array } | undefined;
  #hub: HubGroup | undefined;
  #bobRows: Uint8Array;
  #refusals = 0;

  constructor(of: Prepared) {
    this.prepared = of;
    const store = MemberStore.restore(of.bob);
    this.#bobRows = bytesOfRows(store.rows());
    store[Symbol.dispose]();
  }

  processAsMember(message: Uint8Array): Verdict {
    const { bob, groupId, goodMessage } = this.prepared;
    if (this.#member === undefined) {
      const restored = restoredGroup(bob, groupId);
      this.#member = { ...restored, authenticator: restored.group.epochAuthenticator() };
    }
    const { store, group, authenticator } = this.#member;
    const verdict = attempt(() => this.#accept(group, group.process(message, lastWins)));
    if (verdict === 'accepted') {
      this.#forgetMember();
      return verdict;
    }
    must(same(bytesOfRows(store.rows()), this.#bobRows), `${verdict} changed the rows`);
    must(same(group.epochAuthenticator(), authenticator), `${verdict} changed the epoch`);
    this.#refusals++;
    if (this.#refusals % trial === 0) {
      const received = group.process(goodMessage);
      must(received.kind === 'application', 'a good message is no longer taken');
      group.clearProposals();
      group.encrypt(bytes('on'));
      this.#forgetMember();
    }
    return verdict;
  }

  #accept(group: Group, processed: ReturnType<Group['process']>): void {
    if (processed.kind === 'commit') {
      const next = group.epoch + 1n;
      must(processed.summary.newEpoch === next, 'a commit that leads elsewhere');
      group.accept(processed.staged);
      must(group.epoch === next, 'an accepted commit that leads elsewhere');
      if (!group.isActive) return;
    }
    group.members();
    group.clearProposals();
    group.encrypt(bytes('on'));
    group.groupInfo();
  }

  #forgetMember(): void {
    this.#member?.group[Symbol.dispose]();
    this.#member?.store[Symbol.dispose]();
    this.#member = undefined;
  }

  #liveHub(): HubGroup {
    this.#hub ??= restoredHub(this.prepared);
    return this.#hub;
  }

  processAsHub(message: Uint8Array): Verdict {
    const hub = this.#liveHub();
    const verdict = attempt(() => {
      hub.apply(hub.process(message, lastWins));
      sameWhenRestored(hub);
    });
    if (verdict === 'accepted') this.#forgetHub();
    else this.#hubIsUnchanged(verdict);
    return verdict;
  }

  verifyGroupInfo(groupInfo: Uint8Array): Verdict {
    const verdict = attempt(() => this.#liveHub().verifyGroupInfo(groupInfo));
    this.#hubIsUnchanged('verifyGroupInfo');
    return verdict;
  }

  #hubIsUnchanged(by: string): void {
    const hub = this.#liveHub();
    must(same(hub.snapshot(), this.prepared.hub), `${by} changed the hub`);
    this.#refusals++;
    if (this.#refusals % trial !== 0) return;
    must(hub.process(this.prepared.goodCommit).kind === 'commit', 'a good commit is not taken');
    this.#forgetHub();
  }

  #forgetHub(): void {
    this.#hub?.[Symbol.dispose]();
    this.#hub = undefined;
  }
}

/** A hub's group comes back from its snapshot as it was. */
export function sameWhenRestored(hub: HubGroup): void {
  const snapshot = hub.snapshot();
  const again = HubGroup.restore(snapshot);
  must(same(again.snapshot(), snapshot), 'a snapshot that differs once restored');
  again.members();
  again.pendingProposals();
  again[Symbol.dispose]();
}
