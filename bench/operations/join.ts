// Joining from a Welcome and the tree, which is checked in full.

import { Group, MemberStore } from '../../ts/mls/index.ts';
import type { GroupOperation } from '../support/contest.ts';

export const join: GroupOperation = {
  name: 'join from a Welcome',
  native: true,
  ours: ({ ours: { rowsBefore, invitation } }) => {
    const { welcome, tree } = invitation;
    let store = MemberStore.restore(rowsBefore);
    return {
      run: () => Group.join(store, welcome, tree)[Symbol.dispose](),
      options: {
        beforeEach: () => {
          store[Symbol.dispose]();
          store = MemberStore.restore(rowsBefore);
        },
      },
    };
  },
  tsMls: ({ tsMls: { second, invitation } }) => {
    const { state } = second;
    return {
      run: () => second.join(invitation.welcome, invitation.tree),
      options: {
        afterAll: () => {
          second.state = state;
        },
      },
    };
  },
};
