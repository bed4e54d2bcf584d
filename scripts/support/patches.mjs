// The crates that rust-core builds with patches: fetched as published, copied to rust-core/target/patched, patched.
// rust-core/patches/crates.json pins their checksums, as Cargo.lock cannot: to cargo they are folders.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { core } from './manifest.mjs';
import { hashFiles, readJson } from './project.mjs';
import { mustRun, StepError } from './steps.mjs';

/** @typedef {{name: string, version: string, checksum: string, patches: string[]}} PatchedCrate */

const registry = 'registry+https://github.com/rust-lang/crates.io-index';
const patchesFolder = join(core, 'patches');
/** The core with the crates as published: what they are fetched by, and what the patches are compared with. */
export const unpatchedCore = join(core, 'target', 'unpatched');
const stampName = '.exedra-patched';

/** @returns {PatchedCrate[]} */
export function patchedCrates() {
  return readJson(join(patchesFolder, 'crates.json'));
}

/** @param {PatchedCrate} crate */
export const patchedFolder = (crate) => join(core, 'target', 'patched', crate.name);

/** Says which state of the patches a folder was made from.
 * @param {PatchedCrate} crate */
const stampOf = (crate) => hashFiles(['crates.json', ...crate.patches], patchesFolder);

/** Brings the patched crates up to date.
 * @param {NodeJS.ProcessEnv} env with cargo on its PATH
 * @param {import('./steps.mjs').Note} note */
export async function preparePatches(env, note) {
  const stale = patchedCrates().filter((crate) => {
    const stamp = join(patchedFolder(crate), stampName);
    return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== stampOf(crate);
  });
  if (stale.length === 0) return;
  const folders = await fetchPublished(env, note);
  for (const crate of stale) {
    const published = folders.get(crate.name);
    if (published === undefined) throw new StepError(`The core does not use ${crate.name}.`);
    await patch(crate, published, note);
  }
}

/** Fetches the crates as published; cargo compares their checksums with those in crates.json.
 * @param {NodeJS.ProcessEnv} env @param {import('./steps.mjs').Note} note
 * @returns {Promise<Map<string, string>>} their folders by name */
export async function fetchPublished(env, note) {
  writeUnpatchedCore();
  const options = { cwd: unpatchedCore, env, onLine: note };
  await mustRun('cargo', ['fetch', '--locked'], options);
  const metadata = ['metadata', '--locked', '--offline', '--format-version', '1'];
  const text = await mustRun('cargo', metadata, options);
  // What cargo says besides goes before the one line of JSON.
  const json = text.slice(text.indexOf('{"packages"'), text.lastIndexOf('}') + 1);
  /** @type {{packages: {name: string, version: string, manifest_path: string}[]}} */
  const { packages } = JSON.parse(json);
  const folders = patchedCrates().flatMap(({ name, version }) => {
    const found = packages.find((item) => item.name === name && item.version === version);
    return found === undefined ? [] : [/** @type {const} */ ([name, dirname(found.manifest_path)])];
  });
  return new Map(folders);
}

/** The core's own manifest and lock file, with the published crates in place of the patched ones. */
function writeUnpatchedCore() {
  const manifest = readFileSync(join(core, 'Cargo.toml'), 'utf8')
    .replace(/\[patch\.crates-io\]\n(?:[^[\n].*\n)*/, '')
    .replace('[lib]\n', '[lib]\npath = "../../src/lib.rs"\n');
  let lock = readFileSync(join(core, 'Cargo.lock'), 'utf8');
  for (const { name, version, checksum } of patchedCrates()) {
    const entry = `name = "${name}"\nversion = "${version}"\n`;
    lock = lock.replace(entry, `${entry}source = "${registry}"\nchecksum = "${checksum}"\n`);
  }
  mkdirSync(unpatchedCore, { recursive: true });
  writeFileSync(join(unpatchedCore, 'Cargo.toml'), manifest);
  writeFileSync(join(unpatchedCore, 'Cargo.lock'), lock);
}

/** @param {PatchedCrate} crate @param {string} published @param {import('./steps.mjs').Note} note */
async function patch(crate, published, note) {
  const folder = patchedFolder(crate);
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  cpSync(published, made, { recursive: true });
  // Else git takes the folder for a part of this repository, in which it is ignored, and applies nothing.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(made) };
  for (const name of crate.patches) {
    await mustRun('git', ['apply', '--whitespace=nowarn', join(patchesFolder, name)], {
      cwd: made,
      env,
      onLine: note,
      whatFailed: `rust-core/patches/${name} does not fit ${crate.name} ${crate.version}.`,
    });
  }
  writeFileSync(join(made, stampName), stampOf(crate));
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
}
