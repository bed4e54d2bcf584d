// The patched crates: what pins them, since cargo takes them for folders.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { core } from '../../../scripts/support/manifest.mjs';
import { patchedCrates } from '../../../scripts/support/patches.mjs';

const lock = readFileSync(join(core, 'Cargo.lock'), 'utf8');

/** The checksum of the crate in the lock file of the differential test, which has it as published, too. */
function publishedChecksum(name: string, version: string): string | undefined {
  const other = readFileSync(join(core, 'differential', 'Cargo.lock'), 'utf8');
  const entry = new RegExp(
    `name = "${name}"\nversion = "${version}"\nsource = .*\nchecksum = "(.*)"`,
  );
  return entry.exec(other)?.[1];
}

describe.each(patchedCrates())('$name', ({ name, version, checksum, patches }) => {
  test('is in the lock file in the version that the patches are for, from no registry', () => {
    expect(lock).toContain(`name = "${name}"\nversion = "${version}"\ndependencies`);
  });

  test('is pinned by the checksum that cargo knows of the published crate', () => {
    expect(checksum).toBe(publishedChecksum(name, version));
  });

  test('has patches that say in their first line what they do', () => {
    for (const patch of patches) {
      const [first] = readFileSync(join(core, 'patches', patch), 'utf8').split('\n');
      expect(first).toMatch(/^[A-Z].{10,}/);
    }
  });
});

test('every patch is applied to a crate', () => {
  const named = patchedCrates().flatMap((crate) => crate.patches);
  const found = readdirSync(join(core, 'patches')).filter((name) => name.endsWith('.patch'));
  expect(found.sort()).toEqual(named.sort());
});
