// What the tests of stores append and ask for, and what a test of the conformance suite is given.

import type { AppendBatch, Lease, Store } from '../../ts/provider/store.ts';
import type { StoreLimits } from '../../ts/store/limits.ts';

export const TTL = 10_000;
export const none: AppendBatch = { records: [], rows: [] };

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const records = (...values: string[]): AppendBatch => ({
  records: values.map((value) => ({ bytes: text(value) })),
  rows: [],
});
export const rows = (...pairs: [Uint8Array, Uint8Array | undefined][]): AppendBatch => ({
  records: [],
  rows: pairs.map(([key, value]) => ({ key, value })),
});
export const ALL = { from: bytes(), to: new Uint8Array(1024).fill(0xff) };

/** A store of one test: opened as its engine opens it, and closed after the test. */
export interface Bench {
  readonly openStore: (limits?: Partial<StoreLimits>) => Promise<Store>;
  /** A store whose shard `s` belongs to `a`, and how `a` appends to it. */
  readonly owned: (
    limits?: Partial<StoreLimits>,
  ) => Promise<{ store: Store; lease: Lease; append: (batch: AppendBatch) => Promise<number> }>;
}
