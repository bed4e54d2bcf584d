// Prepares the patched crates, so that cargo can be called by hand in rust-core. Set-up, build and gate do it by
// themselves.
import { preparePatches } from './support/patches.mjs';
import { findRust } from './support/rust.mjs';
import { printFailure, StepError, Steps } from './support/steps.mjs';

try {
  const rust = await findRust();
  if (rust === undefined) throw new StepError('There is no Rust on this machine that fits.');
  await new Steps(process.stdout).run('patched crates', (note) => preparePatches(rust.env, note));
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
