// An application message of 1 KiB, encrypted and decrypted.

import type { GroupOperation } from '../support/contest.ts';

const kib = new Uint8Array(1024).fill(0x61);

export const send: GroupOperation = {
  name: 'send 1 KiB',
  native: true,
  ours: ({ ours }) => ({
    run: () => ours.first.encrypt(kib),
    // A new epoch: the receiver would refuse to skip so many generations.
    options: { afterAll: () => ours.newEpoch() },
  }),
  tsMls: ({ tsMls: { first } }) => {
    const { state } = first;
    return {
      run: () => first.encrypt(kib),
      options: {
        afterAll: () => {
          first.state = state;
        },
      },
    };
  },
};

export const receive: GroupOperation = {
  name: 'receive 1 KiB',
  native: true,
  ours: ({ ours }) => {
    let message: Uint8Array = new Uint8Array();
    return {
      run: () => ours.second.process(message),
      options: {
        beforeEach: () => {
          message = ours.first.encrypt(kib);
        },
      },
    };
  },
  tsMls: ({ tsMls: { first, second } }) => {
    const [firstState, secondState] = [first.state, second.state];
    let message: Uint8Array = new Uint8Array();
    return {
      run: () => second.process(message),
      options: {
        beforeEach: async () => {
          message = await first.encrypt(kib);
        },
        afterAll: () => {
          first.state = firstState;
          second.state = secondState;
        },
      },
    };
  },
};
