// Keeps the paths of this machine out of what the compiler makes: panics name source files.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { core } from './manifest.mjs';
import { preparePatches } from './patches.mjs';
import { root } from './project.mjs';
import { mustRun } from './steps.mjs';

const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');

/** Fetches, unpacks and patches the crates of the core, so that the folders to be mapped away are known.
 * @param {import('./rust.mjs').Rust} rust @param {import('./steps.mjs').Note} note */
export async function fetchCrates(rust, note) {
  await preparePatches(rust.env, note);
  await mustRun('cargo', ['fetch', '--locked'], { cwd: core, env: rust.env, onLine: note });
}

/** Compiler flags that give folders of this machine neutral names; of two that fit, the later one counts.
 * @param {import('./rust.mjs').Rust} rust
 * @returns {string[]} */
export function pathMapFlags(rust) {
  const registry = join(cargoHome, 'registry', 'src');
  const indexes = existsSync(registry) ? readdirSync(registry) : [];
  const map = [
    [cargoHome, '/cargo'],
    ...indexes.map((index) => [join(registry, index), '/crates']),
    [rust.sysroot, '/rust'],
    [join(rust.sysroot, 'lib', 'rustlib', 'src', 'rust'), `/rustc/${rust.commit}`],
    [root, '/exedra'],
  ];
  return map.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}
