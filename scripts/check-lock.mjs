// Checks package-lock.json: no registry addresses, and an entry for every platform's native package.
// `npm ci` of npm 11 refuses a lock file that lacks the packages of *other* platforms, and npm leaves
// them out when the registry at hand does not carry them; `--fix` adds them (version, os, cpu, libc).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, root } from './support/project.mjs';

/**
 * @typedef {{version?: string, resolved?: string, integrity?: string, dev?: boolean, optional?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[], engines?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>}} LockEntry
 * @typedef {{packages: Record<string, LockEntry>}} Lock
 */

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Os, cpu and libc as the names of native packages spell them: `@oxc-parser/binding-linux-x64-musl`.
 * @param {string} name
 * @returns {Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined} */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const last = words.at(-1) ?? '';
  const libc = last.startsWith('gnu') ? ['glibc'] : last.startsWith('musl') ? ['musl'] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }) };
}

/** The entries that npm left out, by their place in the lock file.
 * @param {Lock} lock
 * @returns {Map<string, LockEntry>} */
export function missingPlatformEntries(lock) {
  /** @type {Map<string, LockEntry>} */
  const missing = new Map();
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`;
      const platform = platformOf(name);
      if (lock.packages[place] !== undefined || platform === undefined) continue;
      missing.set(place, {
        version,
        ...platform,
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
        ...(entry.engines === undefined ? {} : { engines: entry.engines }),
      });
    }
  }
  return missing;
}

/** @param {Lock} lock
 * @returns {string[]} what is wrong, one sentence each */
export function lockProblems(lock) {
  const addresses = Object.keys(lock.packages).filter((place) => lock.packages[place]?.resolved);
  return [
    ...addresses.map((place) => `${place} names a registry address (\`resolved\`)`),
    ...[...missingPlatformEntries(lock).keys()].map((place) => `${place} is missing`),
  ];
}

function main() {
  const path = join(root, 'package-lock.json');
  /** @type {Lock} */
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  if (process.argv.includes('--fix')) {
    for (const [place, entry] of missingPlatformEntries(lock)) lock.packages[place] = entry;
    for (const entry of Object.values(lock.packages)) delete entry.resolved;
    const places = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1));
    lock.packages = Object.fromEntries(places.map((place) => [place, lock.packages[place] ?? {}]));
    writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  }
  const problems = lockProblems(lock);
  for (const problem of problems) console.error(`package-lock.json: ${problem}`);
  if (problems.length > 0) {
    console.error('Run `node scripts/check-lock.mjs --fix`.');
    process.exitCode = 1;
  } else {
    console.log(`package-lock.json: ${Object.keys(lock.packages).length - 1} packages`);
  }
}

if (isMain(import.meta.url)) main();
