// One LMDB environment of ours: opened for one process, checked, durable commit by commit.
// Everything this project needs to know about the lmdb package stands in this file.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { StoreError } from '../errors.ts';
import { inspectDataFile } from './data_file.ts';
import { type DirectoryLock, lockDirectory } from './directory_lock.ts';
import {
  brokenError,
  causeOf,
  corruptError,
  meansFull,
  notWritableError,
  openError,
} from './failures.ts';
import { formatKey } from './keys.ts';
import { Slab } from './slab.ts';

/** A store holds keys: its folder is the owner's alone. */
const PRIVATE = 0o700;

/** What a directory holds, so that a device's rows are not taken for a provider's store. */
export interface Format {
  readonly purpose: 'provider' | 'device';
  readonly version: number;
}

export interface Scan {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** Collects the writes of one transaction. Keys and values are copied. */
export interface Writes {
  put(key: Uint8Array, ...valueParts: readonly Uint8Array[]): void;
  remove(key: Uint8Array): void;
}

export class Environment {
  readonly #path: string;
  readonly #db: RootDatabase<Uint8Array, Uint8Array>;
  readonly #lock: DirectoryLock;
  readonly #slab = new Slab();
  /** Set once LMDB refuses to go on; only opening the store again can help. */
  #broken = false;

  private constructor(path: string, db: RootDatabase<Uint8Array, Uint8Array>, lock: DirectoryLock) {
    this.#path = path;
    this.#db = db;
    this.#lock = lock;
  }

  /** Throws `notWritable`, `locked`, `wrongVersion`, `corrupt`, `full`. */
  static async open(path: string, format: Format): Promise<Environment> {
    requireWritable(path);
    const lock = await lockDirectory(path);
    try {
      const db = openDatabase(path);
      const environment = new Environment(path, db, lock);
      try {
        await environment.#requireFormat(path, format);
        return environment;
      } catch (error) {
        await db.close();
        throw error;
      }
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Throws `corrupt` when LMDB finds the file damaged; `scan` does too. */
  get(key: Uint8Array): Uint8Array | undefined {
    try {
      const shared = this.#db.getBinaryFast(key);
      return shared === undefined ? undefined : copyOf(shared);
    } catch (cause) {
      throw corruptError(this.#path, cause);
    }
  }

  scan({ start, end, limit, reverse }: Scan): { key: Uint8Array; value: Uint8Array }[] {
    const bounds = reverse
      ? { start: end, exclusiveStart: true, end: start, inclusiveEnd: true, reverse }
      : { start, end };
    const options = limit === undefined ? bounds : { ...bounds, limit };
    try {
      return Array.from(this.#db.getRange(options), ({ key, value }) => ({
        key: copyOf(key),
        value: copyOf(value),
      }));
    } catch (cause) {
      throw corruptError(this.#path, cause);
    }
  }

  /**
   * Applies the writes in one transaction and resolves when they are on disk. The caller waits for one
   * commit before it starts the next.
   *
   * Durability: with `overlappingSync` off, lmdb's write thread runs mdb_txn_commit with its syncs (data by
   * fdatasync, then the meta page through an O_DSYNC descriptor) before it marks the batch committed, and
   * only that mark resolves the promise. Nothing becomes visible to readers earlier. With the package's
   * default (overlapping), the promise of `put` resolves, and readers see the data, before the sync; the
   * throughput of grouped commits was the same within the spread (58 k/s at 32 and 200–230 k/s at 256
   * records of 1 KiB a group), so the stricter setting costs nothing.
   */
  async commit(collect: (writes: Writes) => void): Promise<void> {
    if (this.#broken) throw brokenError();
    this.#slab.reset();
    const writes: Writes = {
      put: (key, ...parts) => void this.#db.put(key, this.#slab.copy(parts)),
      remove: (key) => void this.#db.remove(key),
    };
    try {
      await this.#db.batch(() => collect(writes));
    } catch (error) {
      throw await this.#commitError(error);
    }
  }

  /** Bytes of pages that hold data, without those free for reuse, and the length of the file. */
  usage(): { live: number; file: number } {
    const stats = this.#db.getStats() as Record<string, number>;
    const page = stats.pageSize ?? 0;
    const pages =
      (stats.treeBranchPageCount ?? 0) +
      (stats.treeLeafPageCount ?? 0) +
      (stats.overflowPages ?? 0);
    return { live: pages * page, file: ((stats.lastPageNumber ?? 0) + 1) * page };
  }

  /**
   * Writes a consistent, compacted copy to the new directory `path`, synced to disk; the directory appears
   * whole or not at all. Throws `notWritable` when it exists or cannot be made, and `full`.
   */
  async snapshot(path: string): Promise<void> {
    const partial = `${path}.partial`;
    const clear = (): void => rmSync(partial, { recursive: true, force: true });
    try {
      clear();
      mkdirSync(partial, { recursive: true, mode: PRIVATE });
      await this.#db.backup(partial, true);
      syncToDisk(join(partial, 'data.mdb'));
      syncToDisk(partial);
      renameSync(partial, path);
      syncToDisk(dirname(resolve(path)));
    } catch (cause) {
      if (existsSync(partial)) clear();
      const full = /no space|too large|quota/i.test(String(cause));
      throw new StoreError(
        full ? 'full' : 'notWritable',
        full
          ? `There is no room for a snapshot in ${path}: free disk space or choose another place.`
          : `The snapshot cannot be written to ${path}: give a new directory that this user may create.`,
        { cause, details: { path } },
      );
    }
  }

  async close(): Promise<void> {
    await this.#db.close();
    await this.#lock.release();
  }

  async #requireFormat(path: string, format: Format): Promise<void> {
    const expected = `exedra ${format.purpose} ${format.version}`;
    const stored = this.get(formatKey());
    if (stored === undefined && isEmpty(this.#db)) {
      await this.commit((writes) => writes.put(formatKey(), new TextEncoder().encode(expected)));
      // LMDB syncs its file, but not the directory entries that lead to it.
      syncToDisk(path);
      syncToDisk(dirname(resolve(path)));
      return;
    }
    const found = stored === undefined ? '' : new TextDecoder().decode(stored);
    if (found === expected) return;
    const [, purpose, version] = /^exedra (\S+) (\d+)$/.exec(found) ?? [];
    if (purpose === undefined) {
      throw new StoreError(
        'corrupt',
        `The directory ${path} holds an LMDB database that is not ours: choose another one.`,
        { details: { path } },
      );
    }
    throw new StoreError(
      'wrongVersion',
      `The directory ${path} holds ${purpose} data in format ${version}; this release reads ${format.purpose} data in format ${format.version}: run the release that wrote it, or choose another directory.`,
      { details: { path, purpose, version: Number(version) } },
    );
  }

  /** What a failed commit means. Nothing was applied, unless LMDB no longer knows and says so. */
  async #commitError(error: unknown): Promise<StoreError> {
    const cause = await causeOf(error);
    try {
      // After a failure that leaves the meta page in doubt, LMDB refuses every transaction; and the
      // package's write thread would then hang instead of reporting it. So ask here, synchronously.
      this.#db.transactionSync(() => undefined);
    } catch {
      this.#broken = true;
      return new StoreError('unknown', undefined, { cause });
    }
    return new StoreError(meansFull(cause, this.#path) ? 'full' : 'unavailable', undefined, {
      cause,
    });
  }
}

function openDatabase(path: string): RootDatabase<Uint8Array, Uint8Array> {
  try {
    const state = inspectDataFile(join(path, 'data.mdb'));
    if (state === 'damaged') throw corruptError(path, undefined);
    if (state === 'otherVersion')
      throw new StoreError('wrongVersion', undefined, { details: { path } });
    return open<Uint8Array, Uint8Array>({
      path,
      noSubdir: false,
      keyEncoding: 'binary',
      encoding: 'binary',
      overlappingSync: false,
      // Otherwise each commit has a second promise that nobody can reach, and one that fails (a full disk)
      // ends the process by an unhandled rejection.
      eventTurnBatching: false,
    });
  } catch (cause) {
    throw openError(path, cause);
  }
}

function isEmpty(db: RootDatabase<Uint8Array, Uint8Array>): boolean {
  return (db.getStats() as Record<string, number>).entryCount === 0;
}

function requireWritable(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritableError(path, cause);
  }
}

function syncToDisk(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function copyOf(shared: Uint8Array): Uint8Array {
  // The package overrides `length` on its shared buffer; `subarray` alone would give all of it.
  const copy = new Uint8Array(shared.length);
  copy.set(shared.subarray(0, shared.length));
  return copy;
}
