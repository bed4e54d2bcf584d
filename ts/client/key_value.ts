// What a device asks of the storage that an app gives it, and a version in memory.
// The rows hold private keys: a storage that outlives the process should be encrypted by its host.

import { hex } from './bytes.ts';

/** A stored row. */
export interface KeyValueRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A row to write; `undefined` deletes the key. */
export interface KeyValueChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/**
 * Durable rows of one device. Two devices never share one. Keys are up to about 1 KiB, values up to some MiB.
 * Whatever a method throws reaches the app as ClientError `storageFailed`, with the cause.
 */
export interface KeyValue {
  /** The rows whose key begins with `prefix` (all when absent), in bytewise order of the keys. */
  load(prefix?: Uint8Array): Promise<readonly KeyValueRow[]>;
  /** All of the changes or none, durable before it returns; of two changes of one key the later counts. */
  write(changes: readonly KeyValueChange[]): Promise<void>;
  close(): Promise<void>;
}

/** Rows in memory, for tests and for devices that need not survive the process. `rows` is where it begins. */
export function memoryKeyValue(rows: Iterable<KeyValueRow> = []): KeyValue {
  const byKey = new Map<string, KeyValueRow>();
  // Copies on the way in and out: a caller's later change of its array is no write.
  const copy = ({ key, value }: KeyValueRow) => ({ key: key.slice(), value: value.slice() });
  for (const row of rows) byKey.set(hex(row.key), copy(row));
  return {
    async load(prefix = new Uint8Array()) {
      const wanted = hex(prefix);
      return [...byKey.keys()]
        .filter((key) => key.startsWith(wanted))
        .sort()
        .map((key) => copy(byKey.get(key) as KeyValueRow));
    },
    async write(changes) {
      for (const { key, value } of changes) {
        if (value === undefined) byKey.delete(hex(key));
        else byKey.set(hex(key), copy({ key, value }));
      }
    },
    async close() {},
  };
}
