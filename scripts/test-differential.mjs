// The long run of rust-core/differential (`npm run test:differential [-- COMMITS [SEED]]`): OpenMLS as published and as
// patched judge 10,000 commits and damaged copies of them.
import { join } from 'node:path';
import { core } from './support/manifest.mjs';
import { preparePatches } from './support/patches.mjs';
import { findRust } from './support/rust.mjs';
import { mustRun, printFailure, StepError, Steps } from './support/steps.mjs';

const [commits = '10000', seed = '1'] = process.argv.slice(2);

try {
  const rust = await findRust();
  if (rust === undefined) throw new StepError('There is no Rust on this machine that fits.');
  await new Steps(process.stdout).run('OpenMLS published and patched', async (note) => {
    await preparePatches(rust.env, note);
    const args = ['run', '--quiet', '--locked', '--release', '--', commits, seed];
    const cwd = join(core, 'differential');
    const output = await mustRun('cargo', args, {
      cwd,
      env: { CARGO_TARGET_DIR: join(core, 'target'), ...rust.env },
      onLine: note,
      whatFailed: 'OpenMLS as published and as patched do not agree.',
    });
    return output.trim().split('\n').at(-1) ?? '';
  });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
