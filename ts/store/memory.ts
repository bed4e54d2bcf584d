// The Store interface (ts/provider/store.ts) in memory: for tests, simulations and throw-away providers.
// It keeps every rule but durability, and needs nothing of its runtime.

import type {
  AppendBatch,
  FollowerCursor,
  Lease,
  RowRange,
  Store,
  StoredRecord,
} from '../provider/store.ts';
import { keyText } from './bytes.ts';
import { StoreError } from './errors.ts';
import {
  checkAppend,
  extendLease,
  type LeaseState,
  noLease,
  releaseLease,
  takeLease,
} from './lease.ts';
import { checkBatch, nameBytes, resolveLimits, type StoreLimits } from './limits.ts';
import { SortedRows } from './sorted_rows.ts';
import { WakeList } from './wake.ts';

export interface MemoryStoreOptions {
  /** Milliseconds since the epoch, for leases. */
  readonly clock?: (() => number) | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
}

/** A store that lives as long as the process. Several owners of one process may share it. */
export function openMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

interface KeptRecord {
  readonly bytes: Uint8Array;
  readonly requestId: string | undefined;
}

class Shard {
  lease: LeaseState = noLease;
  /** Positions up to here are gone; `records[0]` is the one after it. */
  trimmed = 0;
  records: KeptRecord[] = [];
  readonly requestIds = new Map<string, number>();
  readonly rows = new SortedRows();
  readonly cursors = new Map<string, number>();

  get head(): number {
    return this.trimmed + this.records.length;
  }
}

class MemoryStore implements Store {
  readonly #clock: () => number;
  readonly #limits: StoreLimits;
  readonly #shards = new Map<string, Shard>();
  readonly #wakes = new WakeList();
  #closed = false;

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock ?? Date.now;
    this.#limits = resolveLimits(options.limits);
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease> {
    const shard = this.#shard(name);
    shard.lease = takeLease(shard.lease, name, owner, ttlMs, this.#clock());
    return { epoch: shard.lease.epoch, head: shard.head };
  }

  async renew(name: string, epoch: number, ttlMs: number): Promise<void> {
    const shard = this.#shard(name);
    shard.lease = extendLease(shard.lease, name, epoch, ttlMs, this.#clock());
  }

  async release(name: string, epoch: number): Promise<void> {
    const shard = this.#shard(name);
    shard.lease = releaseLease(shard.lease, epoch);
  }

  async append(
    name: string,
    epoch: number,
    expectHead: number,
    batch: AppendBatch,
  ): Promise<{ head: number }> {
    const shard = this.#shard(name);
    checkBatch(batch, this.#limits);
    checkAppend(shard.lease, name, epoch, shard.head, expectHead);
    for (const { bytes, requestId } of batch.records) {
      const id = requestId === undefined ? undefined : keyText(requestId);
      shard.records.push({ bytes: bytes.slice(), requestId: id });
      if (id !== undefined) shard.requestIds.set(id, shard.head);
    }
    for (const row of batch.rows) shard.rows.write(row);
    this.#wakes.notify(name);
    return { head: shard.head };
  }

  async read(name: string, from: number, limit: number): Promise<StoredRecord[]> {
    const shard = this.#shard(name);
    const start = Math.max(0, from - shard.trimmed - 1);
    return shard.records
      .slice(start, start + Math.max(0, limit))
      .map(({ bytes }, i) => ({ position: shard.trimmed + start + i + 1, bytes: bytes.slice() }));
  }

  async head(name: string): Promise<number> {
    return this.#shard(name).head;
  }

  async get(name: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#shard(name).rows.get(key);
  }

  async range(name: string, range: RowRange): Promise<{ key: Uint8Array; value: Uint8Array }[]> {
    return this.#shard(name).rows.range(range);
  }

  async advance(name: string, cursors: readonly FollowerCursor[]): Promise<void> {
    const shard = this.#shard(name);
    for (const { follower } of cursors) nameBytes(follower, this.#limits);
    for (const { follower, position } of cursors) {
      shard.cursors.set(follower, Math.max(position, shard.cursors.get(follower) ?? 0));
    }
  }

  async cursors(name: string): Promise<Map<string, number>> {
    return new Map(this.#shard(name).cursors);
  }

  async lookup(name: string, requestId: Uint8Array): Promise<number | undefined> {
    return this.#shard(name).requestIds.get(keyText(requestId));
  }

  async trim(name: string, position: number): Promise<void> {
    const shard = this.#shard(name);
    const end = Math.min(position, shard.head);
    while (shard.trimmed < end) {
      const batch = shard.records.splice(0, end - shard.trimmed);
      for (const { requestId } of batch) {
        shard.trimmed += 1;
        // The id may have been used again for a later record, which keeps it.
        if (requestId !== undefined && shard.requestIds.get(requestId) === shard.trimmed) {
          shard.requestIds.delete(requestId);
        }
      }
    }
  }

  async snapshot(_path: string): Promise<void> {
    this.#shard('');
    throw new StoreError(
      'unavailable',
      'A memory store cannot write snapshots: open an LMDB store where copies are needed.',
    );
  }

  wake(name: string, listener: () => void): () => void {
    return this.#wakes.add(name, listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakes.clear();
    this.#shards.clear();
  }

  /** Throws `unavailable` once closed, `tooLarge` for a name over the limit. */
  #shard(name: string): Shard {
    if (this.#closed) {
      throw new StoreError('unavailable', 'The store is closed: open it again to use it.');
    }
    const known = this.#shards.get(name);
    if (known !== undefined) return known;
    nameBytes(name, this.#limits);
    const shard = new Shard();
    this.#shards.set(name, shard);
    return shard;
  }
}
