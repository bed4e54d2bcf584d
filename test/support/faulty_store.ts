// A store whose appends can be made to fail or wait, around a real one.

import type { Store } from '../../ts/provider/store.ts';
import { StoreError } from '../../ts/store/index.ts';

/** What happens to an append: `lost` = unknown and not applied, `applied` = unknown but applied. */
export type AppendFault = 'none' | 'unavailable' | 'lost' | 'applied';

/** The same store, with `append` replaced. */
export function withAppend(store: Store, append: Store['append']): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'append') return append;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same store; its appends meet the given faults in turn. `sizes` lists how many records each carried. */
export function withFaults(store: Store, faults: AppendFault[]) {
  const sizes: number[] = [];
  const faulty = withAppend(store, async (shard, epoch, expected, batch) => {
    sizes.push(batch.records.length);
    const fault = faults.shift() ?? 'none';
    if (fault === 'unavailable') throw new StoreError('unavailable');
    if (fault === 'lost') throw new StoreError('unknown');
    const result = await store.append(shard, epoch, expected, batch);
    if (fault === 'applied') throw new StoreError('unknown');
    return result;
  });
  return { store: faulty, sizes };
}
