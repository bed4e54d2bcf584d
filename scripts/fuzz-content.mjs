// `npm run fuzz:content -- --inputs N --seed S`: gives the content codec random messages, right and wrong ones, on all
// cores, beside the re-check of test/support. Keeps each finding as a file, and exits 1 when there is one.
import './support/typescript-loader.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Command, InvalidArgumentError } from 'commander';
import { checkNode } from './setup.mjs';
import { root } from './support/project.mjs';

const support = new URL('../test/fuzz/support/', import.meta.url);
const loader = new URL('./support/typescript-loader.mjs', import.meta.url);
const folder = join(root, 'fuzz', 'findings', 'content');
const progressMs = process.stdout.isTTY ? 500 : 30_000;
/** So long on one input is a hang. */
const hangMs = 30_000;

/** @param {string} text */
function whole(text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('A whole number.');
  return value;
}

const program = new Command('fuzz:content')
  .description('Fuzzes the content codec.')
  .option('--inputs <n>', 'how many messages', whole, 10_000_000)
  .option('--seed <n>', 'makes the same messages again', whole, Date.now() % 2 ** 32)
  .option('--threads <n>', 'on how many cores', whole, availableParallelism())
  .option('--replay <file>', 'judge one finding again')
  .parse();
/** @type {{inputs: number, seed: number, threads: number, replay?: string}} */
const { inputs, seed, threads, replay } = program.opts();

checkNode();
const { judge, sampleOf } = await import('../test/fuzz/support/content_target.ts');
process.exitCode = (await (replay === undefined ? fuzz() : judgeAgain(replay))) > 0 ? 1 : 0;

/** @param {string} file */
async function judgeAgain(file) {
  const { hex, ...sample } = JSON.parse(readFileSync(file, 'utf8'));
  const { verdict, finding } = judge({ ...sample, bytes: new Uint8Array(Buffer.from(hex, 'hex')) });
  console.log(finding === undefined ? `No finding: ${verdict}.` : finding);
  return finding === undefined ? 0 : 1;
}

async function fuzz() {
  console.log(`Seed ${seed}: ${count(inputs)} inputs on ${threads} threads.`);
  const places = new Float64Array(new SharedArrayBuffer(8 * threads));
  /** @type {Record<string, number>} */
  const tally = {};
  let findings = 0;
  const found = (/** @type {number} */ index, /** @type {string} */ finding) => {
    findings += 1;
    keep(index, finding);
  };
  const begun = Date.now();
  const progress = setInterval(() => tell(places, begun), progressMs);
  await Promise.all(Array.from(places, (_, first) => runThread(first, places, found, tally)));
  clearInterval(progress);
  const done = Object.values(tally).reduce((sum, more) => sum + more, 0);
  console.log(`${endOfLine()}${count(done)} inputs, ${rate(done, begun)}: ${told(tally)}.`);
  console.log(findings === 0 ? 'No findings.' : `${findings} findings.`);
  return findings;
}

/** Ends when the thread does, or hangs.
 * @param {number} first @param {Float64Array<SharedArrayBuffer>} places
 * @param {(index: number, finding: string) => void} found @param {Record<string, number>} tally
 * @returns {Promise<void>} */
function runThread(first, places, found, tally) {
  places[first] = first;
  const worker = new Worker(new URL('content_worker.ts', support), {
    workerData: { seed, first, step: threads, end: inputs, places },
    execArgv: ['--import', loader.href],
  });
  let [last, since] = [-1, Date.now()];
  const watch = setInterval(() => {
    const place = places[first] ?? 0;
    if (place !== last) [last, since] = [place, Date.now()];
    else if (place < inputs && Date.now() - since > hangMs) {
      found(place, `hangs, or takes longer than ${hangMs / 1000} s`);
      worker.terminate();
    }
  }, 1_000);
  return new Promise((done) => {
    worker.on('message', (message) => {
      if ('finding' in message) found(message.index, message.finding);
      for (const [verdict, more] of Object.entries(message.tally ?? {})) {
        tally[verdict] = (tally[verdict] ?? 0) + more;
      }
    });
    worker.on('error', (error) => found(places[first] ?? 0, `ended its thread: ${error}`));
    worker.on('exit', () => {
      clearInterval(watch);
      done();
    });
  });
}

/** @param {number} index @param {string} finding */
function keep(index, finding) {
  const { bytes, options, isValid } = sampleOf(seed, index);
  const file = join(folder, `${seed}-${index}.json`);
  mkdirSync(folder, { recursive: true });
  const hex = Buffer.from(bytes).toString('hex');
  writeFileSync(
    file,
    `${JSON.stringify({ seed, index, finding, options, isValid, hex }, null, 2)}\n`,
  );
  console.log(`${endOfLine()}Input ${index}: ${finding}`);
  console.log(`Replay it with: npm run fuzz:content -- --replay ${relative(root, file)}`);
}

/** @param {Float64Array<SharedArrayBuffer>} places @param {number} begun */
function tell(places, begun) {
  const done = Math.min(inputs, places.reduce((sum, place) => sum + place, 0) / places.length);
  const line = `${count(Math.floor(done))} of ${count(inputs)}, ${rate(done, begun)}`;
  if (process.stdout.isTTY) process.stdout.write(`\r${line}   `);
  else console.log(line);
}

/** @param {number} done @param {number} begun */
function rate(done, begun) {
  return `${count(Math.round((1000 * done) / (Date.now() - begun)))} a second`;
}

/** @param {Record<string, number>} tally */
function told(tally) {
  const entries = Object.entries(tally).sort(([left], [right]) => left.localeCompare(right));
  return entries.map(([verdict, many]) => `${verdict} ${count(many)}`).join(', ');
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString('en');
}

/** Leaves the line of progress. */
function endOfLine() {
  return process.stdout.isTTY ? '\n' : '';
}
