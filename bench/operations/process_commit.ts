// A self-update of another member, checked and applied by a member.

import type { GroupOperation } from '../support/contest.ts';

export const processCommit: GroupOperation = {
  name: 'commit processed by a member',
  native: true,
  ours: ({ ours }) => {
    let commit: Uint8Array = new Uint8Array();
    return {
      run: () => ours.secondFollows(commit),
      options: {
        beforeEach: () => {
          commit = ours.update();
          ours.hubFollows(commit);
        },
      },
    };
  },
  tsMls: async ({ tsMls: { first, second } }) => {
    const [firstState, { state }] = [first.state, second];
    const { commit } = await first.commit();
    first.state = firstState;
    return {
      run: () => second.process(commit),
      options: {
        afterEach: () => {
          second.state = state;
        },
      },
    };
  },
};
