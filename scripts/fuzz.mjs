// `npm run fuzz -- --seconds N`: fuzzes each target for so long, first natively with coverage to guide it (libFuzzer),
// then over the real WebAssembly. Exits 1 on a finding. docs/fuzzing.md describes targets and replaying.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { checkNode } from './setup.mjs';
import { buildFuzzer, fuzzCrate } from './support/fuzz-native.mjs';
import { root } from './support/project.mjs';
import { findRust } from './support/rust.mjs';
import { mustRun, printFailure, run, StepError, Steps } from './support/steps.mjs';

const folder = join(root, 'fuzz');
const corpus = join(folder, 'corpus');
const loader = './scripts/support/typescript-loader.mjs';
const support = join(root, 'test', 'fuzz', 'support');

/** @param {string} text */
function seconds(text) {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('A number of seconds.');
  return value;
}

const program = new Command('fuzz')
  .description('Fuzzes every entry of the core that takes bytes.')
  .option('--seconds <n>', 'how long each target runs on each engine', seconds, 60)
  .option('--target <name...>', 'only these targets')
  .option('--engine <name>', 'only `native` or only `wasm`')
  .option('--replay <file>', 'give one input to the one --target, on both engines')
  .option('--generate', 'make fuzz/corpus anew, when the format of rows or snapshots has changed')
  .parse();
/** @type {{seconds: number, target?: string[], engine?: 'native' | 'wasm', replay?: string, generate?: boolean}} */
const options = program.opts();

const known = readdirSync(corpus).filter((name) => name !== 'state');
const targets = options.target ?? known;
const wanted = (/** @type {string} */ engine) => (options.engine ?? engine) === engine;
const steps = new Steps(process.stdout);
let findings = 0;

/** A TypeScript program of test/fuzz/support.
 * @param {string[]} args */
const node = (...args) => run(process.execPath, ['--import', loader, ...args]);

/** @param {string} file */
const shown = (file) => relative(root, file);

/** Runs one target, and tells of what it found without stopping the others.
 * @param {string} label @param {() => Promise<string>} work */
async function fuzzOne(label, work) {
  try {
    await steps.run(label, work);
  } catch (error) {
    findings++;
    printFailure(error);
  }
}

/** @param {string} target @param {string} file */
const advice = (target, file) =>
  `Replay it with: npm run fuzz -- --target ${target} --replay ${file}`;

/** @param {string} fuzzer @param {string} target @returns {Promise<string>} */
async function native(fuzzer, target) {
  const found = join(folder, 'findings', target);
  const grown = join(folder, 'work', target);
  for (const path of [found, grown]) mkdirSync(path, { recursive: true });
  const before = new Set(readdirSync(found));
  const { code, output } = await run(
    fuzzer,
    [
      grown,
      join(corpus, target),
      `-max_total_time=${Math.ceil(options.seconds)}`,
      '-timeout=10',
      '-rss_limit_mb=1024',
      '-max_len=8192',
      '-len_control=0',
      '-print_final_stats=1',
      `-artifact_prefix=${found}/`,
    ],
    { env: { ...process.env, EXEDRA_FUZZ_TARGET: target } },
  );
  const last = /** @type {(pattern: RegExp) => string} */ (
    (pattern) => [...output.matchAll(pattern)].at(-1)?.[1] ?? '?'
  );
  if (code === 0) {
    const executions = Number(last(/number_of_executed_units: (\d+)/g)).toLocaleString('en');
    return `${executions} executions, ${last(/cov: (\d+)/g)} edges, ${last(/peak_rss_mb: (\d+)/g)} MB`;
  }
  const fresh = readdirSync(found).filter((name) => !before.has(name));
  const panic = /panicked at[^\n]*\n[^\n]*/.exec(output)?.[0] ?? output.slice(-2000);
  const files = fresh.map((name) => advice(target, shown(join(found, name))));
  throw new StepError(files.join('\n') || `${target} ended with exit code ${code}.`, panic);
}

/** @param {string} target @returns {Promise<string>} */
async function wasm(target) {
  const { code, output } = await node(join(support, 'run.ts'), target, String(options.seconds));
  const line = output.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new StepError(`${target} ended with exit code ${code}.`, output);
  const report = JSON.parse(line);
  const about =
    `${report.executions.toLocaleString('en')} executions, ${report.accepted.toLocaleString('en')} accepted, ` +
    `slowest ${Math.round(report.slowestMs)} ms, memory +${report.grown >> 10} KiB`;
  if (code === 0) return about;
  const files = report.findings.map((/** @type {string} */ text) => text.split(':')[0]);
  throw new StepError(
    files.map((/** @type {string} */ file) => advice(target, file)).join('\n'),
    report.findings.join('\n'),
  );
}

/** @param {string | undefined} fuzzer @param {string} file */
async function replay(fuzzer, file) {
  const [target] = targets;
  if (target === undefined || targets.length !== 1) {
    throw new StepError('Name the target of the input with --target.');
  }
  if (!existsSync(file)) throw new StepError(`There is no file ${file}.`);
  if (fuzzer !== undefined) {
    const env = { ...process.env, EXEDRA_FUZZ_TARGET: target, RUST_BACKTRACE: '1' };
    const { code, output } = await run(fuzzer, [file], { env });
    console.log(code === 0 ? `native: no finding` : output);
    findings += code === 0 ? 0 : 1;
  }
  if (wanted('wasm') && target !== 'codec') {
    const { code, output } = await node(join(support, 'run.ts'), target, file);
    console.log(`wasm: ${output.trim()}`);
    findings += code === 0 ? 0 : 1;
  }
}

async function main() {
  checkNode();
  if (options.generate) {
    rmSync(join(folder, 'work'), { recursive: true, force: true });
    await mustRun(process.execPath, ['--import', loader, join(support, 'generate.ts')]);
    console.log(`Made ${shown(corpus)} anew.`);
    return;
  }
  const unknown = targets.filter((target) => !known.includes(target));
  if (unknown.length > 0) {
    throw new StepError(
      `There is no target ${unknown.join(', ')}; there are: ${known.join(', ')}.`,
    );
  }
  const rust = wanted('native') ? await findRust() : undefined;
  if (wanted('native') && rust === undefined) {
    throw new StepError('The native targets need Rust; `--engine wasm` does without.');
  }
  /** @type {string | undefined} */
  let fuzzer;
  if (rust !== undefined) {
    await steps.run('build native targets', async (note) => {
      fuzzer = await buildFuzzer(rust, note);
      return shown(fuzzCrate);
    });
  }
  if (options.replay !== undefined) {
    await replay(fuzzer, options.replay);
    return;
  }
  for (const target of targets) {
    if (fuzzer !== undefined) await fuzzOne(`native ${target}`, () => native(fuzzer ?? '', target));
    // The codec has no entry of its own.
    if (wanted('wasm') && target !== 'codec') await fuzzOne(`wasm ${target}`, () => wasm(target));
  }
  console.log(findings === 0 ? '\nNo findings.' : `\n${findings} targets with findings.`);
}

await main().catch((error) => {
  printFailure(error);
  findings++;
});
process.exitCode = findings > 0 ? 1 : 0;
