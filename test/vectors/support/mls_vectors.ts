// The MLS working group's vectors: the committed slice, or with EXEDRA_MLS_VECTORS a folder with the whole files.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.env.EXEDRA_MLS_VECTORS ?? fileURLToPath(new URL('../mls/', import.meta.url));

/** The entries of a file for the cipher suites of the core; fails where there are none. */
export function mlsVectors<Vector extends { readonly cipher_suite: number }>(
  name: string,
): readonly Vector[] {
  const all: Vector[] = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const ours = all.filter(({ cipher_suite }) => cipher_suite <= 3);
  if (ours.length === 0) throw new Error(`${name} has no vector for a cipher suite of the core.`);
  return ours;
}
