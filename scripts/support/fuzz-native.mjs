// Builds the native fuzz targets (rust-core/fuzz) with libFuzzer and coverage. Stable Rust does: what cargo-fuzz needs
// nightly for is AddressSanitizer, of little use to a crate without unsafe code; the coverage is LLVM's own pass.
import { join } from 'node:path';
import { core } from './manifest.mjs';
import { mustRun } from './steps.mjs';

export const fuzzCrate = join(core, 'fuzz');

const coverage = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
];

/** @param {import('./rust.mjs').Rust} rust @param {import('./steps.mjs').Note} note
 * @returns {Promise<string>} the program */
export async function buildFuzzer(rust, note) {
  const folder = process.env.CARGO_TARGET_DIR ?? join(fuzzCrate, 'target');
  // With --target the flags are for the targets only, not for build scripts and macros.
  const args = ['build', '--release', '--locked', '--features', 'engine', '--target', rust.host];
  const flags = { RUSTFLAGS: coverage.join(' '), CARGO_TARGET_DIR: folder };
  await mustRun('cargo', args, {
    cwd: fuzzCrate,
    env: { ...rust.env, ...flags },
    onLine: note,
    whatFailed: 'The native fuzz targets do not build; libFuzzer needs a C++ compiler.',
  });
  return join(folder, rust.host, 'release', process.platform === 'win32' ? 'fuzz.exe' : 'fuzz');
}
