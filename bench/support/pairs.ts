// Two members of each implementation, who take part in a group of a given size and act in it by themselves.

import { TsMlsMember } from '../../test/support/ts_mls_member.ts';
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

/** What one joins by. */
export interface Invitation {
  readonly welcome: Uint8Array;
  readonly tree: Uint8Array;
}

export const benchRoom: RoomUri = roomUri('a.example', 'bench');

export function identityOf(name: string): Uint8Array {
  return encodeClientIdentity({
    userUri: userUri('a.example', name),
    clientUri: clientUri('a.example', `${name}-phone`),
  });
}

export function newParty(name: string): Party {
  const store = MemberStore.create();
  return { store, identity: Identity.create(store, 1, { type: 1, bytes: identityOf(name) }) };
}

export const keyPackageOf = ({ store, identity }: Party, lastResort = false): Uint8Array =>
  createKeyPackage(store, identity, { lastResort }).keyPackage;

/** `by` adds clients and merges; with its own update, that no leaf stays unmerged where `update` says so. */
export function inviteBy(by: Group, keyPackages: readonly Uint8Array[], update: boolean) {
  const made = by.commit({ add: keyPackages, update });
  by.acceptPending();
  return {
    commit: made.commit,
    invitation: { welcome: made.welcome as Uint8Array, tree: by.ratchetTree() },
  };
}

export function follow(group: Group, commit: Uint8Array): void {
  const processed = group.process(commit);
  if (processed.kind !== 'commit') throw new Error('A commit was expected.');
  group.accept(processed.staged);
}

/** Two clients of ours before they are in a group. Theirs are key packages of last resort: they join again and again. */
export class OurInvited {
  readonly parties = [newParty('ours-1'), newParty('ours-2')] as const;
  readonly keyPackages = this.parties.map((party) => keyPackageOf(party, true));

  /** The two create a group of their own. */
  create(): OurPair {
    const [{ store, identity }] = this.parties;
    return this.#withSecond(Group.create(store, identity, groupIdOf(benchRoom)));
  }

  /** The first joins, and adds the second. */
  joinFirst({ welcome, tree }: Invitation): OurPair {
    return this.#withSecond(Group.join(this.parties[0].store, welcome, tree));
  }

  joinBoth(invitation: Invitation): OurPair {
    const { welcome, tree } = invitation;
    return new OurPair(
      this.parties[1],
      Group.join(this.parties[0].store, welcome, tree),
      invitation,
    );
  }

  #withSecond(first: Group): OurPair {
    const { invitation } = inviteBy(first, [this.keyPackages[1] as Uint8Array], true);
    return new OurPair(this.parties[1], first, invitation);
  }
}

/** Two members of ours and a hub that follows them; each has committed once at the least. */
export class OurPair {
  readonly first: Group;
  readonly second: Group;
  readonly hub: HubGroup;
  readonly secondParty: Party;
  /** The rows of the second as they were before it joined. */
  readonly rowsBefore: ReturnType<MemberStore['rows']>;
  /** What the second joined by. */
  readonly invitation: Invitation;

  constructor(second: Party, first: Group, invitation: Invitation) {
    this.first = first;
    this.secondParty = second;
    this.invitation = invitation;
    this.rowsBefore = second.store.rows();
    this.second = Group.join(second.store, invitation.welcome, invitation.tree);
    this.hub = HubGroup.track(first.groupInfo(), invitation.tree);
    this.newEpoch();
    const { commit } = this.second.commit({ update: true });
    this.second.acceptPending();
    this.hubFollows(commit);
    follow(this.first, commit);
  }

  /** The first updates its path and merges; the others must follow. */
  update(): Uint8Array {
    const { commit } = this.first.commit({ update: true });
    this.first.acceptPending();
    return commit;
  }

  hubFollows(commit: Uint8Array): void {
    this.hub.apply(this.hub.process(commit));
  }

  secondFollows(commit: Uint8Array): void {
    follow(this.second, commit);
  }

  newEpoch(): void {
    const commit = this.update();
    this.hubFollows(commit);
    this.secondFollows(commit);
  }

  dispose(): void {
    for (const handle of [this.first, this.second, this.hub]) handle[Symbol.dispose]();
  }
}

/** Two members of ts-mls; their states are values, so that an operation can be repeated from the same one. */
export class TsMlsPair {
  readonly first: TsMlsMember;
  readonly second: TsMlsMember;
  readonly invitation: Invitation;

  private constructor(first: TsMlsMember, second: TsMlsMember, invitation: Invitation) {
    this.first = first;
    this.second = second;
    this.invitation = invitation;
  }

  static async invited(): Promise<[TsMlsMember, TsMlsMember]> {
    return [
      await TsMlsMember.create(1, identityOf('ts-mls-1')),
      await TsMlsMember.create(1, identityOf('ts-mls-2')),
    ];
  }

  static async create([first, second]: [TsMlsMember, TsMlsMember]): Promise<TsMlsPair> {
    await first.create(groupIdOf(benchRoom));
    return TsMlsPair.#withSecond(first, second);
  }

  static async joinFirst(
    [first, second]: [TsMlsMember, TsMlsMember],
    { welcome, tree }: Invitation,
  ): Promise<TsMlsPair> {
    await first.join(welcome, tree);
    return TsMlsPair.#withSecond(first, second);
  }

  static async joinBoth(
    [first, second]: [TsMlsMember, TsMlsMember],
    invitation: Invitation,
  ): Promise<TsMlsPair> {
    await first.join(invitation.welcome, invitation.tree);
    return TsMlsPair.#of(first, second, invitation);
  }

  static async #withSecond(first: TsMlsMember, second: TsMlsMember): Promise<TsMlsPair> {
    // It commits an Add without a path, and has to update by itself for no leaf to stay unmerged.
    const { welcome } = await first.commit({ add: [second.keyPackage] });
    return TsMlsPair.#of(first, second, { welcome: welcome as Uint8Array, tree: first.tree });
  }

  static async #of(first: TsMlsMember, second: TsMlsMember, invitation: Invitation) {
    await second.join(invitation.welcome, invitation.tree);
    await second.process((await first.commit()).commit);
    await first.process((await second.commit()).commit);
    return new TsMlsPair(first, second, invitation);
  }
}
