// Compiling and instantiating the core in a fresh process.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quantile } from '../../ts/evidence/overhead/statistics.ts';
import { plain, type Result } from '../support/result.ts';

const program = fileURLToPath(new URL('../children/cold_load.ts', import.meta.url));

/** Runs a program of bench/children in a process of its own; gives what it prints as JSON. */
export function inFreshProcess(path: string, args: readonly string[] = []): unknown {
  const loader = new URL('../../scripts/support/typescript-loader.mjs', import.meta.url).href;
  const output = execFileSync(
    process.execPath,
    ['--expose-gc', '--import', loader, path, ...args],
    { encoding: 'utf8' },
  );
  return JSON.parse(output);
}

export function coldLoad(runs: number): Result {
  const times = Array.from({ length: runs }, () => inFreshProcess(program) as number);
  return plain('cold load: compile and instantiate', 0, 'µs', {
    median: quantile(times, 0.5),
    p75: quantile(times, 0.75),
  });
}
