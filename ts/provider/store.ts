// The Store interface: what a provider asks of durable storage, and what every engine must keep.
// The unit is a shard: one owner, one log, its rows and its cursors.

/** A row of a shard: a key and its value; `undefined` deletes the key. */
export interface StoreRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** A log record to append. */
export interface AppendRecord {
  readonly bytes: Uint8Array;
  /**
   * Under which `lookup` finds the record's position after an unknown outcome. A later record under the
   * same id takes it over.
   */
  readonly requestId?: Uint8Array | undefined;
}

/** What one durable write carries: all of it or none. */
export interface AppendBatch {
  readonly records: readonly AppendRecord[];
  readonly rows: readonly StoreRow[];
}

/** A committed record; positions of a shard are 1, 2, 3… without a gap. */
export interface StoredRecord {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * The lease of a shard's owner. `epoch` rises with each acquire, the same owner's included, and never falls;
 * `head` is the last position.
 */
export interface Lease {
  readonly epoch: number;
  readonly head: number;
}

/** Bounds of a row scan: keys in bytewise order, `from` included, `to` excluded; `reverse` begins at `to`. */
export interface RowRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** How far a follower of a shard's log has been served. */
export interface FollowerCursor {
  readonly follower: string;
  readonly position: number;
}

/**
 * Durable storage of shards. Every failure is a `StoreError` with one of the codes
 * `held`, `lost`, `conflict`, `fenced`, `unavailable` (surely not applied), `unknown` (read back, never
 * retry blindly), `tooLarge`, `full`; nothing else is thrown.
 */
export interface Store {
  /**
   * Takes the shard for `owner` for `ttlMs` milliseconds. Throws `held` while another owner's lease runs.
   * The same owner may take it again, which fences its earlier self. An engine that only one process can
   * open may end all leases when it is opened.
   */
  acquire(shard: string, owner: string, ttlMs: number): Promise<Lease>;
  /**
   * Extends the lease to `ttlMs` from now, even when it had ended but nobody took the shard. Throws `lost`
   * when the shard was acquired or released since.
   */
  renew(shard: string, epoch: number, ttlMs: number): Promise<void>;
  /** Gives the shard back, so that the next owner need not wait; nothing happens when the lease is lost. */
  release(shard: string, epoch: number): Promise<void>;
  /**
   * Appends records and writes rows: all or nothing, durable before it returns.
   * Throws `fenced` (details.epoch) when `epoch` is not the shard's latest lease or was released: the caller
   * then stops for ever. Throws `conflict` (details.head) when the head is not `expectHead`. An append whose
   * lease ended but was not taken over goes through: the epoch guards, not the clock.
   * Appends of one process apply in the order of the calls, and need not wait for each other.
   * The batch's bytes must not change before the promise settles.
   */
  append(
    shard: string,
    epoch: number,
    expectHead: number,
    batch: AppendBatch,
  ): Promise<{ head: number }>;
  /**
   * Committed records from position `from`, in order and gapless, at most `limit`. Trimmed ones are skipped:
   * the first position may then be greater than `from`.
   */
  read(shard: string, from: number, limit: number): Promise<StoredRecord[]>;
  /** The last committed position, 0 for an empty log. */
  head(shard: string): Promise<number>;
  /** The committed value of a row. */
  get(shard: string, key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Committed rows of a range, in key order. */
  range(shard: string, range: RowRange): Promise<{ key: Uint8Array; value: Uint8Array }[]>;
  /** Moves cursors forward; a smaller position than the stored one changes nothing. Durable before it returns. */
  advance(shard: string, cursors: readonly FollowerCursor[]): Promise<void>;
  /** All cursors of a shard. */
  cursors(shard: string): Promise<Map<string, number>>;
  /** The position of the record that was appended under `requestId`. */
  lookup(shard: string, requestId: Uint8Array): Promise<number | undefined>;
  /**
   * Drops records up to and including `position`, at most to the head (their request ids too); head, rows and
   * cursors stay.
   */
  trim(shard: string, position: number): Promise<void>;
  /**
   * Writes a consistent copy of the whole store to the new directory `path`, while it serves. Besides the
   * codes above, an engine may throw `notWritable`.
   */
  snapshot(path: string): Promise<void>;
  /** Calls `listener` after appends to the shard. A hint: it may be missed or come twice. Returns how to stop. */
  wake(shard: string, listener: () => void): () => void;
  /** Finishes what was accepted; afterwards everything throws `unavailable`. */
  close(): Promise<void>;
}
