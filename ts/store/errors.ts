// The store's error codes: what an engine of the Store interface may throw, and what opening one may.
// `held` to `full` are the outcomes that ts/provider/store.ts promises; the others come from opening only.

import { errorClass } from '../errors.ts';

export const storeErrors = {
  held: {
    kind: 'dependency',
    means: 'Another owner holds the lease of this shard.',
    remedy: 'Wait until the lease ends or is released, then acquire again.',
  },
  lost: {
    kind: 'dependency',
    means: 'The lease of this shard was released or taken over.',
    remedy: 'Stop serving the shard; acquire it again before writing.',
  },
  conflict: {
    kind: 'dependency',
    means: 'The head of the shard is not the expected one, so nothing was written.',
    remedy: 'Read on from `details.head` and decide again.',
  },
  fenced: {
    kind: 'dependency',
    means: 'A later lease of this shard exists, so nothing was written.',
    remedy: 'Stop this owner for good; `details.epoch` is the lease that counts.',
  },
  unavailable: {
    kind: 'dependency',
    means: 'The store cannot be reached or is closed; nothing was written.',
    remedy: 'Try again once the store is open and reachable.',
  },
  unknown: {
    kind: 'dependency',
    means: 'The store does not know whether the write took place.',
    remedy: 'Read the head or look the request id up; never repeat the write blindly.',
  },
  tooLarge: {
    kind: 'caller',
    means: 'A record, row, name or batch is over the limit of the store, so nothing was written.',
    remedy: 'Write less at once, or raise the limits the store was opened with.',
  },
  full: {
    kind: 'dependency',
    means: 'The store has no room left, so nothing was written; reading still works.',
    remedy: 'Free disk space or raise the size limit of the store.',
  },
  notWritable: {
    kind: 'caller',
    means: 'The store directory cannot be created or written.',
    remedy: 'Give a directory that this user may write to.',
  },
  locked: {
    kind: 'caller',
    means: 'The store is open already, here or in another process.',
    remedy: 'Stop the other process, or choose another directory.',
  },
  wrongVersion: {
    kind: 'caller',
    means: 'The store was written in a data format that this release does not know.',
    remedy: 'Run the release that wrote it, or choose another directory.',
  },
  corrupt: {
    kind: 'dependency',
    means: 'The files in the store directory are damaged or not those of a store.',
    remedy: 'Restore the directory from a snapshot, or choose another one.',
  },
} as const;

/** Every failure of a store. The codes are the keys of `storeErrors`. */
export class StoreError extends errorClass('StoreError', 'store', storeErrors) {}
