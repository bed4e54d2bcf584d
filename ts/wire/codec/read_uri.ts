// A MIMI URI as a text field of a struct.

import type { Reader } from './reader.ts';

/** Reads a URI; `as` brands it, and what it refuses is `invalidUri` with its place in the input. */
export function readUri<Uri>(reader: Reader, name: string, as: (text: string) => Uri): Uri {
  const at = reader.offset;
  const text = reader.text(name);
  try {
    return as(text);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'Not a MIMI URI.';
    throw reader.error('invalidUri', what, name, at, cause);
  }
}
