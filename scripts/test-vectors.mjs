// Runs the vector tests on the whole files of the MLS working group, of which the repository has a slice only.
// `npm run test:vectors -- <folder>` takes them from a folder; without, they are fetched once with git.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './support/project.mjs';
import { printFailure, run, StepError, Steps } from './support/steps.mjs';

const source = 'https://github.com/mlswg/mls-implementations';
/** The one that test/vectors/mls/README.md names. */
const commit = 'cfd450286d1bfd9cd2519b95c80f9771f94a5b1a';
const copy = join(root, 'test', 'vectors', '.cache', commit);

/** @param {import('./support/steps.mjs').Note} note */
async function fetchVectors(note) {
  for (const args of [
    ['init', '--quiet', copy],
    ['-C', copy, 'fetch', '--quiet', '--depth', '1', source, commit],
    ['-C', copy, 'checkout', '--quiet', commit],
  ]) {
    const { code, output } = await run('git', args, { onLine: note });
    if (code !== 0) throw new StepError('The vectors cannot be fetched; name a folder.', output);
  }
}

try {
  const steps = new Steps(process.stdout);
  const [given] = process.argv.slice(2);
  const folder = given === undefined ? join(copy, 'test-vectors') : resolve(given);
  if (given === undefined && !existsSync(folder)) await steps.run('MLS vectors', fetchVectors);
  if (!existsSync(join(folder, 'messages.json')))
    throw new StepError(`${folder} has no messages.json.`);
  process.env.EXEDRA_MLS_VECTORS = folder;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  for (const args of [
    [vitest, 'run', '--project', 'vectors'],
    [join(root, 'scripts', 'test-tree-operations.mjs')],
  ]) {
    const { code, output } = await run(process.execPath, args);
    console.log(output.trimEnd());
    if (code !== 0) process.exitCode = code;
  }
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
