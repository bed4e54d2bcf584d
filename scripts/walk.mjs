// `npm run walk -- --steps N --lives N --seed S --mode M`: plays random lives of rooms, longer and more of them than the tests
// do, one after the other, and exits 1 when one ends with members or servers that do not agree.
import { spawnSync } from 'node:child_process';
import { Command, InvalidArgumentError } from 'commander';
import { checkNode } from './setup.mjs';
import { root } from './support/project.mjs';

const modes = ['open', 'pseudonymous', 'hub-visible', 'members-only'];

/** @param {string} text */
function whole(text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('A whole number.');
  return value;
}

/** @param {string} text */
function known(text) {
  if (!modes.includes(text)) throw new InvalidArgumentError(`One of ${modes.join(', ')}.`);
  return text;
}

const program = new Command('walk')
  .description('Plays random lives of rooms in each privacy mode.')
  .option('--steps <n>', 'actions in a life', whole, 500)
  .option('--lives <n>', 'lives in each mode', whole, 1)
  .option('--seed <n>', 'lives the first one again', whole)
  .option('--mode <name>', 'in this mode only', known)
  .parse();
/** @type {{steps: number, lives: number, seed?: number, mode?: string}} */
const { steps, lives, seed, mode } = program.opts();

checkNode();
let failed = 0;
for (let life = 1; life <= lives; life++) {
  console.log(`Life ${life} of ${lives}, ${steps} actions:`);
  const env = {
    ...process.env,
    EXEDRA_WALK_STEPS: String(steps),
    EXEDRA_WALK_REPORT: '1',
    ...(seed === undefined ? {} : { EXEDRA_TEST_SEED: String(seed + life - 1) }),
  };
  const only = mode === undefined ? [] : ['-t', `mode ${mode} `];
  const args = ['vitest', 'run', 'test/property/mode_walk.test.ts', ...only];
  const { status } = spawnSync('npx', args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
console.log(failed === 0 ? 'All lives ended well.' : `${failed} of ${lives} lives went wrong.`);
process.exitCode = failed === 0 ? 0 : 1;
