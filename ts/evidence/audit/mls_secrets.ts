// The secrets in the rows of a device's MLS state: what the audit searches for as keys of messages and epochs.
// The rows are in the format of rust-core/src/codec.rs; their labels are those of rust-core/src/storage.rs.

/** Labels of a group's rows that hold secrets: of messages, of the epoch, of exports. */
const SECRET_ROWS = new Map([
  [10, 'message key'],
  [13, 'secret of an epoch'],
  [14, 'export secret'],
]);
/** Labels of rows that servers may know: transcript hash, tree, context, confirmation tag. */
const PUBLIC_ROWS = new Set([5, 6, 7, 8]);

/** A byte string of 32 octets in the row codec: its tag, its length. */
const BYTES_TAG = 9;
const SECRET_BYTES = 32;

/** A secret and what it is. */
export interface MlsSecret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Collects the secrets of one device's rows as they are written. */
export class MlsSecrets {
  /** What has stood in a public row, as latin1. */
  readonly #public = new Set<string>();

  /**
   * The secrets in some rows that are written together; `key` begins with the row's label. What also stands in a public
   * row, such as a member's key in the state of a past epoch, is none.
   */
  in(rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]): MlsSecret[] {
    for (const { key, value } of rows) {
      if (!PUBLIC_ROWS.has(key[0] ?? 0)) continue;
      for (const bytes of stringsOf32(value)) this.#public.add(latin1(bytes));
    }
    return rows.flatMap(({ key, value }) => {
      const name = SECRET_ROWS.get(key[0] ?? 0);
      if (name === undefined) return [];
      return stringsOf32(value)
        .filter((bytes) => !this.#public.has(latin1(bytes)))
        .map((bytes) => ({ name, bytes }));
    });
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function stringsOf32(value: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 + SECRET_BYTES <= value.length; at++) {
    if (value[at] !== BYTES_TAG || value[at + 1] !== SECRET_BYTES) continue;
    found.push(value.slice(at + 2, at + 2 + SECRET_BYTES));
    at += 1 + SECRET_BYTES;
  }
  return found;
}
