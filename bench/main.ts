// `npm run bench`: measures, prints a table, and with --json writes the figures with machine, versions and commit.

import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { durableMessages } from './operations/durable_messages.ts';
import { groupOperations } from './operations/group.ts';
import { report } from './support/result.ts';
import { table } from './support/table.ts';

const program = new Command('bench')
  .description('Measures the operations of a group and of a hub.')
  .option('--quick', 'fewer repetitions, for a first look', false)
  .option('--only <part>', 'only the results whose name contains this')
  .option('--json <file>', 'write the results to this file');
program.parse();
const options = program.opts<{ quick: boolean; only?: string; json?: string }>();

const millis = options.quick ? 150 : 1000;
const results = [
  ...(await groupOperations([2, 50], millis)),
  await durableMessages(options.quick ? 4_000 : 20_000, options.quick ? 3 : 5),
].filter(({ name }) => options.only === undefined || name.includes(options.only));

const made = report(results);
process.stdout.write(table(made));
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(made, null, 2)}\n`);
