// Names and places that the search for Rust and its Debian way share.
import { join } from 'node:path';
import { core } from './manifest.mjs';

export const wasmTarget = 'wasm32-unknown-unknown';

/** The folder for what the build installs for itself, kept out of git. */
export const toolsFolder = join(core, '.tools');

/** Where a wasm32 standard library of the project's own making lies.
 * @param {string} version of the compiler */
export function localSysroot(version) {
  return join(toolsFolder, `sysroot-${version}`);
}

/** Whether a version such as `1.95.0` is that old or newer.
 * @param {string} version @param {string} oldest */
export function isAtLeast(version, oldest) {
  const have = version.split('.').map(Number);
  const need = oldest.split('.').map(Number);
  for (let i = 0; i < need.length; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
