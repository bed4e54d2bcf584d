// What the failures of LMDB and of the disk under it mean as StoreErrors.

import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../errors.ts';

/** LMDB's own error numbers, from lmdb.h. */
const MDB_CORRUPTED = -30796;
const MDB_VERSION_MISMATCH = -30794;
const MDB_INVALID = -30793;
const MDB_MAP_FULL = -30792;

/** More than a usual commit writes. */
const ROOM_PROBE_BYTES = 4 * 1024 * 1024;

export function openError(path: string, cause: unknown): StoreError {
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

export function notWritableError(path: string, cause: unknown): StoreError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new StoreError(
    'notWritable',
    `The store directory ${path} is not writable (${reason}): give one that this user may create and write.`,
    { cause, details: { path } },
  );
}

export function corruptError(path: string, cause: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `The files in ${path} are damaged or not those of a store: restore a snapshot, or choose another directory.`,
    { cause, details: { path } },
  );
}

export function brokenError(): StoreError {
  return new StoreError(
    'unavailable',
    'The store stopped after a write failed half-way; nothing was written: open it again.',
  );
}

/** The package rejects with a general error and hands the reason in a promise that rejects later. */
export async function causeOf(error: unknown): Promise<unknown> {
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

/** Whether a failed commit means that there is no room left in the store directory `path`. */
export function meansFull(cause: unknown, path: string): boolean {
  return isFull(cause) || (isInputOutput(cause) && !hasRoom(path));
}
