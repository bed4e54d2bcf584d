// The checks of the gate, in their order: commands that pass or fail as one, then the tests, counted one by one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { core } from './manifest.mjs';
import { preparePatches } from './patches.mjs';
import { filesBelow, root } from './project.mjs';
import { findRust, findWasmRust, requireComponent } from './rust.mjs';
import { notRun, run } from './steps.mjs';

/**
 * @typedef {{passed: number, failed: number, output: string, detail?: string}} Result
 * @typedef {{name: string, run: (note: import('./steps.mjs').Note) => Promise<Result>}} Check
 */

/** No kind of test may take longer; a hanging one must not hang the gate. */
const testLimitMs = 12 * 60_000;

const bin = (/** @type {string[]} */ ...path) => join(root, 'node_modules', ...path);

/** A Node program that passes or fails as one check.
 * @param {string} name @param {string} program @param {string[]} args @returns {Check} */
function nodeCheck(name, program, ...args) {
  return {
    name,
    run: async (note) => {
      const { code, output } = await run(process.execPath, [program, ...args], { onLine: note });
      return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
    },
  };
}

/** @param {string} name @param {string[]} args @returns {Check} */
const script = (name, ...args) =>
  nodeCheck(name, join(root, 'scripts', args[0] ?? ''), ...args.slice(1));

/**
 * @typedef {{numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   success: boolean, testResults: {status: string, assertionResults: unknown[]}[]}} VitestReport
 */

/** Counts a report; a file that does not load, and a skipped test, count as failed.
 * @param {VitestReport} report @param {number} code the exit code of vitest
 * @returns {{passed: number, failed: number}} */
export function countVitest(report, code) {
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + unloaded.length + skipped;
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** @param {string} kind @returns {Check} */
function vitestCheck(kind) {
  return {
    name: kind,
    run: async (note) => {
      const folder = mkdtempSync(join(tmpdir(), 'exedra-gate-'));
      const file = join(folder, 'report.json');
      const args = [
        'run',
        '--project',
        kind,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
      ];
      try {
        const { code, output } = await run(
          process.execPath,
          [bin('vitest', 'vitest.mjs'), ...args],
          {
            onLine: note,
            timeoutMs: testLimitMs,
            env: { ...process.env, NO_COLOR: '1' },
          },
        );
        const { passed, failed } = countVitest(JSON.parse(readFileSync(file, 'utf8')), code);
        return { passed, failed, output, detail: `${passed} passed` };
      } catch (error) {
        return { passed: 0, failed: 1, output: `vitest left no report: ${error}` };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Sums the `test result:` lines of cargo; ignored tests count as failed.
 * @param {string} output @param {number} code the exit code of cargo */
export function countCargo(output, code) {
  let passed = 0;
  let failed = 0;
  for (const match of output.matchAll(
    /test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g,
  )) {
    passed += Number(match[1]);
    failed += Number(match[2]) + Number(match[3]);
  }
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** What is to be said where there is no Rust: in CI it is a failure.
 * @param {string} [which] @returns {Result} */
function withoutRust(which = 'Rust') {
  const detail = `${notRun}: there is no ${which} on this machine; CI runs it`;
  return { passed: 0, failed: process.env.CI === 'true' ? 1 : 0, output: detail, detail };
}

/** A script that compiles to WebAssembly. Outside CI, a machine that cannot yet is not taught to.
 * @param {Check} check @returns {Check} */
const withWasmRust = (check) => ({
  name: check.name,
  run: async (note) =>
    process.env.CI !== 'true' && (await findWasmRust()) === undefined
      ? withoutRust('Rust for WebAssembly')
      : check.run(note),
});

/** A cargo command on rust-core, or on the crate in one of its folders. Without Rust it fails in CI; elsewhere it says
 * loudly that it did not run.
 * @param {string} name @param {string[]} args @param {(output: string, code: number) => {passed: number, failed: number}} count
 * @param {string} [folder] @returns {Check} */
function cargoCheck(name, args, count, folder = '.') {
  return {
    name,
    run: async (note) => {
      const rust = await findRust();
      if (rust === undefined) return withoutRust();
      await preparePatches(rust.env, note);
      const [command] = args;
      if (command === 'fmt' || command === 'clippy') await requireComponent(rust, command, note);
      const options = {
        cwd: join(core, folder),
        // One folder for what all crates build of the same dependencies.
        env: { CARGO_TARGET_DIR: join(core, 'target'), ...rust.env },
        onLine: note,
      };
      const { code, output } = await run('cargo', args, options);
      const { passed, failed } = count(output, code);
      return { passed, failed, output, ...(passed > 1 ? { detail: `${passed} passed` } : {}) };
    },
  };
}

/** @param {string} _output @param {number} code */
const asOne = (_output, code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

/** Kinds in the order in which they run; a kind that is not named here comes after them. */
const kindOrder = ['unit', 'vectors', 'validation', 'property', 'docs', 'runtime', 'interop'];
const lastKinds = ['simulation', 'scenario', 'fault', 'fuzz'];

/** The folders of test/ that have tests in them, cheap ones first. */
function kinds() {
  const found = readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) =>
      filesBelow(join(root, 'test', name)).some((path) => path.endsWith('.test.ts')),
    );
  const place = (/** @type {string} */ name) => {
    if (kindOrder.includes(name)) return kindOrder.indexOf(name);
    return lastKinds.includes(name) ? 200 + lastKinds.indexOf(name) : 100;
  };
  return found.sort((a, b) => place(a) - place(b));
}

/** @type {Check[]} */
export const checks = [
  script('lock file', 'check-lock.mjs'),
  script('layers', 'check-layers.mjs'),
  script('requirements', 'check-requirements.mjs'),
  nodeCheck(
    'lint and format',
    bin('@biomejs', 'biome', 'bin', 'biome'),
    'check',
    '--error-on-warnings',
  ),
  nodeCheck('types', bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.check.json'),
  script('errors page', 'generate-errors-doc.mjs', '--check'),
  nodeCheck('dead code', bin('knip', 'bin', 'knip.js'), '--treat-config-hints-as-errors'),
  cargoCheck('rust format', ['fmt', '--check', '--', '--color=never'], asOne),
  ...kinds().map(vitestCheck),
  cargoCheck('rust lint', ['clippy', '--locked', '--all-targets', '--', '-D', 'warnings'], asOne),
  cargoCheck('rust tests', ['test', '--locked'], countCargo),
  // The corpus of `npm run fuzz`, natively.
  cargoCheck('native fuzz targets', ['test', '--locked'], countCargo, 'fuzz'),
  withWasmRust(script('tree operations', 'test-tree-operations.mjs')),
  // A slice of `npm run test:differential`.
  cargoCheck('patched OpenMLS', ['run', '--quiet', '--locked', '--', '300'], asOne, 'differential'),
];
