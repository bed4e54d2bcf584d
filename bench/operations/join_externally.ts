// Joining by an external commit, from GroupInfo and tree, which is checked in full.

import { TsMlsMember } from '../../test/support/ts_mls_member.ts';
import { Group } from '../../ts/mls/index.ts';
import type { GroupOperation } from '../support/contest.ts';
import { identityOf, newParty, type Party } from '../support/pairs.ts';

export const joinExternally: GroupOperation = {
  name: 'join by an external commit',
  native: true,
  ours: ({ ours: { first } }) => {
    const [groupInfo, tree] = [first.groupInfo(), first.ratchetTree()];
    let party: Party = newParty('newcomer');
    return {
      run: () =>
        Group.joinExternally(party.store, party.identity, groupInfo, tree).group[Symbol.dispose](),
      options: {
        beforeEach: () => {
          party.store[Symbol.dispose]();
          party = newParty('newcomer');
        },
      },
    };
  },
  // From its own GroupInfo: it reads external_pub in a way of its own.
  tsMls: async ({ tsMls: { first } }) => {
    const [groupInfo, tree] = [await first.groupInfo(), first.tree];
    const newcomer = await TsMlsMember.create(1, identityOf('newcomer'));
    return { run: () => newcomer.joinExternally(groupInfo, tree) };
  },
};
