// `npm run bars`: asserts what must hold, as ratios within one run; exits 1 when one falls short. With --json FILE it
// reads the results of a run in place of measuring again.

import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Command } from 'commander';
import { contentLimit, contentSize } from '../scripts/support/content_size.mjs';
import { sizeLimits, sizesOf, wasmPath } from '../scripts/support/manifest.mjs';
import {
  type Bar,
  bars,
  barsOf,
  concerns,
  hubOperation,
  meets,
  mostGrowth,
} from './support/bars.ts';
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

/** Of several results that a bar is about, the one that is nearest to it counts. */
function verdictOf(bar: Bar): Verdict {
  const { members, rival, least } = bar;
  const measured = results.filter((result) => concerns(bar, result.name, result.members));
  const ratios = measured.map(({ ratio }) => ratio[rival]);
  const [worst] = measured.sort((a, b) => (a.ratio[rival] ?? 0) - (b.ratio[rival] ?? 0));
  const known = ratios.length > 0 && ratios.every((ratio) => ratio !== undefined);
  const ratio = known ? worst?.ratio[rival] : undefined;
  const what = measured.length > 1 ? `${worst?.name} (the least of ${measured.length})` : bar.name;
  const asked = least >= 1 ? `≥ ${least}× as fast` : `≤ ${(1 / least).toFixed(2)}× the time`;
  const found = ratio === undefined ? 'not measured' : spoken(ratio);
  const ok = ratio !== undefined && meets(bar, ratio);
  return { what, members, beside: rival, asked, found, ok };
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

async function contentCodec(): Promise<Verdict> {
  const found = await contentSize();
  return {
    what: 'content codec, gzip',
    members: 0,
    beside: '',
    asked: `≤ ${contentLimit / 1000} KB`,
    found: `${found / 1000} KB`,
    ok: found <= contentLimit,
  };
}

const verdicts = [...sizes(), await contentCodec(), ...bars.map(verdictOf), growth()];
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
