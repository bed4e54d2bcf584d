// What the LMDB engine keeps in memory of each shard: the committed head, and the one a group is building.

import { type LeaseState, noLease } from '../lease.ts';
import type { Environment, Writes } from './environment.ts';
import { decodeShardRow, encodeShardRow, Kind, shardKey } from './keys.ts';

/** How far a shard's log goes. */
export interface LogState {
  readonly head: number;
  /** Positions up to here are gone. */
  readonly trimmed: number;
}

export class ShardState {
  readonly name: string;
  readonly number: number;
  lease: LeaseState;
  /** What is on disk. */
  committed: LogState;
  /** What will be once the group under way is on disk. */
  pending: LogState;
  /** Cursors as the group under way leaves them; read from disk when missing. */
  cursors: Map<string, number> | undefined;
  /** The group under way took the lease. */
  leaseTaken = false;
  /** The group under way appended. */
  appended = false;

  constructor(name: string, number: number, epoch: number, log: LogState) {
    this.name = name;
    this.number = number;
    this.lease = { ...noLease, epoch };
    this.committed = log;
    this.pending = log;
  }
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

export class Shards {
  readonly #states = new Map<string, ShardState>();
  readonly #touched = new Set<ShardState>();
  #nextNumber = 1;

  /** Reads all shard rows: a provider has hundreds, and each is looked up with every operation. */
  constructor(environment: Environment) {
    const rows = environment.scan({
      start: Uint8Array.of(Kind.shard),
      end: Uint8Array.of(Kind.shard + 1),
    });
    for (const { key, value } of rows) {
      const name = text.decode(key.subarray(1));
      const { number, epoch, head, trimmed } = decodeShardRow(value);
      this.#states.set(name, new ShardState(name, number, epoch, { head, trimmed }));
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    }
  }

  find(name: string): ShardState | undefined {
    return this.#states.get(name);
  }

  /** The shard for a write; made when it does not exist yet. Its row is written with the group. */
  touch(name: string): ShardState {
    let state = this.#states.get(name);
    if (state === undefined) {
      state = new ShardState(name, this.#nextNumber, 0, { head: 0, trimmed: 0 });
      this.#nextNumber += 1;
      this.#states.set(name, state);
    }
    this.#touched.add(state);
    return state;
  }

  /** Writes the row of each touched shard, once a group. */
  writeRows(writes: Writes): void {
    for (const { name, number, lease, pending } of this.#touched) {
      writes.put(
        shardKey(utf8.encode(name)),
        encodeShardRow({ number, epoch: lease.epoch, ...pending }),
      );
    }
  }

  /** The group is on disk; gives the names of shards it appended to. */
  commit(): string[] {
    const appended: string[] = [];
    for (const state of this.#touched) {
      state.committed = state.pending;
      if (state.appended) appended.push(state.name);
      this.#settle(state);
    }
    this.#touched.clear();
    return appended;
  }

  /** The group failed. A lease it took is void, but its epoch is spent: epochs only ever rise. */
  rollBack(): void {
    for (const state of this.#touched) {
      state.pending = state.committed;
      state.cursors = undefined;
      if (state.leaseTaken) state.lease = { ...noLease, epoch: state.lease.epoch };
      this.#settle(state);
    }
    this.#touched.clear();
  }

  #settle(state: ShardState): void {
    state.appended = false;
    state.leaseTaken = false;
  }
}
