// The Store interface (ts/provider/store.ts) on LMDB: one process, one directory, group commit.
// Whole checks run in memory, which is sound because the directory lock makes this process the only writer.

import type {
  AppendBatch,
  FollowerCursor,
  Lease,
  RowRange,
  Store,
  StoredRecord,
} from '../../provider/store.ts';
import { StoreError } from '../errors.ts';
import { checkAppend, extendLease, noLease, releaseLease, takeLease } from '../lease.ts';
import { checkBatch, nameBytes, resolveLimits, type StoreLimits } from '../limits.ts';
import { WakeList } from '../wake.ts';
import { CommitQueue, closedError } from './commit_queue.ts';
import { Environment } from './environment.ts';
import {
  decodeCounter,
  encodeCounter,
  Kind,
  keyIn,
  PREFIX_BYTES,
  recordKey,
  splitRecord,
} from './keys.ts';
import { forgetRecord, storedCursors, writeBatch } from './rows.ts';
import { type ShardState, Shards } from './shards.ts';

export interface LmdbStoreOptions {
  /** A directory on a local disk; made when missing. */
  readonly path: string;
  /** Milliseconds since the epoch, for leases. */
  readonly clock?: (() => number) | undefined;
  /** Appends that would take the data beyond this are refused with `full`; without it the disk is the limit. */
  readonly mapSizeBytes?: number | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
}

/** Version 1: the keys of keys.ts. */
const FORMAT = { purpose: 'provider', version: 1 } as const;
/** How many records one transaction of `trim` deletes, so that appends need not wait for all of it. */
const TRIM_RECORDS = 512;
/** What a small write may cost besides its bytes: the pages on the way to it that LMDB writes anew. */
const PAGES_OVERHEAD_BYTES = 16 * 4096;

/**
 * Opens the store in `path`, for this process alone until `close` or the process's end. No owner can be
 * left from an earlier process, so leases do not outlive it; their epochs do.
 * Throws `notWritable`, `locked`, `wrongVersion`, `corrupt`, `full`.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  return new LmdbStore(await Environment.open(options.path, FORMAT), options);
}

class LmdbStore implements Store {
  readonly #environment: Environment;
  readonly #clock: () => number;
  readonly #limits: StoreLimits;
  readonly #mapSize: number;
  readonly #shards: Shards;
  readonly #queue: CommitQueue;
  readonly #wakes = new WakeList();
  /** Room for this group's appends; measured once a group, when a limit is set. */
  #room: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(environment: Environment, options: LmdbStoreOptions) {
    this.#environment = environment;
    this.#clock = options.clock ?? Date.now;
    this.#limits = resolveLimits(options.limits);
    this.#mapSize = options.mapSizeBytes ?? Number.POSITIVE_INFINITY;
    this.#shards = new Shards(environment);
    this.#queue = new CommitQueue(environment, {
      seal: (writes) => this.#shards.writeRows(writes),
      committed: () => {
        this.#room = undefined;
        for (const name of this.#shards.commit()) this.#wakes.notify(name);
      },
      failed: () => {
        this.#room = undefined;
        this.#shards.rollBack();
      },
    });
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease> {
    nameBytes(name, this.#limits);
    return this.#queue.add({
      run: () => {
        const current = this.#shards.find(name)?.lease ?? noLease;
        const lease = takeLease(current, name, owner, ttlMs, this.#clock());
        const shard = this.#shards.touch(name);
        shard.lease = lease;
        shard.leaseTaken = true;
        return { epoch: lease.epoch, head: shard.pending.head };
      },
    });
  }

  async renew(name: string, epoch: number, ttlMs: number): Promise<void> {
    const shard = this.#find(name);
    const lease = extendLease(shard?.lease ?? noLease, name, epoch, ttlMs, this.#clock());
    if (shard !== undefined) shard.lease = lease;
  }

  async release(name: string, epoch: number): Promise<void> {
    const shard = this.#find(name);
    if (shard !== undefined) shard.lease = releaseLease(shard.lease, epoch);
  }

  async append(
    name: string,
    epoch: number,
    expectHead: number,
    batch: AppendBatch,
  ): Promise<{ head: number }> {
    this.#requireOpen();
    const bytes = checkBatch(batch, this.#limits);
    return this.#queue.add({
      bytes,
      run: (writes) => {
        const known = this.#shards.find(name);
        checkAppend(known?.lease ?? noLease, name, epoch, known?.pending.head ?? 0, expectHead);
        if (bytes > 0) this.#takeRoom(bytes);
        const shard = this.#shards.touch(name);
        writeBatch(writes, shard, batch);
        shard.appended = true;
        return { head: shard.pending.head };
      },
    });
  }

  async read(name: string, from: number, limit: number): Promise<StoredRecord[]> {
    const shard = this.#find(name);
    if (shard === undefined) return [];
    const { head, trimmed } = shard.committed;
    const records: StoredRecord[] = [];
    // What LMDB shows is on disk, and may be a moment ahead of the head in memory: a row that names a position
    // must not be visible before its record is.
    const last = Math.max(head, shard.pending.head);
    for (let at = Math.max(from, trimmed + 1); at <= last && records.length < limit; at++) {
      const value = this.#environment.get(recordKey(shard.number, at));
      if (value !== undefined) records.push({ position: at, bytes: splitRecord(value).bytes });
      // Missing up to the head: a trim is just being committed and has not been told yet.
      else if (at > head) break;
    }
    return records;
  }

  async head(name: string): Promise<number> {
    return this.#find(name)?.committed.head ?? 0;
  }

  async get(name: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    const shard = this.#find(name);
    if (shard === undefined || key.length > this.#limits.keyBytes) return undefined;
    return this.#environment.get(keyIn(Kind.row, shard.number, key));
  }

  async range(name: string, range: RowRange): Promise<{ key: Uint8Array; value: Uint8Array }[]> {
    const shard = this.#find(name);
    if (shard === undefined || range.limit === 0) return [];
    // A bound may be longer than any key LMDB takes; one byte over the longest key keeps its place in order.
    const bound = (key: Uint8Array): Uint8Array =>
      keyIn(Kind.row, shard.number, key.subarray(0, this.#limits.keyBytes + 1));
    const start = bound(range.from);
    const end = bound(range.to);
    if (Buffer.compare(start, end) >= 0) return [];
    const { limit, reverse } = range;
    const rows = this.#environment.scan({ start, end, limit, reverse });
    return rows.map(({ key, value }) => ({ key: key.subarray(PREFIX_BYTES), value }));
  }

  async advance(name: string, cursors: readonly FollowerCursor[]): Promise<void> {
    this.#requireOpen();
    nameBytes(name, this.#limits);
    for (const { follower } of cursors) nameBytes(follower, this.#limits);
    await this.#queue.add({
      run: (writes) => {
        const known = this.#shards.find(name);
        const stored = known && (known.cursors ?? storedCursors(this.#environment, known));
        const ahead = cursors.filter(
          (cursor) => cursor.position > (stored?.get(cursor.follower) ?? 0),
        );
        if (ahead.length === 0) return;
        const shard = this.#shards.touch(name);
        shard.cursors = stored ?? new Map();
        for (const { follower, position } of ahead) {
          // The same follower may stand twice in one call.
          const furthest = Math.max(position, shard.cursors.get(follower) ?? 0);
          shard.cursors.set(follower, furthest);
          const key = keyIn(Kind.cursor, shard.number, nameBytes(follower, this.#limits));
          writes.put(key, encodeCounter(furthest));
        }
      },
    });
  }

  async cursors(name: string): Promise<Map<string, number>> {
    const shard = this.#find(name);
    return shard === undefined ? new Map() : storedCursors(this.#environment, shard);
  }

  async lookup(name: string, requestId: Uint8Array): Promise<number | undefined> {
    const shard = this.#find(name);
    if (shard === undefined || requestId.length > this.#limits.keyBytes) return undefined;
    const value = this.#environment.get(keyIn(Kind.request, shard.number, requestId));
    return value === undefined ? undefined : decodeCounter(value);
  }

  async trim(name: string, position: number): Promise<void> {
    while (await this.#trimSome(name, position));
  }

  async snapshot(path: string): Promise<void> {
    this.#requireOpen();
    await this.#environment.snapshot(path);
  }

  wake(name: string, listener: () => void): () => void {
    return this.#wakes.add(name, listener);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#queue.close();
      this.#wakes.clear();
      await this.#environment.close();
    })();
    return this.#closing;
  }

  /** One transaction of a trim; whether more remains. */
  #trimSome(name: string, position: number): Promise<boolean> {
    this.#requireOpen();
    return this.#queue.add({
      alone: true,
      run: (writes) => {
        const known = this.#shards.find(name);
        if (known === undefined) return false;
        const { head, trimmed } = known.pending;
        const last = Math.min(position, head);
        if (last <= trimmed) return false;
        const shard = this.#shards.touch(name);
        const end = Math.min(last, trimmed + TRIM_RECORDS);
        for (let at = trimmed + 1; at <= end; at++)
          forgetRecord(this.#environment, writes, shard.number, at);
        shard.pending = { head, trimmed: end };
        return end < last;
      },
    });
  }

  /**
   * Throws `full` when an append of so many bytes would go beyond the size limit. Pages hold about two
   * thirds of what they could after splits, hence the factor. (The limit is ours: lmdb's build of LMDB
   * enlarges its map whenever it is too small.)
   */
  #takeRoom(bytes: number): void {
    if (this.#mapSize === Number.POSITIVE_INFINITY) return;
    this.#room ??= this.#mapSize - this.#environment.usage().live - PAGES_OVERHEAD_BYTES;
    const needed = bytes * 1.5;
    if (needed > this.#room) {
      throw new StoreError(
        'full',
        `The store has reached its size limit of ${this.#mapSize} bytes: trim logs or raise the limit.`,
        { details: { limit: this.#mapSize } },
      );
    }
    this.#room -= needed;
  }

  #find(name: string): ShardState | undefined {
    this.#requireOpen();
    return this.#shards.find(name);
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}
