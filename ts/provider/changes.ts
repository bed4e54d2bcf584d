// Who waits for what: long polls wake when something they are served has become durable.

/** Topics that have listeners; a topic is a client or a room. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes everybody who waits for one of the topics. */
  announce(...topics: readonly string[]): void {
    for (const topic of topics) {
      for (const wake of [...(this.#waiting.get(topic) ?? [])]) wake();
    }
  }

  /** Calls `wake` at each change of one of the topics. Returns how to stop. */
  listen(topics: readonly string[], wake: () => void): () => void {
    for (const topic of topics) {
      const waiting = this.#waiting.get(topic) ?? new Set();
      waiting.add(wake);
      this.#waiting.set(topic, waiting);
    }
    return () => {
      for (const topic of topics) {
        const waiting = this.#waiting.get(topic);
        waiting?.delete(wake);
        if (waiting?.size === 0) this.#waiting.delete(topic);
      }
    };
  }
}
