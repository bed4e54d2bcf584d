// node_modules: whether it is what package-lock.json says, for this platform; installs it if not.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, root, sha256 } from './project.mjs';
import { mustRun } from './steps.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.exedra-installed');

/** What an installation depends on: the lock file, the wishes it was made from, and the platform
 * (native packages are chosen by it). Scripts and other fields of package.json do not matter. */
function wanted() {
  const { dependencies, devDependencies, overrides, allowScripts } = readJson(
    join(root, 'package.json'),
  );
  const wishes = JSON.stringify({ dependencies, devDependencies, overrides, allowScripts });
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const platform = `${process.platform}-${process.arch}-${process.versions.modules}`;
  return `${sha256(`${lock}\0${wishes}`)} ${platform}\n`;
}

/**
 * Whether somebody's own `npm ci` or `npm install` has just done the work: npm's record of what it
 * installed agrees with the lock file but for what is left out on this platform.
 */
function npmRecordAgrees() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const locked = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(record).packages;
  const same = Object.entries(installed).every(
    ([place, entry]) => locked[place]?.version === entry.version,
  );
  const complete = Object.entries(locked).every(
    ([place, entry]) => place === '' || entry.optional || installed[place] !== undefined,
  );
  return same && complete;
}

export function packagesAreCurrent() {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted();
  if (!npmRecordAgrees()) return false;
  writeFileSync(stamp, wanted());
  return true;
}

/** @param {import('./steps.mjs').Note} note */
export async function installPackages(note) {
  const npm = process.env.npm_execpath;
  // npm tells its scripts where it lies; started by hand, it is looked for on the PATH.
  const [command, ...args] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await mustRun(command, [...args, 'ci'], {
    onLine: note,
    whatFailed: '`npm ci` failed; it needs the npm registry (or npm’s cache) within reach.',
  });
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted());
}
