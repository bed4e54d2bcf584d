// Groups of a given size for benchmarks: silent members, and a pair of each implementation that acts, every pair in a
// group of exactly that size. In a populated tree every member has committed; a bulk-added one is blank but for the
// paths of those who act.

import { Group } from '../../ts/mls/index.ts';
import { groupIdOf } from '../../ts/wire/index.ts';
import type { Native } from './native.ts';
import {
  benchRoom,
  type Invitation,
  inviteBy,
  keyPackageOf,
  newParty,
  OurInvited,
  type OurPair,
  TsMlsPair,
} from './pairs.ts';
import { lastOfChain } from './populated.ts';

export type Tree = 'populated' | 'bulk-added';

/** The pairs of one size and tree. */
export interface Crowd {
  readonly members: number;
  readonly tree: Tree;
  readonly ours: OurPair;
  readonly tsMls: TsMlsPair;
  /** The native rival with its pair in such a group, where it was built. */
  readonly native: Native | undefined;
}

/** A crowd; the native rival has one at a time. */
export async function crowdOf(
  members: number,
  tree: Tree,
  native: Native | undefined,
): Promise<Crowd> {
  const ours = new OurInvited();
  const theirs = await TsMlsPair.invited();
  const natives = await native?.invite();
  if (members === 2) {
    await native?.create();
    return { members, tree, ours: ours.create(), tsMls: await TsMlsPair.create(theirs), native };
  }
  if (tree === 'populated') {
    const invited = (keyPackage: Uint8Array): Invitation => {
      const last = lastOfChain(members - 2);
      const { invitation } = inviteBy(last, [keyPackage], true);
      last[Symbol.dispose]();
      return invitation;
    };
    if (natives !== undefined) await native?.joinFirst(invited(natives[0]));
    return {
      members,
      tree,
      ours: ours.joinFirst(invited(ours.keyPackages[0] as Uint8Array)),
      tsMls: await TsMlsPair.joinFirst(theirs, invited(theirs[0].keyPackage)),
      native,
    };
  }
  const invitation = bulkInvitation(members, [
    ...ours.keyPackages,
    ...theirs.map(({ keyPackage }) => keyPackage),
    ...(natives ?? []),
  ]);
  await native?.joinBoth(invitation);
  return {
    members,
    tree,
    ours: ours.joinBoth(invitation),
    tsMls: await TsMlsPair.joinBoth(theirs, invitation),
    native,
  };
}

/** One commit adds all but the founder. */
function bulkInvitation(members: number, actors: readonly Uint8Array[]): Invitation {
  const { store, identity } = newParty('founder');
  const founder = Group.create(store, identity, groupIdOf(benchRoom));
  const silent = Array.from({ length: members - 1 - actors.length }, (_, at) =>
    keyPackageOf(newParty(`silent-${at}`)),
  );
  const { invitation } = inviteBy(founder, [...silent, ...actors], false);
  founder[Symbol.dispose]();
  return invitation;
}
