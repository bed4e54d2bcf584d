// dist/: whether it was built from the sources at hand; builds it with tsc, incrementally.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashFiles, root } from './project.mjs';
import { run, StepError } from './steps.mjs';

const dist = join(root, 'dist');
const stamp = join(dist, '.built-from');
const program = join(dist, 'cli', 'main.js');

function sources() {
  const code = filesBelow(join(root, 'ts')).filter((path) => path.endsWith('.ts'));
  return hashFiles([...code, 'tsconfig.json', 'package-lock.json']);
}

export function libraryIsCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources();
}

/** Removes what was built from sources that are no longer there. */
function removeOrphans() {
  for (const path of filesBelow(dist, dist)) {
    const source = path.replace(/\.(js|d\.ts|js\.map)$/, '.ts');
    if (source !== path && !existsSync(join(root, 'ts', source))) rmSync(join(dist, path));
  }
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
  // npm sets this for installed commands; inside a clone `npx exedra` runs the file as it is.
  if (existsSync(program)) chmodSync(program, 0o755);
  if (code !== 0) throw new StepError('The TypeScript sources do not compile.', output);
  writeFileSync(stamp, before);
}
