// OpenMLS's own library tests on the crate as published and as the core builds it (`npm run test:openmls`): the patches
// must not change the outcome of any. The crate comes without the vectors that some tests compile in; `--vectors FOLDER`
// names a copy of `openmls/test_vectors` of its repository. Without it those tests get empty files, in both copies.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { core } from './support/manifest.mjs';
import {
  fetchPublished,
  patchedCrates,
  patchedFolder,
  preparePatches,
} from './support/patches.mjs';
import { filesBelow } from './support/project.mjs';
import { findRust } from './support/rust.mjs';
import { printFailure, run, StepError, Steps } from './support/steps.mjs';

const folder = join(core, 'target', 'openmls-tests');
const features = 'test-utils,extensions-draft,extensions-draft-test-dependencies';

/** @typedef {Map<string, string>} Results outcome by test */

/** Puts a copy where it can be tested: with vectors beside it.
 * @param {string} name @param {string} from @param {string | undefined} vectors */
function prepare(name, from, vectors) {
  const copy = join(folder, name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(from, copy, { recursive: true });
  // The published manifest leaves out that the tests depend on the crate itself by its name.
  appendFileSync(join(copy, 'src', 'lib.rs'), '\n#[cfg(test)]\nextern crate self as openmls;\n');
  const to = join(copy, 'test_vectors');
  mkdirSync(to);
  for (const file of namedVectors(copy)) {
    const given = vectors === undefined ? undefined : join(vectors, file);
    if (given !== undefined && existsSync(given)) cpSync(given, join(to, file));
    else writeFileSync(join(to, file), '[]');
  }
  return copy;
}

/** The vector files that the sources name.
 * @param {string} copy */
function namedVectors(copy) {
  const texts = filesBelow(join(copy, 'src'), copy).map((path) =>
    readFileSync(join(copy, path), 'utf8'),
  );
  const names = texts.flatMap((text) =>
    [...text.matchAll(/test_vectors\/([\w.-]+\.json)/g)].map((match) => match[1] ?? ''),
  );
  return new Set(names);
}

/** @param {string} copy @param {NodeJS.ProcessEnv} env @param {import('./support/steps.mjs').Note} note
 * @returns {Promise<Results>} */
async function test(copy, env, note) {
  const args = ['test', '--locked', '--lib', '--no-fail-fast', '--features', features];
  const { output } = await run('cargo', args, {
    cwd: copy,
    // Unoptimized, the cryptography alone would take minutes.
    // And without a log, whose lines would break those of the results.
    env: {
      ...env,
      CARGO_TARGET_DIR: join(folder, 'build'),
      CARGO_PROFILE_DEV_OPT_LEVEL: '1',
      RUST_LOG: 'off',
    },
    onLine: note,
  });
  const results = new Map(
    [...output.matchAll(/^test (\S+)(?: - should panic)? \.\.\. (\w+)$/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  if (results.size === 0) throw new StepError('OpenMLS’s tests did not run.', output);
  return results;
}

/** @param {Results} results @param {string} wanted */
const namesOf = (results, wanted) =>
  [...results].filter(([, outcome]) => outcome === wanted).map(([name]) => name);

/** @param {Results} results */
const failedIn = (results) => namesOf(results, 'FAILED');

async function main() {
  const { values } = parseArgs({ options: { vectors: { type: 'string' } } });
  const vectors = values.vectors === undefined ? undefined : resolve(values.vectors);
  if (vectors !== undefined && !existsSync(vectors)) throw new StepError(`No folder ${vectors}.`);
  const rust = await findRust();
  if (rust === undefined) throw new StepError('There is no Rust on this machine that fits.');
  const openmls = patchedCrates().find(({ name }) => name === 'openmls');
  if (openmls === undefined)
    throw new StepError('OpenMLS is not patched: there is nothing to compare.');
  const steps = new Steps(process.stdout);
  /** @type {Record<string, Results>} */
  const results = {};
  /** @param {string} name @param {(note: import('./support/steps.mjs').Note) => Promise<string>} from */
  const runOn = (name, from) =>
    steps.run(`OpenMLS ${openmls.version}, ${name}`, async (note) => {
      const copy = prepare(name, await from(note), vectors);
      const found = await test(copy, rust.env, note);
      results[name] = found;
      const counts = ['ok', 'FAILED', 'ignored'].map((outcome) => namesOf(found, outcome).length);
      return `${counts[0]} passed, ${counts[1]} failed, ${counts[2]} ignored by OpenMLS itself`;
    });
  await runOn('published', async (note) => {
    return (await fetchPublished(rust.env, note)).get('openmls') ?? '';
  });
  await runOn('patched', async (note) => {
    await preparePatches(rust.env, note);
    return patchedFolder(openmls);
  });
  const { published = new Map(), patched = new Map() } = results;
  for (const name of failedIn(patched)) console.log(`    failed in both: ${name}`);
  const names = new Set([...published.keys(), ...patched.keys()]);
  const differing = [...names].filter((name) => published.get(name) !== patched.get(name));
  if (differing.length > 0) {
    throw new StepError(`The patches change the outcome of: ${differing.join(', ')}`);
  }
}

await main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
