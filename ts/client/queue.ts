// Runs asynchronous work one at a time, in the order of asking.

/** A queue of work. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Whether work runs or waits. */
  get busy(): boolean {
    return this.#length > 0;
  }

  /** Runs `work` when all work before it has ended, well or not; gives what it gives. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    this.#length += 1;
    const result = this.#last.then(work).finally(() => {
      this.#length -= 1;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A queue for each key; those that are idle take no memory. */
export class Queues<Key> {
  readonly #queues = new Map<Key, Queue>();

  busy(key: Key): boolean {
    return this.#queues.has(key);
  }

  async run<T>(key: Key, work: () => T | Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? new Queue();
    this.#queues.set(key, queue);
    try {
      return await queue.run(work);
    } finally {
      if (!queue.busy) this.#queues.delete(key);
    }
  }
}
