// The WASM core in rust-core/pkg: whether it can be used as it is, and building it with wasm-pack.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import {
  buildFlags,
  core,
  fileHashes,
  packageFolder,
  packageProblems,
  readManifest,
  sizesOf,
  sourceHash,
  wasmPath,
} from './manifest.mjs';
import { root } from './project.mjs';
import { findWasmRust, requireTool, requireWasmRust } from './rust.mjs';
import { packagedLinker } from './rust-debian.mjs';
import { fetchCrates, pathMapFlags } from './rust-paths.mjs';
import { isAtLeast } from './rust-places.mjs';
import { mustRun, StepError } from './steps.mjs';

/** Left by a build from source in this clone: the hashes of the files that it made. */
const builtHere = join(core, 'target', '.exedra-built');

/** wasm-pack only calls cargo and wasm-bindgen, so any release of this line makes the same package. */
const wasmPack = { version: '0.15.1', oldest: '0.15.0', before: '0.16.0' };

/** Whether a build from source is asked for even though the committed package would do. */
function mustBuild() {
  return process.env.CI === 'true' || process.env.EXEDRA_BUILD_WASM === '1';
}

export function wasmIsReady() {
  if (packageProblems().length > 0) return false;
  if (!mustBuild()) return true;
  const made = existsSync(builtHere) ? readFileSync(builtHere, 'utf8') : '';
  return made === JSON.stringify(fileHashes());
}

/** Brings rust-core/pkg up to date, by building it.
 * @param {import('./steps.mjs').Steps} steps */
export async function prepareWasm(steps) {
  if (!mustBuild() && (await findWasmRust()) === undefined) {
    throw new StepError(
      `${packageProblems().join('\n')}\n` +
        'Set-up can build it, but found no Rust with wasm32. Either take back the change to rust-core ' +
        '(`git checkout -- rust-core`), or install Rust as `npm run build:wasm` says.',
    );
  }
  await buildWasm(steps);
}

/** What compiles to WebAssembly, and the versions of it.
 * @typedef {{rust: import('./rust.mjs').Rust, bindgen: Tool, pack: Tool}} Toolchain
 * @typedef {{bin: string, version: string}} Tool */

/** Finds the compiler and the tools, or installs them.
 * @param {import('./steps.mjs').Steps} steps @returns {Promise<Toolchain>} */
async function requireToolchain(steps) {
  const rust = await steps.give('Rust with wasm32', async (note) => {
    const found = await requireWasmRust(note);
    return [found, `rustc ${found.version}`];
  });
  /** @param {string} name @param {string} crate @param {string} version @param {(version: string) => boolean} fits */
  const require = (name, crate, version, fits) =>
    steps.give(name, async (note) => {
      const tool = await requireTool(rust, name, crate, version, fits, note);
      return [tool, tool.version];
    });
  const locked = lockedVersion('wasm-bindgen');
  return {
    rust,
    bindgen: await require('wasm-bindgen', 'wasm-bindgen-cli', locked, (found) => found === locked),
    pack: await require('wasm-pack', 'wasm-pack', wasmPack.version, (found) => {
      return isAtLeast(found, wasmPack.oldest) && !isAtLeast(found, wasmPack.before);
    }),
  };
}

/** Builds rust-core/pkg from source, with whatever is needed for it.
 * @param {import('./steps.mjs').Steps} steps */
export async function buildWasm(steps) {
  const tools = await requireToolchain(steps);
  await steps.run('WASM core (rust-core/pkg)', async (note) => {
    const before = JSON.stringify(readManifest()?.files);
    await buildPackage(tools, note);
    const { raw, gzip } = sizesOf(readFileSync(wasmPath()));
    const news = before === JSON.stringify(fileHashes()) ? 'the same bytes as before' : 'new bytes';
    return `${Math.round(raw / 1000)} KB, gzip ${Math.round(gzip / 1000)} KB, ${news}`;
  });
}

/** Builds the core with what only the working group's vectors need, and gives the folder of its package.
 * @param {import('./steps.mjs').Steps} steps */
export async function buildForVectors(steps) {
  const tools = await requireToolchain(steps);
  return steps.give('WASM core with the feature `vectors`', async (note) => {
    const made = await compile(tools, note, 'pkg-vectors', ['--features', 'vectors']);
    return [made, relative(root, made)];
  });
}

/** The version of a crate in rust-core/Cargo.lock.
 * @param {string} crate */
function lockedVersion(crate) {
  const lock = readFileSync(join(core, 'Cargo.lock'), 'utf8');
  const version = new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`).exec(lock)?.[1];
  if (version === undefined) throw new StepError(`rust-core/Cargo.lock does not name ${crate}.`);
  return version;
}

/** @param {Toolchain} tools @param {import('./steps.mjs').Note} note */
async function buildPackage(tools, note) {
  const hashBefore = sourceHash();
  const made = await compile(tools, note, 'pkg');
  // wasm-pack writes one that hides the package from git and npm.
  rmSync(join(made, '.gitignore'), { force: true });
  replacePackage(made);
  writeManifest({
    sourceHash: hashBefore,
    flags: buildFlags,
    rustc: `${tools.rust.version} ${tools.rust.host}`,
    wasmBindgen: tools.bindgen.version,
    wasmPack: tools.pack.version,
    wasmOpt: 'not used',
    sizes: sizesOf(readFileSync(wasmPath())),
    files: fileHashes(),
  });
  writeFileSync(builtHere, JSON.stringify(fileHashes()));
}

/** Makes a package in a folder of rust-core/target, and gives its path.
 * @param {Toolchain} tools @param {import('./steps.mjs').Note} note @param {string} name of the folder
 * @param {string[]} [cargoArgs] */
async function compile({ rust, bindgen, pack }, note, name, cargoArgs = []) {
  const path = [bindgen.bin, pack.bin, rust.env.PATH ?? ''].join(delimiter);
  await fetchCrates(rust, note);
  const settings = join(core, 'target', 'wasm-build.toml');
  mkdirSync(join(core, 'target'), { recursive: true });
  writeFileSync(settings, cargoSettings(rust));
  const made = join(core, 'target', name);
  rmSync(made, { recursive: true, force: true });
  // wasm-pack looks for wasm32 beside the compiler only, and refuses one of our own unless it is forced.
  const flags = buildFlags.map((flag) =>
    flag === 'no-install' && rust.wasmSysroot !== rust.sysroot ? 'force' : flag,
  );
  const out = ['--out-dir', `target/${name}`, '.'];
  const cargo = ['--', '--locked', '--config', settings, ...cargoArgs];
  await mustRun('wasm-pack', ['build', ...flags, ...out, ...cargo], {
    cwd: core,
    env: { ...rust.env, PATH: path },
    onLine: note,
    whatFailed: 'The WASM core does not build.',
  });
  return made;
}

/**
 * Compiler settings of this machine, for cargo to add to those of rust-core/.cargo/config.toml: no path of the
 * machine may get into the package, and a packaged compiler may need its linker and library named.
 * @param {import('./rust.mjs').Rust} rust
 */
function cargoSettings(rust) {
  const flags = pathMapFlags(rust);
  if (rust.wasmSysroot !== undefined && rust.wasmSysroot !== rust.sysroot) {
    flags.push('--sysroot', rust.wasmSysroot);
  }
  const lines = ['[target.wasm32-unknown-unknown]', `rustflags = ${JSON.stringify(flags)}`];
  const bundled = join(rust.sysroot, 'lib', 'rustlib', rust.host, 'bin', 'rust-lld');
  const linker = existsSync(bundled) ? undefined : packagedLinker();
  if (linker !== undefined) lines.push(`linker = ${JSON.stringify(linker)}`);
  return `${lines.join('\n')}\n`;
}

/** Moves the files of a new package to their place, file by file: the folder itself stays.
 * @param {string} made */
function replacePackage(made) {
  mkdirSync(packageFolder, { recursive: true });
  const names = readdirSync(made);
  for (const name of readdirSync(packageFolder)) {
    if (name !== 'manifest.json' && !names.includes(name))
      rmSync(join(packageFolder, name), { recursive: true });
  }
  for (const name of names) renameSync(join(made, name), join(packageFolder, name));
}

/** Writes the manifest; a build of the same files from the same sources leaves the one that is there.
 * @param {import('./manifest.mjs').Manifest} manifest */
function writeManifest(manifest) {
  const old = readManifest();
  const same =
    old?.sourceHash === manifest.sourceHash &&
    JSON.stringify(old.files) === JSON.stringify(manifest.files);
  if (same) return;
  writeFileSync(join(packageFolder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
