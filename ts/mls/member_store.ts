// A device's MLS state as rows in memory, with a journal of the rows that the host has still to save.

import type * as glue from '../../rust-core/pkg/exedra_core.js';
import { Handle } from './handle.ts';
import { core } from './instance.ts';
import { Reply } from './reply.ts';
import type { Row } from './types.ts';

/**
 * Everything a device's MLS state is. Identities, key packages and groups write into it; the host saves what
 * `pending` gives, in one write, before it sends or shows anything that depends on it, then calls `confirm`.
 * The rows contain private keys: store them accordingly.
 */
export class MemberStore implements Disposable {
  readonly #handle: Handle<glue.CoreStore>;

  private constructor(inner: glue.CoreStore) {
    this.#handle = new Handle(inner);
  }

  /** An empty store. */
  static create(): MemberStore {
    return new MemberStore(core(({ CoreStore }) => new CoreStore()));
  }

  /** A store with the rows that were saved; none of them is pending. */
  static restore(rows: Iterable<Row>): MemberStore {
    const store = MemberStore.create();
    store.#handle.use((inner) => {
      for (const { key, value } of rows) {
        if (value !== undefined) inner.restoreRow(key, value);
      }
    });
    return store;
  }

  /**
   * The rows that changed since the last confirmed write, the last value per key. Calling it changes nothing;
   * a later call gives these rows again, and what changed since, until `confirm(upTo)`.
   */
  pending(): { readonly upTo: number; readonly rows: Row[] } {
    const reply = new Reply(this.#handle.use((inner) => inner.pending()));
    const upTo = Number(reply.u64());
    const rows = reply.list((r) => ({ key: r.bytes(), value: r.optional((v) => v.bytes()) }));
    return { upTo, rows };
  }

  /** The host has saved the rows of the `pending()` that gave `upTo`; rows changed since stay pending. */
  confirm(upTo: number): void {
    this.#handle.use((inner) => inner.confirm(upTo));
  }

  /** All rows of the store, for a full copy. */
  rows(): Row[] {
    const reply = new Reply(this.#handle.use((inner) => inner.rows()));
    return reply.list((r) => ({ key: r.bytes(), value: r.bytes() }));
  }

  /** For the other handles of this folder. */
  get inner(): glue.CoreStore {
    return this.#handle.inner;
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}
