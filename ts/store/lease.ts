// The lease of a shard, as every engine keeps it: who may write, since which epoch, until when.
// Writing is guarded by the epoch alone; the time only says when another owner may take over.

import { StoreError } from './errors.ts';

export interface LeaseState {
  /** Rises with each acquire, the same owner's included: what an earlier self still sends is fenced. */
  readonly epoch: number;
  /** `undefined` once released. */
  readonly owner: string | undefined;
  /** Milliseconds since the epoch of the clock. */
  readonly until: number;
}

export const noLease: LeaseState = { epoch: 0, owner: undefined, until: 0 };

/** The lease after `owner` takes it at `now`. Throws `held`. */
export function takeLease(
  state: LeaseState,
  shard: string,
  owner: string,
  ttlMs: number,
  now: number,
): LeaseState {
  if (state.owner !== undefined && state.owner !== owner && now < state.until) {
    throw new StoreError(
      'held',
      `Shard ${shard} is held by ${state.owner} for ${state.until - now} ms more: wait, then acquire again.`,
      { details: { shard, owner: state.owner, until: state.until } },
    );
  }
  return { epoch: state.epoch + 1, owner, until: now + ttlMs };
}

/** The lease after its owner extends it, even past its end if nobody took it since. Throws `lost`. */
export function extendLease(
  state: LeaseState,
  shard: string,
  epoch: number,
  ttlMs: number,
  now: number,
): LeaseState {
  if (!isCurrent(state, epoch)) {
    throw new StoreError(
      'lost',
      `Lease ${epoch} of shard ${shard} is over (now ${state.epoch}): stop serving it, or acquire it again.`,
      { details: { shard, epoch: state.epoch } },
    );
  }
  return { ...state, until: now + ttlMs };
}

/** The lease after `epoch` gives it back; unchanged when it had none to give. */
export function releaseLease(state: LeaseState, epoch: number): LeaseState {
  return isCurrent(state, epoch) ? { ...state, owner: undefined, until: 0 } : state;
}

/** Throws `fenced` unless `epoch` is the lease that counts, and `conflict` unless `expectHead` is the head. */
export function checkAppend(
  state: LeaseState,
  shard: string,
  epoch: number,
  head: number,
  expectHead: number,
): void {
  if (!isCurrent(state, epoch)) {
    throw new StoreError(
      'fenced',
      `Lease ${epoch} of shard ${shard} no longer counts (now ${state.epoch}): stop this owner for good.`,
      { details: { shard, epoch: state.epoch } },
    );
  }
  if (head !== expectHead) {
    throw new StoreError(
      'conflict',
      `The head of shard ${shard} is ${head}, not ${expectHead}: read on from there and decide again.`,
      { details: { shard, head } },
    );
  }
}

function isCurrent(state: LeaseState, epoch: number): boolean {
  return state.owner !== undefined && state.epoch === epoch;
}
