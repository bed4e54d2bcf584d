// A device's key-value rows on LMDB: what a Node program hands to the client to keep its state in.
// The shape is the client's KeyValue interface (ts/client/key_value.ts); layers keep it structural.

import { checkRows, defaultLimits } from './limits.ts';
import { CommitQueue, closedError } from './lmdb/commit_queue.ts';
import { Environment, type Writes } from './lmdb/environment.ts';
import { deviceKey, deviceRange } from './lmdb/keys.ts';

export interface DeviceRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface DeviceRows {
  /** All rows whose key begins with `prefix`, in bytewise key order; all rows without one. */
  load(prefix?: Uint8Array): Promise<DeviceRow[]>;
  /**
   * Writes and (`undefined`) deletes rows: all or nothing, on disk before it resolves; calls apply in order.
   * Throws `tooLarge`, `full`, `unavailable`, `unknown`.
   */
  write(
    rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[],
  ): Promise<void>;
  close(): Promise<void>;
}

const FORMAT = { purpose: 'device', version: 1 } as const;

/**
 * Opens a device's rows in the directory `path`, for this process alone.
 * Throws `notWritable`, `locked`, `wrongVersion`, `corrupt`, `full`.
 */
export async function openLmdbKeyValue(options: { readonly path: string }): Promise<DeviceRows> {
  const environment = await Environment.open(options.path, FORMAT);
  const nothing = (): void => {};
  const queue = new CommitQueue(environment, {
    seal: nothing,
    committed: nothing,
    failed: nothing,
  });
  let closing: Promise<void> | undefined;
  return {
    async load(prefix = new Uint8Array(0)) {
      if (closing !== undefined) throw closedError();
      const rows = environment.scan(deviceRange(prefix));
      return rows.map(({ key, value }) => ({ key: key.subarray(1), value }));
    },
    async write(rows) {
      const bytes = checkRows(rows, defaultLimits);
      const run = (writes: Writes): void => {
        for (const { key, value } of rows) {
          if (value === undefined) writes.remove(deviceKey(key));
          else writes.put(deviceKey(key), value);
        }
      };
      await queue.add({ bytes, run });
    },
    close() {
      closing ??= queue.close().then(() => environment.close());
      return closing;
    },
  };
}
