// Builds the native rival of the benchmarks (bench/native), where there is Rust; the benchmarks say when it is missing.
import { join } from 'node:path';
import { root } from './support/project.mjs';
import { findRust } from './support/rust.mjs';
import { printFailure, run, StepError, Steps } from './support/steps.mjs';

const folder = join(root, 'bench', 'native');

try {
  const rust = await findRust();
  if (rust === undefined) {
    console.error('bench: there is no Rust on this machine, so that native OpenMLS is left out');
  } else {
    // On the error stream: the output belongs to the table.
    await new Steps(process.stderr).run('native rival (bench/native)', async (note) => {
      const options = { cwd: folder, env: rust.env, onLine: note };
      const { code, output } = await run('cargo', ['build', '--release', '--locked'], options);
      if (code !== 0) throw new StepError('The native rival does not build.', output);
    });
  }
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
