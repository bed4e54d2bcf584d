// dist/: whether it was built from the sources at hand; builds it with tsc, incrementally.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashFiles, root } from './project.mjs';
import { run, StepError } from './steps.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.built-from');
const program = join(dist, 'cli', 'main.js');
const command = join(root, 'node_modules', '.bin', 'exedra');

function sources() {
  const code = filesBelow(join(root, 'ts')).filter((path) => path.endsWith('.ts'));
  return hashFiles([...code, 'tsconfig.json', 'package-lock.json']);
}

export function libraryIsCurrent() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sources()) return false;
  return existsSync(command) || !existsSync(program);
}

/** Removes what was built from sources that are no longer there. */
function removeOrphans() {
  for (const path of filesBelow(dist, dist)) {
    const source = path.replace(/\.(js|d\.ts|js\.map)$/, '.ts');
    if (source !== path && !existsSync(join(root, 'ts', source))) rmSync(join(dist, path));
  }
}

/** Makes `npx exedra` work inside a clone: npm links the commands of dependencies, not the project's own. */
function linkCommand() {
  if (!existsSync(program)) return;
  chmodSync(program, 0o755);
  if (existsSync(command)) return;
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  rmSync(command, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), command);
}

/** @param {import('./steps.mjs').Note} note */
export async function buildLibrary(note) {
  const before = sources();
  rmSync(stamp, { force: true });
  removeOrphans();
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], {
    onLine: note,
  });
  linkCommand();
  if (code !== 0) throw new StepError('The TypeScript sources do not compile.', output);
  writeFileSync(stamp, before);
}
