// A storage that fails or dies at a chosen write.

import { type KeyValue, memoryKeyValue } from '../../ts/client/index.ts';

/** What the storage does at the chosen write: `fail` once, or die for good `before` or `after` it is written. */
export type StorageFault = 'fail' | 'dieBefore' | 'dieAfter';

export interface FaultKeyValue extends KeyValue {
  /** How many writes have been asked for. */
  readonly writes: number;
  /** The number of the write that breaks, counted from 1. */
  at: number;
  /** Whether the fault has happened. */
  readonly struck: boolean;
  /** The rows that would be found after the process has died. */
  survivors(): Promise<KeyValue>;
}

/** Memory rows that break at write number `at`, counted from 1. */
export function faultKeyValue(at: number, fault: StorageFault, inner: KeyValue): FaultKeyValue {
  let breaksAt = at;
  let writes = 0;
  let dead = false;
  let struck = false;
  const requireLife = () => {
    if (dead) throw new Error('the process has died');
  };
  return {
    get at() {
      return breaksAt;
    },
    set at(next) {
      breaksAt = next;
    },
    get writes() {
      return writes;
    },
    get struck() {
      return struck;
    },
    async load(prefix) {
      requireLife();
      return inner.load(prefix);
    },
    async write(changes) {
      requireLife();
      writes += 1;
      if (writes !== breaksAt) return inner.write(changes);
      struck = true;
      dead = fault !== 'fail';
      if (fault === 'dieAfter') await inner.write(changes);
      throw new Error('the write failed');
    },
    async close() {
      dead = true;
    },
    survivors: async () => memoryKeyValue(await inner.load()),
  };
}
