// Creating a group of one member.

import { TsMlsMember } from '../../test/support/ts_mls_member.ts';
import { Group } from '../../ts/mls/index.ts';
import type { LoneOperation } from '../support/contest.ts';
import { identityOf, newParty } from '../support/pairs.ts';

const idOf = (made: number): Uint8Array => new TextEncoder().encode(`group ${made}`);

export const createGroup: LoneOperation = {
  name: 'create group',
  native: true,
  ours: () => {
    const { store, identity } = newParty('solo');
    let made = 0;
    return {
      run: () => {
        made += 1;
        Group.create(store, identity, idOf(made))[Symbol.dispose]();
      },
    };
  },
  tsMls: async () => {
    const member = await TsMlsMember.create(1, identityOf('solo'));
    let made = 0;
    return {
      run: () => {
        made += 1;
        return member.create(idOf(made));
      },
    };
  },
};
