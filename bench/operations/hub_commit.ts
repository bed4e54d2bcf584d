// A self-update of a member, checked, summarised and applied by the hub. ts-mls has no view for those outside.

import type { GroupOperation } from '../support/contest.ts';

export const hubCommit: GroupOperation = {
  name: 'commit processed and applied by the hub',
  native: true,
  ours: ({ ours }) => {
    let commit: Uint8Array = new Uint8Array();
    return {
      run: () => ours.hubFollows(commit),
      options: {
        beforeEach: () => {
          commit = ours.update();
          ours.secondFollows(commit);
        },
      },
    };
  },
};
