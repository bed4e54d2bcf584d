// The gate (`npm test`): set-up, then every check from cheap to dear; the last line is `N passed, N failed`.
// `npm test -- lint unit` runs only the checks named; `npm test -- --list` names them.

import { wasmProblems } from './check-wasm.mjs';
import { checkNode, setUp } from './setup.mjs';
import { checks } from './support/checks.mjs';
import { duration, notRun, StepError, Steps } from './support/steps.mjs';

/** @typedef {import('./support/checks.mjs').Result} Result */

const steps = new Steps(process.stdout);
const started = performance.now();
/** @type {{passed: number, failed: number, faults: string[], notRun: string[]}} */
const total = { passed: 0, failed: 0, faults: [], notRun: [] };

/** Runs one check and shows all that it printed if it failed.
 * @param {string} name @param {(note: import('./support/steps.mjs').Note) => Promise<Result>} check */
async function runCheck(name, check) {
  /** @type {Result} */
  let result = { passed: 0, failed: 1, output: '' };
  try {
    await steps.run(name, async (note) => {
      result = await check(note).catch(asResult);
      if (result.failed > 0) throw new StepError(name, result.output);
      return result.detail ?? '';
    });
  } catch {
    console.log(`\n${result.output.trimEnd()}\n`);
    total.faults.push(`${name} (${result.failed})`);
  }
  if (result.detail?.startsWith(notRun)) total.notRun.push(name);
  total.passed += result.passed;
  total.failed += result.failed;
}

/** @param {unknown} error @returns {Result} */
function asResult(error) {
  const output = error instanceof StepError ? `${error.output}\n${error.message}` : String(error);
  return { passed: 0, failed: 1, output };
}

/** The committed WASM package must fit the sources before set-up may rebuild it.
 * @returns {Promise<Result>} */
async function checkCommittedWasm() {
  const problems = wasmProblems();
  if (problems.length === 0) return { passed: 1, failed: 0, output: '' };
  const advice = 'Rebuild with `npm run build:wasm` and commit rust-core/pkg.';
  return { passed: 0, failed: 1, output: [...problems, advice].join('\n') };
}

async function main() {
  const asked = process.argv.slice(2);
  const known = ['wasm package', ...checks.map((check) => check.name)];
  if (asked.includes('--list')) {
    console.log(known.join('\n'));
    return;
  }
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No check is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
    total.failed += unknown.length;
    return;
  }
  const wanted = (/** @type {string} */ name) => asked.length === 0 || asked.includes(name);

  checkNode();
  if (wanted('wasm package')) await runCheck('wasm package', checkCommittedWasm);
  try {
    await setUp(steps);
  } catch (error) {
    // The checks that can run without what is missing still tell what they know.
    const { output } = asResult(error);
    console.log(`\n${output.trim()}\n`);
    total.failed += 1;
    total.faults.push('set-up');
  }
  for (const check of checks) {
    if (wanted(check.name)) await runCheck(check.name, check.run);
  }
}

await main().catch((error) => {
  console.error(error instanceof StepError ? error.message : error);
  total.failed += 1;
});
console.log(`\nTook ${duration(performance.now() - started)}.`);
if (total.notRun.length > 0) console.log(`Not run: ${total.notRun.join(', ')}.`);
if (total.faults.length > 0) console.log(`Failed: ${total.faults.join(', ')}.`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
