// The manifest of the WASM package: a package that does not fit its sources, or is not whole, must be found.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machinePathsIn } from '../../../scripts/check-wasm.mjs';
import {
  fileHashes,
  packageProblems,
  sizesOf,
  sourceHash,
} from '../../../scripts/support/manifest.mjs';
import { plant } from './planted.ts';

/** A core folder whose package fits its sources. */
function plantCore(): string {
  const core = plant({
    'Cargo.toml': '[package]\n',
    'Cargo.lock': 'version = 4\n',
    '.cargo/config.toml': '[build]\n',
    'src/lib.rs': 'pub mod a;\n',
    'src/a.rs': 'pub fn a() {}\n',
    'patches/one.patch': '--- a\n',
    'pkg/exedra_core_bg.wasm': 'bytes',
    'pkg/exedra_core.js': 'export {};\n',
  });
  const manifest = { sourceHash: sourceHash(core), files: fileHashes(join(core, 'pkg')) };
  writeFileSync(join(core, 'pkg', 'manifest.json'), JSON.stringify(manifest));
  return core;
}

const stale = 'rust-core/pkg was built from other Rust sources or flags than those at hand.';

describe('the check of the WASM package', () => {
  it('accepts a package that fits its sources', () => {
    expect(packageProblems(plantCore())).toEqual([]);
  });

  it.each(['Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'src/a.rs', 'patches/one.patch'])(
    'refuses a package when %s has changed since',
    (path) => {
      const core = plantCore();
      appendFileSync(join(core, path), '# more\n');
      expect(packageProblems(core)).toEqual([stale]);
    },
  );

  it('refuses a package when a source file came or went since', () => {
    const more = plantCore();
    writeFileSync(join(more, 'src', 'b.rs'), '');
    const less = plantCore();
    rmSync(join(less, 'src', 'a.rs'));
    expect([packageProblems(more), packageProblems(less)]).toEqual([[stale], [stale]]);
  });

  it('takes a checkout with other line ends for the same sources', () => {
    const core = plantCore();
    writeFileSync(join(core, 'src', 'lib.rs'), 'pub mod a;\r\n');
    expect(packageProblems(core)).toEqual([]);
  });

  it('refuses a package with a file changed, missing or added', () => {
    const core = plantCore();
    appendFileSync(join(core, 'pkg', 'exedra_core_bg.wasm'), '!');
    rmSync(join(core, 'pkg', 'exedra_core.js'));
    writeFileSync(join(core, 'pkg', 'extra.js'), '');
    expect(packageProblems(core)).toEqual([
      'rust-core/pkg/exedra_core.js is missing.',
      'rust-core/pkg/exedra_core_bg.wasm is not the file that the manifest lists.',
      'rust-core/pkg/extra.js is not the file that the manifest lists.',
    ]);
  });

  it('refuses a package without a manifest', () => {
    expect(packageProblems(plant({ 'src/lib.rs': '' }))).toEqual([
      'rust-core/pkg/manifest.json is missing.',
    ]);
  });

  it('finds paths of the build machine, and takes mapped ones for none', () => {
    const home = ['', 'home', 'alice', 'exedra'].join('/');
    expect(machinePathsIn(`\0${home}/src/lib.rs\0`)).toEqual(['/home/alice']);
    expect(
      machinePathsIn('/rustc/59807/library/alloc/src/raw_vec.rs /crates/openmls-0.9.2/src/lib.rs'),
    ).toEqual([]);
  });

  it('tells the raw, gzip and brotli sizes', () => {
    const sizes = sizesOf(new Uint8Array(100_000));
    expect(sizes.raw).toBe(100_000);
    expect(sizes.gzip).toBeLessThan(200);
    expect(sizes.brotli).toBeLessThan(100);
  });
});
