// Fresh directories for stores under test, removed after each test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A path at which nothing exists yet, in a directory of its own. */
export function freshPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'exedra-store-'));
  made.push(parent);
  return join(parent, 'store');
}
