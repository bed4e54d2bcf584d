// The secrets in the rows of a device's MLS state: what the audit searches for as keys of messages and epochs.
// The rows are in the format of rust-core/src/codec.rs; their labels are those of rust-core/src/storage.rs.

import { mustBe } from './error.ts';

/** Labels of a group's rows that hold secrets: of messages, of the epoch, of exports. */
const SECRET_ROWS = new Map([
  [10, 'message key'],
  [13, 'secret of an epoch'],
  [14, 'export secret'],
]);
/** Labels of rows that servers may know: transcript hash, tree, context, confirmation tag. */
const PUBLIC_ROWS = new Set([5, 6, 7, 8]);

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

/** What follows a tag of the row codec: nothing, one octet, a number, eight octets, or as many as a number says. */
const FOLLOWS = [
  'nothing',
  'nothing',
  'nothing',
  'nothing',
  'nothing',
  'octet',
  'number',
  'number',
  'eight',
  'bytes',
  'bytes',
  'number',
  'number',
  'number',
  'number',
] as const;
const BYTES_TAG = 9;

/** The byte strings of 32 octets in a row, behind its version: none of those that stand inside others. */
function stringsOf32(row: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 1; at < row.length; ) {
    const tag = row[at++] as number;
    const follows = FOLLOWS[tag];
    mustBe(
      follows !== undefined,
      `the rows of devices are in the format of rust-core, not of tag ${tag}`,
    );
    if (follows === 'octet') at += 1;
    if (follows === 'eight') at += 8;
    if (follows !== 'number' && follows !== 'bytes') continue;
    const [number, end] = leb128(row, at);
    at = end;
    if (follows === 'number') continue;
    if (tag === BYTES_TAG && number === SECRET_BYTES) found.push(row.slice(at, at + number));
    at += number;
  }
  return found;
}

/** A number of seven bits an octet, the lowest first, and where it ends. */
function leb128(bytes: Uint8Array, from: number): [value: number, end: number] {
  let value = 0;
  let at = from;
  for (let factor = 1; ; factor *= 128) {
    const octet = bytes[at++] as number;
    value += (octet & 0x7f) * factor;
    if (octet < 0x80 || at >= bytes.length) return [value, at];
  }
}
