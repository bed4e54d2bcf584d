// `exedra modes`: the privacy modes there are; with --bench, what each costs each party.

import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import {
  DEFAULT_MEMBERS,
  DEFAULT_REPEATS,
  FEWEST_MEMBERS,
  OverheadError,
  overheadPage,
  type Report,
  reportOverhead,
} from '../../evidence/overhead/index.ts';
import { modeNamed, modeNames } from '../../privacy/index.ts';
import { readInput } from '../content/input.ts';
import { overheadTables } from '../modes/tables.ts';
import { progressBar } from '../progress_bar.ts';

/** Beyond that a ratchet tree is larger than what is padded. */
const MOST_MEMBERS = 5_000;
const MOST_REPEATS = 1_000;
const DEFAULT_PAGE = 'docs/overhead.md';

interface ModesOptions {
  readonly bench: boolean;
  /** A file, or `true` for stdout. */
  readonly json?: string | true;
  /** A file, or `true` for the default one. */
  readonly md?: string | true;
  readonly bars: boolean;
  /** A file with the report of an earlier run. */
  readonly from?: string;
  readonly members: readonly number[];
  readonly modes: readonly string[];
  readonly repeats: number;
}

/** The subcommand. */
export function modesCommand(): Command {
  return new Command('modes')
    .description('List the privacy modes; with --bench, measure what each costs each party.')
    .option('--bench', 'measure bytes and processor time of each action', false)
    .option('--json [file]', 'print one JSON object instead of tables, or write it to a file')
    .option('--md [file]', `write the page of the results (default file: ${DEFAULT_PAGE})`)
    .option('--bars', 'exit with 1 when a bar is missed', false)
    .option('--from <file>', 'tell the results of an earlier --json, in place of measuring')
    .option('--members <sizes>', 'sizes of the rooms', sizesFrom, DEFAULT_MEMBERS)
    .option('--modes <names>', 'which modes', modesFrom, modeNames())
    .option('--repeats <number>', 'how often each action is measured', repeatsFrom, DEFAULT_REPEATS)
    .addHelpText(
      'after',
      `
Examples:
  exedra modes
  exedra modes --bench --members 2,10 --repeats 1
  exedra modes --bench --json overhead.json --md
  exedra modes --bench --from overhead.json --bars
  exedra modes --bench --json | jq '.rows[] | select(.party == "all")'

The whole run takes some minutes. docs/overhead.md says what is counted.`,
    )
    .action(run);
}

async function run(options: ModesOptions): Promise<void> {
  if (!options.bench) {
    listModes(options);
    return;
  }
  const { json, md, from } = options;
  const report = from === undefined ? await measured(options) : await reportIn(from);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === true) process.stdout.write(text);
  else process.stdout.write(overheadTables(report));
  if (typeof json === 'string') await write(json, text);
  if (md !== undefined) await write(md === true ? DEFAULT_PAGE : md, overheadPage(report));
  if (options.bars && !report.ok) process.exitCode = 1;
}

async function measured({ members, modes, repeats }: ModesOptions): Promise<Report> {
  const bar = progressBar(process.stderr);
  try {
    return await reportOverhead({ members, modes, repeats, onProgress: bar.draw });
  } finally {
    bar.end('');
  }
}

/** Throws ContentError `invalidArgument` for a file that cannot be read, OverheadError `noReport`. */
async function reportIn(file: string): Promise<Report> {
  const text = new TextDecoder().decode(await readInput(file));
  try {
    const report: Partial<Report> = JSON.parse(text);
    if (Array.isArray(report.rows) && Array.isArray(report.bars)) return report as Report;
  } catch (cause) {
    throw new OverheadError('noReport', undefined, { cause });
  }
  throw new OverheadError('noReport');
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new OverheadError('notWritten', `${file} cannot be written.`, { cause });
  }
}

function listModes({ json, modes }: ModesOptions): void {
  const told = modes.map((name) => {
    const { credentials, handshakes, hub } = modeNamed(name);
    return {
      name,
      leavesName: credentials.hidesIdentities ? 'pseudonyms' : 'users',
      handshakes: handshakes.form,
      hub,
    };
  });
  if (json === undefined) {
    const lines = told.map(
      ({ name, leavesName, hub }) => `${name.padEnd(14)}leaves name ${leavesName}; the hub ${hub}`,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  } else process.stdout.write(`${JSON.stringify({ modes: told })}\n`);
}

function sizesFrom(text: string): number[] {
  return text.split(',').map((part) => numberFrom(part, FEWEST_MEMBERS, MOST_MEMBERS));
}

function modesFrom(text: string): string[] {
  const names = modeNames();
  return text.split(',').map((name) => {
    if (names.includes(name)) return name;
    throw new InvalidArgumentError(`There is no mode ${name}; there are ${names.join(', ')}.`);
  });
}

const repeatsFrom = (text: string): number => numberFrom(text, 1, MOST_REPEATS);

function numberFrom(text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
}
