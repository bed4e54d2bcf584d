// The program behind `npm run fuzz` for the WebAssembly side: `run.ts TARGET SECONDS` mutates for so long and prints
// one line of JSON; `run.ts TARGET FILE` replays one input. A process for each target, so that each has fresh memory.

import { existsSync, readFileSync } from 'node:fs';
import { seeded } from '../../support/seed.ts';
import { fuzz, loadCore } from './boundary.ts';
import { runTarget, targetNames } from './targets.ts';

const [target = '', argument = ''] = process.argv.slice(2);
if (target === '--list') {
  process.stdout.write(`${targetNames.join('\n')}\n`);
} else {
  loadCore();
  if (existsSync(argument)) replay(argument);
  else run(1000 * Number(argument));
}

function run(millis: number): void {
  const report = fuzz(target, seeded(`fuzz ${target}`), millis);
  const codes = Object.fromEntries(report.codes);
  process.stdout.write(`${JSON.stringify({ ...report, codes })}\n`);
  process.exitCode = report.findings.length > 0 ? 1 : 0;
}

function replay(file: string): void {
  process.stdout.write(`${target}: ${runTarget(target, new Uint8Array(readFileSync(file)))}\n`);
}
