// Group commit: operations that arrive while a commit is on its way to disk share the next one.
// At most one commit is under way, so an operation always sees the outcome of all before it.

import { StoreError } from '../errors.ts';
import type { Environment, Writes } from './environment.ts';

/** One all-or-nothing operation of a group. */
export interface Operation<Result> {
  /** Decides on the state all earlier operations left, and writes. A throw refuses and must leave no trace. */
  readonly run: (writes: Writes) => Result;
  /** Needs a transaction of its own, because it reads what others of a group may have written. */
  readonly alone?: boolean;
  /** About how many bytes it writes. */
  readonly bytes?: number;
}

/** What the owner of the queue does around a group. */
export interface GroupHooks {
  /** After all operations of a group ran: what to write besides. */
  readonly seal: (writes: Writes) => void;
  /** The group is on disk. */
  readonly committed: () => void;
  /** Nothing of the group was applied: go back to the committed state. */
  readonly failed: () => void;
}

interface Entry {
  readonly operation: Operation<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds a group, so that one commit's memory and latency stay bounded. */
const GROUP_BYTES = 16 * 1024 * 1024;
const GROUP_OPERATIONS = 4096;

export class CommitQueue {
  readonly #environment: Environment;
  readonly #hooks: GroupHooks;
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(environment: Environment, hooks: GroupHooks) {
    this.#environment = environment;
    this.#hooks = hooks;
  }

  /** Resolves with the operation's result once its group is on disk. */
  add<Result>(operation: Operation<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ operation, resolve: resolve as (result: unknown) => void, reject });
      this.#running ??= this.#run();
    });
  }

  /** Refuses new operations and waits for those that were accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // Let the callers of this turn join the first group.
    await undefined;
    while (this.#waiting.length > 0) await this.#commitGroup(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): Entry[] {
    let bytes = 0;
    let count = 0;
    for (const { operation } of this.#waiting) {
      if (count > 0 && (operation.alone || bytes >= GROUP_BYTES)) break;
      if (count >= GROUP_OPERATIONS) break;
      count += 1;
      bytes += operation.bytes ?? 0;
      if (operation.alone) break;
    }
    const group = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return group;
  }

  async #commitGroup(group: readonly Entry[]): Promise<void> {
    // Nobody hears an outcome before the commit: a refusal may rest on writes of the same group.
    const settle: (() => void)[] = [];
    try {
      await this.#environment.commit((writes) => {
        for (const { operation, resolve, reject } of group) {
          try {
            const result = operation.run(writes);
            settle.push(() => resolve(result));
          } catch (error) {
            settle.push(() => reject(error));
          }
        }
        this.#hooks.seal(writes);
      });
    } catch (error) {
      this.#hooks.failed();
      for (const { reject } of group) reject(error);
      return;
    }
    this.#hooks.committed();
    for (const tell of settle) tell();
  }
}

export function closedError(): StoreError {
  return new StoreError('unavailable', 'The store is closed: open it again to use it.');
}
