#!/usr/bin/env node
// The `exedra` command: parses the arguments, runs one subcommand, turns its failure into one line and exit code 1.
import { explain } from './failure.ts';
import { createProgram } from './program.ts';

// A reader that stops reading, such as `head`, ends the program without a word.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.stderr.write(`exedra: ${explain(error)}\n`);
  process.exitCode = 1;
}
