// The rival of the durable-append bench: the same bytes put into LMDB directly, without a store on top.

import { performance } from 'node:perf_hooks';
import { open } from 'lmdb';

export interface RawAppends {
  /** A directory that does not exist yet. */
  readonly path: string;
  readonly count: number;
  /** Bytes of one record. */
  readonly bytes: number;
  /** Records that share one transaction and its sync. */
  readonly inFlight: number;
}

/**
 * Appends per second, each on disk before the next group begins (synced in the commit itself, as the
 * store's). Shows what the package and the disk can do; it checks nothing and keeps no rows.
 */
export async function rawLmdbAppends(options: RawAppends): Promise<number> {
  const { path, count, bytes, inFlight } = options;
  const db = open<Uint8Array, Uint8Array>({
    path,
    noSubdir: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync: false,
  });
  const record = new Uint8Array(bytes).fill(0xa5);
  const started = performance.now();
  for (let done = 0; done < count; ) {
    const end = Math.min(count, done + inFlight);
    await db.batch(() => {
      for (; done < end; done++) db.put(positionKey(done + 1), record);
    });
  }
  const seconds = (performance.now() - started) / 1000;
  await db.close();
  return count / seconds;
}

function positionKey(position: number): Uint8Array {
  const key = Buffer.alloc(8);
  key.writeBigUInt64BE(BigInt(position));
  return key;
}
