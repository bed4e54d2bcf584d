// A commit that renews the committer's path, made and merged, with its GroupInfo.

import type { GroupOperation } from '../support/contest.ts';

export const selfUpdate: GroupOperation = {
  name: 'self-update, made and merged',
  native: true,
  ours: ({ ours }) => {
    let commit = new Uint8Array();
    return {
      run: () => {
        commit = ours.update() as Uint8Array<ArrayBuffer>;
      },
      options: {
        afterEach: () => {
          ours.hubFollows(commit);
          ours.secondFollows(commit);
        },
      },
    };
  },
  tsMls: ({ tsMls: { first } }) => {
    const { state } = first;
    return {
      run: () => first.commit(),
      options: {
        afterEach: () => {
          first.state = state;
        },
      },
    };
  },
};
