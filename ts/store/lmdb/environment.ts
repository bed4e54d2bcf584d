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
  statSync,
  writeSync,
} from 'node:fs';
import { constants as osConstants } from 'node:os';
import { dirname, join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { StoreError } from '../errors.ts';
import { inspectDataFile } from './data_file.ts';
import { type DirectoryLock, lockDirectory } from './directory_lock.ts';
import { formatKey } from './keys.ts';

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

/** LMDB's own error numbers, from lmdb.h. */
const MDB_CORRUPTED = -30796;
const MDB_VERSION_MISMATCH = -30794;
const MDB_INVALID = -30793;
const MDB_MAP_FULL = -30792;

/** More than a usual commit writes. */
const ROOM_PROBE_BYTES = 4 * 1024 * 1024;

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

  get(key: Uint8Array): Uint8Array | undefined {
    const shared = this.#db.getBinaryFast(key);
    return shared === undefined ? undefined : copyOf(shared);
  }

  *scan({ start, end, limit, reverse }: Scan): Generator<{ key: Uint8Array; value: Uint8Array }> {
    const bounds = reverse
      ? { start: end, exclusiveStart: true, end: start, inclusiveEnd: true, reverse }
      : { start, end };
    const options = limit === undefined ? bounds : { ...bounds, limit };
    for (const { key, value } of this.#db.getRange(options)) {
      yield { key: copyOf(key), value: copyOf(value) };
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
      mkdirSync(partial, { recursive: true });
      await this.#db.backup(partial, true);
      syncToDisk(join(partial, 'data.mdb'));
      syncToDisk(partial);
      renameSync(partial, path);
      syncToDisk(dirname(path));
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
    const full = isFull(cause) || (isInputOutput(cause) && !hasRoom(this.#path));
    return new StoreError(full ? 'full' : 'unavailable', undefined, { cause });
  }
}

/** One reusable block for a transaction's values: the package asks for an address once per block. */
class Slab {
  static readonly #BLOCK_BYTES = 1024 * 1024;
  #blocks: Buffer[] = [];
  #block = 0;
  #used = 0;

  reset(): void {
    this.#blocks.length = Math.min(this.#blocks.length, 16);
    this.#block = 0;
    this.#used = 0;
  }

  copy(parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    const target = this.#take(length);
    let offset = 0;
    for (const part of parts) {
      target.set(part, offset);
      offset += part.length;
    }
    return target;
  }

  #take(length: number): Buffer {
    if (length > Slab.#BLOCK_BYTES / 4) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > Slab.#BLOCK_BYTES) {
      this.#block += 1;
      this.#used = 0;
    }
    this.#blocks[this.#block] ??= Buffer.allocUnsafeSlow(Slab.#BLOCK_BYTES);
    const start = this.#used;
    this.#used += length;
    return (this.#blocks[this.#block] as Buffer).subarray(start, this.#used);
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
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritableError(path, cause);
  }
}

function openError(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code } = cause as { code?: unknown };
  const { EACCES, EPERM, EROFS } = osConstants.errno;
  if ([EACCES, EPERM, EROFS, 'EACCES', 'EPERM', 'EROFS'].includes(code as never))
    return notWritableError(path, cause);
  if (code === MDB_INVALID || code === MDB_CORRUPTED) return corruptError(path, cause);
  if (code === MDB_VERSION_MISMATCH) {
    return new StoreError('wrongVersion', undefined, { cause, details: { path } });
  }
  if (isFull(cause)) return new StoreError('full', undefined, { cause, details: { path } });
  return new StoreError(
    'unavailable',
    `The store in ${path} cannot be opened (${String(cause)}): see the cause.`,
    { cause, details: { path } },
  );
}

function notWritableError(path: string, cause: unknown): StoreError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new StoreError(
    'notWritable',
    `The store directory ${path} is not writable (${reason}): give one that this user may create and write.`,
    { cause, details: { path } },
  );
}

function corruptError(path: string, cause: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `The files in ${path} are damaged or not those of a store: restore a snapshot, or choose another directory.`,
    { cause, details: { path } },
  );
}

function brokenError(): StoreError {
  return new StoreError(
    'unavailable',
    'The store stopped after a write failed half-way; nothing was written: open it again.',
  );
}

/** The package rejects with a general error and hands the reason in a promise that rejects later. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  return commitError.then(
    () => error,
    (reason: unknown) => reason,
  );
}

function isFull(cause: unknown): boolean {
  const { ENOSPC, EFBIG, EDQUOT } = osConstants.errno;
  return [MDB_MAP_FULL, ENOSPC, EFBIG, EDQUOT].includes((cause as { code?: number }).code ?? 0);
}

/** LMDB reports a write that was cut short, as a full disk does it, as a general input/output error. */
function isInputOutput(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === osConstants.errno.EIO;
}

/** Whether a file may still grow beyond the data file's size, and the disk has room: by trying. */
function hasRoom(path: string): boolean {
  const probe = join(path, 'room.probe');
  try {
    const { size } = statSync(join(path, 'data.mdb'));
    const handle = openSync(probe, 'w');
    try {
      const bytes = new Uint8Array(ROOM_PROBE_BYTES);
      return writeSync(handle, bytes, 0, bytes.length, size) === bytes.length;
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
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
