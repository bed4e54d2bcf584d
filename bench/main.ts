// `npm run bench`: measures, prints a table, and writes the figures with machine, versions and commit: to
// bench/results/ after a full run, and with --json to a file.

import { mkdir, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { report } from './support/result.ts';
import { measureAll } from './support/run.ts';
import { table } from './support/table.ts';

const program = new Command('bench')
  .description('Measures the operations of a group and of a hub, beside ts-mls and native OpenMLS.')
  .option('--quick', 'fewer repetitions, for a first look', false)
  .option('--only <part>', 'only the results whose name contains this')
  .option('--members <number>', 'only groups of this size, and what has none')
  .option('--json <file>', 'write the results to this file');
program.parse();
const options = program.opts<{
  quick: boolean;
  only?: string;
  members?: string;
  json?: string;
}>();

const results = await measureAll({
  quick: options.quick,
  wants: (name, members) =>
    (options.only === undefined || name.includes(options.only)) &&
    (options.members === undefined || members === 0 || members === Number(options.members)),
  note: (text) => process.stderr.write(`bench: ${text}\n`),
});

const made = report(results);
const json = `${JSON.stringify(made, null, 2)}\n`;
process.stdout.write(table(made));
if (options.json !== undefined) await writeFile(options.json, json);
if (!options.quick && options.only === undefined && options.members === undefined) {
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  await writeFile(new URL(`${day}-${made.commit.replace('+', '-dirty')}.json`, folder), json);
}
