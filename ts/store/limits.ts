// Size limits of every engine, checked before anything is written, so that a refusal leaves no trace.

import type { AppendBatch, StoreRow } from '../provider/store.ts';
import { StoreError } from './errors.ts';

/** All in bytes. */
export interface StoreLimits {
  /** One record, or the value of one row. */
  readonly recordBytes: number;
  /** All records, keys and values of one append. */
  readonly batchBytes: number;
  /** A row key, a request id, or a shard's or follower's name in UTF-8. */
  readonly keyBytes: number;
}

/**
 * A record holds a commit with its group's tree (about 15 MB at 50,000 members); a key fits into an LMDB
 * key (1978 at 4 KiB pages) and a PostgreSQL index entry (2704) with room for an engine's own prefix.
 */
export const defaultLimits: StoreLimits = {
  recordBytes: 32 * 1024 * 1024,
  batchBytes: 64 * 1024 * 1024,
  keyBytes: 1024,
};

export function resolveLimits(limits: Partial<StoreLimits> | undefined): StoreLimits {
  const resolved = { ...defaultLimits, ...limits };
  // An engine's key layout was chosen for this length; only a shorter one can be asked for.
  return { ...resolved, keyBytes: Math.min(resolved.keyBytes, defaultLimits.keyBytes) };
}

/** The batch's bytes. Throws `tooLarge` when any part of it, or the sum, is over the limits. */
export function checkBatch(batch: AppendBatch, limits: StoreLimits): number {
  let total = 0;
  for (const { bytes, requestId } of batch.records) {
    checkValue(bytes, limits);
    if (requestId !== undefined) checkKey(requestId, limits);
    total += bytes.length + (requestId?.length ?? 0);
  }
  return checkRows(batch.rows, limits, total);
}

/** The same for rows alone, on top of `before` bytes. */
export function checkRows(rows: readonly StoreRow[], limits: StoreLimits, before = 0): number {
  let total = before;
  for (const { key, value } of rows) {
    checkKey(key, limits);
    if (value !== undefined) checkValue(value, limits);
    total += key.length + (value?.length ?? 0);
  }
  if (total > limits.batchBytes) throw tooLarge('The batch', total, limits.batchBytes);
  return total;
}

export function checkKey(key: Uint8Array, limits: StoreLimits): void {
  if (key.length > limits.keyBytes) throw tooLarge('A key', key.length, limits.keyBytes);
}

const utf8 = new TextEncoder();

/** The UTF-8 bytes of a shard's or follower's name; throws `tooLarge`. */
export function nameBytes(name: string, limits: StoreLimits): Uint8Array {
  const bytes = utf8.encode(name);
  if (bytes.length > limits.keyBytes) throw tooLarge('A name', bytes.length, limits.keyBytes);
  return bytes;
}

function checkValue(bytes: Uint8Array, limits: StoreLimits): void {
  if (bytes.length > limits.recordBytes) {
    throw tooLarge('A record or row', bytes.length, limits.recordBytes);
  }
}

function tooLarge(what: string, size: number, limit: number): StoreError {
  return new StoreError(
    'tooLarge',
    `${what} has ${size} bytes where the store takes ${limit}: write less at once, or raise its limits.`,
    { details: { size, limit } },
  );
}
