// What all handles share: they own one object in WebAssembly memory, give it back once, and refuse use afterwards.

import { MlsError } from './errors.ts';
import { core, instanceIsDead } from './instance.ts';

interface Freeable {
  free(): void;
}

/** Owns an object in WebAssembly memory. */
export class Handle<Inner extends Freeable> {
  #inner: Inner | undefined;

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  /** Runs `call` on the object under the guard. Throws MlsError `disposed` after `dispose`. */
  use<T>(call: (inner: Inner) => T): T {
    const inner = this.inner;
    return core(() => call(inner));
  }

  /** The object itself, to pass into another call. Throws MlsError `disposed`. */
  get inner(): Inner {
    if (this.#inner === undefined) throw new MlsError('disposed');
    return this.#inner;
  }

  /** Gives the memory back; a second call does nothing. */
  dispose(): void {
    const inner = this.#inner;
    this.#inner = undefined;
    // A dead instance's memory goes with the instance.
    if (inner !== undefined && !instanceIsDead()) core(() => inner.free());
  }
}
