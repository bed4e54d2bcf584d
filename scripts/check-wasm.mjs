// Checks that the committed WASM package fits the Rust sources and its own manifest, and holds no path of the
// machine that built it.
import { readFileSync } from 'node:fs';
import { packageProblems, wasmPath } from './support/manifest.mjs';
import { isMain } from './support/project.mjs';

/** Where people's and build machines' files lie; the build maps such paths away. */
const machinePaths =
  /\/(?:home|root|Users|usr\/(?:local|lib|share)|tmp)\/[\w.-]+|registry\/src\/[\w.-]+/g;

/** @param {string} text bytes of a file, read as Latin-1
 * @returns {string[]} */
export function machinePathsIn(text) {
  return [...new Set(text.match(machinePaths) ?? [])];
}

/** @returns {string[]} what is wrong, one sentence each */
export function wasmProblems() {
  const problems = packageProblems();
  if (problems.length > 0) return problems;
  const paths = machinePathsIn(readFileSync(wasmPath(), 'latin1'));
  return paths.map((path) => `The .wasm file names a path of the machine that built it: ${path}`);
}

if (isMain(import.meta.url)) {
  const problems = wasmProblems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error('Rebuild with `npm run build:wasm` and commit rust-core/pkg.');
    process.exitCode = 1;
  }
}
