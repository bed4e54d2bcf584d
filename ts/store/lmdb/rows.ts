// How appends, trimming and cursors of a shard become rows of LMDB, by the layout of keys.ts.

import type { AppendBatch } from '../../provider/store.ts';
import type { Environment, Writes } from './environment.ts';
import {
  decodeCounter,
  encodeCounter,
  endOf,
  Kind,
  keyIn,
  PREFIX_BYTES,
  recordHeader,
  recordKey,
  splitRecord,
} from './keys.ts';
import type { ShardState } from './shards.ts';

/** Writes a batch behind the pending head, and moves that. */
export function writeBatch(
  writes: Writes,
  shard: ShardState,
  { records, rows }: AppendBatch,
): void {
  let { head } = shard.pending;
  for (const { bytes, requestId } of records) {
    head += 1;
    writes.put(recordKey(shard.number, head), recordHeader(requestId), bytes);
    if (requestId !== undefined) {
      writes.put(keyIn(Kind.request, shard.number, requestId), encodeCounter(head));
    }
  }
  for (const { key, value } of rows) {
    const rowKey = keyIn(Kind.row, shard.number, key);
    if (value === undefined) writes.remove(rowKey);
    else writes.put(rowKey, value);
  }
  shard.pending = { ...shard.pending, head };
}

/** Deletes a record and its request id. */
export function forgetRecord(
  environment: Environment,
  writes: Writes,
  shard: number,
  position: number,
): void {
  const key = recordKey(shard, position);
  const value = environment.get(key);
  writes.remove(key);
  const requestId = value && splitRecord(value).requestId;
  if (requestId === undefined) return;
  const requestKey = keyIn(Kind.request, shard, requestId);
  const latest = environment.get(requestKey);
  // The id may have been used again for a later record, which keeps it.
  if (latest !== undefined && decodeCounter(latest) === position) writes.remove(requestKey);
}

/** The cursors of a shard that are on disk. */
export function storedCursors(environment: Environment, shard: ShardState): Map<string, number> {
  const cursors = new Map<string, number>();
  const rows = environment.scan({
    start: keyIn(Kind.cursor, shard.number, new Uint8Array(0)),
    end: endOf(Kind.cursor, shard.number),
  });
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const { key, value } of rows) {
    cursors.set(text.decode(key.subarray(PREFIX_BYTES)), decodeCounter(value));
  }
  return cursors;
}
