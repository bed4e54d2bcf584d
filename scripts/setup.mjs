// Sets the project up: packages, the WASM core, dist/. Does only what is missing or out of date, needs
// nothing but Node and npm, and says nothing when there is nothing to do. `--build` builds dist/ anew.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildLibrary, libraryIsCurrent } from './support/library.mjs';
import { installPackages, packagesAreCurrent } from './support/packages.mjs';
import { isMain, root } from './support/project.mjs';
import { printFailure, StepError, Steps } from './support/steps.mjs';
import { prepareWasm, wasmIsReady } from './support/wasm.mjs';

/** The oldest Node that the dependencies run on, as package.json's `engines` says. */
const oldestNode = [20, 19];

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = oldestNode;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new StepError(
    `Exedra needs Node ${oldestNode.join('.')} or newer; this is ${process.version}.`,
  );
}

/** Brings packages, WASM and dist/ up to date.
 * @param {Steps} steps */
export async function setUp(steps) {
  checkNode();
  if (!packagesAreCurrent()) await steps.run('npm packages', installPackages);
  if (!wasmIsReady()) await prepareWasm(steps);
  if (!libraryIsCurrent()) await steps.run('library (dist/)', buildLibrary);
}

if (isMain(import.meta.url)) {
  try {
    if (process.argv.includes('--build'))
      rmSync(join(root, 'dist'), { recursive: true, force: true });
    // On the error stream: the output belongs to the command that follows.
    await setUp(new Steps(process.stderr));
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}
