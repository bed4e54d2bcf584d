// Listeners for appends, shard by shard, within one process: the `wake` of the Store interface.

export class WakeList {
  readonly #listeners = new Map<string, Set<() => void>>();

  add(shard: string, listener: () => void): () => void {
    // A fresh function for each call, so that adding the same listener twice needs stopping twice.
    const entry = (): void => listener();
    const entries = this.#listeners.get(shard) ?? new Set();
    this.#listeners.set(shard, entries.add(entry));
    return () => {
      entries.delete(entry);
      if (entries.size === 0 && this.#listeners.get(shard) === entries) {
        this.#listeners.delete(shard);
      }
    };
  }

  /** Calls in a later microtask: a listener that throws must not turn a durable append into a failed one. */
  notify(shard: string): void {
    for (const entry of this.#listeners.get(shard) ?? []) queueMicrotask(entry);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
