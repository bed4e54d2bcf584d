// What every script needs: the project's root, whether a file is the program, hashes, listings.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Whether the file with this URL is the program that node was started with.
 * @param {string} url */
export function isMain(url) {
  const program = process.argv[1];
  return program !== undefined && realpathSync(program) === realpathSync(fileURLToPath(url));
}

/** @param {string} path */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** All files below a folder, as sorted paths with `/`, relative to `base`; none if it does not exist.
 * @param {string} folder
 * @param {string} [base]
 * @returns {string[]} */
export function filesBelow(folder, base = root) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** SHA-256 of some bytes, in hex.
 * @param {string | Uint8Array} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One hash over the names and contents of files; line ends are made equal so that a checkout with
 * CRLF hashes like any other.
 * @param {readonly string[]} paths relative to `base`
 * @param {string} [base] */
export function hashFiles(paths, base = root) {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) {
    const text = readFileSync(join(base, path), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${path}\0${text.length}\0${text}\0`);
  }
  return hash.digest('hex');
}
