// A commit that adds clients, with its Welcome and GroupInfo; it is not merged, so that the group keeps its size.

import type { GroupOperation } from '../support/contest.ts';
import { keyPackageOf, newParty } from '../support/pairs.ts';

function adding(name: string, count: number): GroupOperation {
  const keyPackages = () =>
    Array.from({ length: count }, (_, at) => keyPackageOf(newParty(`newcomer-${at}`)));
  return {
    name,
    native: true,
    ours: ({ ours: { first } }) => {
      const add = keyPackages();
      return {
        run: () => first.commit({ add }),
        options: { afterEach: () => first.discardPending() },
      };
    },
    tsMls: ({ tsMls: { first } }) => {
      const add = keyPackages();
      const { state } = first;
      return {
        run: () => first.commit({ add }),
        options: {
          afterEach: () => {
            first.state = state;
          },
        },
      };
    },
  };
}

export const addOne = adding('add one client', 1);
export const addHundred = adding('add 100 clients', 100);
