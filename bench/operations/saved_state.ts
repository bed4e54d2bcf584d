// Saving and restoring: the hub's view as a snapshot, a member's as rows.

import { clientStateDecoder, clientStateEncoder, decode, encode } from 'ts-mls';
import { Group, HubGroup, MemberStore } from '../../ts/mls/index.ts';
import type { GroupOperation } from '../support/contest.ts';

export const hubSnapshot: GroupOperation = {
  name: 'hub: snapshot',
  ours: ({ ours: { hub } }) => ({ run: () => hub.snapshot() }),
};

export const hubRestore: GroupOperation = {
  name: 'hub: restore',
  ours: ({ ours: { hub } }) => {
    const snapshot = hub.snapshot();
    return { run: () => HubGroup.restore(snapshot)[Symbol.dispose]() };
  },
};

export const memberSave: GroupOperation = {
  name: 'member: all rows',
  ours: ({ ours: { secondParty } }) => ({ run: () => secondParty.store.rows() }),
  tsMls: ({ tsMls: { second } }) => {
    const { state } = second;
    return { run: () => encode(clientStateEncoder, state) };
  },
};

export const memberRestore: GroupOperation = {
  name: 'member: restore from rows',
  ours: ({ ours: { secondParty, second } }) => {
    const [rows, { groupId }] = [secondParty.store.rows(), second];
    return {
      run: () => {
        const store = MemberStore.restore(rows);
        const group = Group.load(store, groupId);
        if (group === undefined) throw new Error('The rows have no group.');
        group[Symbol.dispose]();
        store[Symbol.dispose]();
      },
    };
  },
  tsMls: ({ tsMls: { second } }) => {
    const bytes = encode(clientStateEncoder, second.state);
    return {
      run: () => {
        if (decode(clientStateDecoder, bytes) === undefined) throw new Error('Not decoded.');
      },
    };
  },
};
