// Reads rows of a device's storage; a failure of the storage gets its code.

import { ClientError } from '../errors.ts';
import type { KeyValue, KeyValueRow } from '../key_value.ts';

/** The rows under a prefix, in order. Throws ClientError `storageFailed`. */
export async function loadRows(
  storage: KeyValue,
  prefix: Uint8Array,
): Promise<readonly KeyValueRow[]> {
  try {
    return await storage.load(prefix);
  } catch (cause) {
    throw new ClientError('storageFailed', undefined, { cause });
  }
}
