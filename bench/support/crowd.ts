// A real group of a given size for benchmarks: two members that can act, silent others, and the hub's view.

import { createKeyPackage, Group, HubGroup, Identity, MemberStore } from '../../ts/mls/index.ts';
import {
  clientUri,
  encodeClientIdentity,
  groupIdOf,
  type RoomUri,
  roomUri,
  userUri,
} from '../../ts/wire/index.ts';

/** A client with its own store and signature key. */
export interface Party {
  readonly store: MemberStore;
  readonly identity: Identity;
}

export const benchRoom: RoomUri = roomUri('a.example', 'bench');

export function newParty(name: string): Party {
  const store = MemberStore.create();
  const bytes = encodeClientIdentity({
    userUri: userUri('a.example', name),
    clientUri: clientUri('a.example', `${name}-phone`),
  });
  return { store, identity: Identity.create(store, 1, { type: 1, bytes }) };
}

/** All are added in one commit; the two that act have updated once: the rest of the tree is blank. */
export class Crowd {
  readonly creator: Group;
  readonly other: Group;
  readonly hub: HubGroup;
  /** The ratchet tree of the current epoch. */
  tree: Uint8Array;

  constructor(members: number) {
    const [first, second, ...rest] = Array.from({ length: members }, (_, at) => newParty(`m${at}`));
    if (first === undefined || second === undefined) throw new Error('A crowd has two or more.');
    this.creator = Group.create(first.store, first.identity, groupIdOf(benchRoom));
    this.hub = HubGroup.track(this.creator.groupInfo(), this.creator.ratchetTree());
    const add = [second, ...rest].map(
      ({ store, identity }) => createKeyPackage(store, identity).keyPackage,
    );
    const { commit, welcome } = this.creator.commit({ add });
    this.creator.acceptPending();
    this.hubFollows(commit);
    this.tree = this.creator.ratchetTree();
    this.other = Group.join(second.store, welcome as Uint8Array, this.tree);
    this.newEpoch();
    const update = this.other.commit({ update: true });
    this.other.acceptPending();
    this.hubFollows(update.commit);
    const processed = this.creator.process(update.commit);
    if (processed.kind !== 'commit') throw new Error('A commit was expected.');
    this.creator.accept(processed.staged);
  }

  /** The creator updates its path and merges; the others must follow. */
  update(): Uint8Array {
    const { commit } = this.creator.commit({ update: true });
    this.creator.acceptPending();
    return commit;
  }

  hubFollows(commit: Uint8Array): void {
    this.hub.apply(this.hub.process(commit));
  }

  otherFollows(commit: Uint8Array): void {
    const processed = this.other.process(commit);
    if (processed.kind !== 'commit') throw new Error('A commit was expected.');
    this.other.accept(processed.staged);
  }

  newEpoch(): void {
    const commit = this.update();
    this.hubFollows(commit);
    this.otherFollows(commit);
  }

  /** Adds a client; gives its Welcome. */
  add(keyPackage: Uint8Array): Uint8Array {
    const { commit, welcome } = this.creator.commit({ add: [keyPackage] });
    this.creator.acceptPending();
    this.hubFollows(commit);
    this.otherFollows(commit);
    this.tree = this.creator.ratchetTree();
    return welcome as Uint8Array;
  }

  /** Takes out the client that was added last. */
  removeLast(): void {
    const last = this.creator.members().at(-1);
    if (last === undefined) throw new Error('The group is empty.');
    const { commit } = this.creator.commit({ remove: [last.leafIndex] });
    this.creator.acceptPending();
    this.hubFollows(commit);
    this.otherFollows(commit);
  }
}
