// `npm run bars`: asserts what must hold, as ratios within one run; exits 1 when one falls short. With --json FILE it
// reads the results of a run in place of measuring again.

import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Command } from 'commander';
import { sizeLimits, sizesOf, wasmPath } from '../scripts/support/manifest.mjs';
import { type Bar, bars, barsOf, hubOperation, meets, mostGrowth } from './support/bars.ts';
import type { Report, Result } from './support/result.ts';
import { measureAll } from './support/run.ts';

const program: Command = new Command('bars')
  .description('Checks the speed and size bars and exits 1 when one falls short.')
  .option('--quick', 'fewer repetitions', false)
  .option('--json <file>', 'judge these results in place of measuring');
program.parse();
const options = program.opts<{ quick: boolean; json?: string }>();

/** One line of the table. */
interface Verdict {
  readonly what: string;
  readonly members: number;
  readonly beside: string;
  readonly asked: string;
  readonly found: string;
  readonly ok: boolean;
}

/** The results of a run that was made already. */
function readResults(path: string): readonly Result[] {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Report).results;
  } catch (error) {
    program.error(
      `bars: ${path} has no results (${(error as Error).message}). Make them with: npm run bench -- --json ${path}`,
    );
  }
}

const results: readonly Result[] =
  options.json === undefined
    ? await measureAll({
        quick: options.quick,
        wants: (name, members) => barsOf(name, members).length > 0,
        note: (text) => process.stderr.write(`bars: ${text}\n`),
      })
    : readResults(options.json);

const resultOf = (name: string, members: number): Result | undefined =>
  results.find((result) => result.name === name && result.members === members);

/** A ratio as people say it: so many times as fast, or so many times their time. */
function spoken(ratio: number): string {
  return ratio >= 1 ? `${ratio.toFixed(1)}× as fast` : `${(1 / ratio).toFixed(2)}× the time`;
}

function verdictOf(bar: Bar): Verdict {
  const { name, members, rival, least } = bar;
  const ratio = resultOf(name, members)?.ratio[rival];
  const asked = least >= 1 ? `≥ ${least}× as fast` : `≤ ${(1 / least).toFixed(2)}× the time`;
  const found = ratio === undefined ? 'not measured' : spoken(ratio);
  const ok = ratio !== undefined && meets(bar, ratio);
  return { what: name, members, beside: rival, asked, found, ok };
}

function growth(): Verdict {
  const [at200, at1000] = [200, 1000].map(
    (members) => resultOf(hubOperation, members)?.ours.median,
  );
  const grown = at200 === undefined || at1000 === undefined ? undefined : at1000 / at200;
  return {
    what: 'growth of a commit at the hub, 200 to 1,000 members',
    members: 1000,
    beside: 'ours at 200',
    asked: `≤ ${mostGrowth}×`,
    found: grown === undefined ? 'not measured' : `${grown.toFixed(2)}×`,
    ok: grown !== undefined && grown <= mostGrowth,
  };
}

function sizes(): Verdict[] {
  const found = sizesOf(readFileSync(wasmPath()));
  return (['gzip', 'brotli'] as const).map((format) => ({
    what: `WASM core, ${format}`,
    members: 0,
    beside: '',
    asked: `≤ ${sizeLimits[format] / 1000} KB`,
    found: `${(found[format] / 1000).toFixed(1)} KB`,
    ok: found[format] <= sizeLimits[format],
  }));
}

const verdicts = [...sizes(), ...bars.map(verdictOf), growth()];
const table = new Table({
  head: ['what', 'members', 'beside', 'asked', 'found', ''],
  colAligns: ['left', 'right', 'left', 'right', 'right', 'left'],
  style: { head: [], border: [], compact: true },
});
for (const { what, members, beside, asked, found, ok } of verdicts) {
  table.push([what, members === 0 ? '' : members, beside, asked, found, ok ? 'met' : 'MISSED']);
}
console.log(table.toString());
const missed = verdicts.filter(({ ok }) => !ok).length;
console.log(`${verdicts.length - missed} bars met, ${missed} missed`);
if (missed > 0) process.exitCode = 1;
