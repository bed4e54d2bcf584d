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
import { delimiter, join } from 'node:path';
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

/** Builds rust-core/pkg from source, with whatever is needed for it.
 * @param {import('./steps.mjs').Steps} steps */
export async function buildWasm(steps) {
  /** @type {import('./rust.mjs').Rust | undefined} */
  let rust;
  await steps.run('Rust with wasm32', async (note) => {
    rust = await requireWasmRust(note);
    return `rustc ${rust.version}`;
  });
  if (rust === undefined) return;
  const toolchain = rust;
  /** @type {{bin: string, version: string}[]} */
  const tools = [];
  const bindgen = lockedVersion('wasm-bindgen');
  await steps.run('wasm-bindgen', async (note) => {
    const fits = (/** @type {string} */ version) => version === bindgen;
    const tool = await requireTool(
      toolchain,
      'wasm-bindgen',
      'wasm-bindgen-cli',
      bindgen,
      fits,
      note,
    );
    tools.push(tool);
    return tool.version;
  });
  await steps.run('wasm-pack', async (note) => {
    const fits = (/** @type {string} */ version) =>
      isAtLeast(version, wasmPack.oldest) && !isAtLeast(version, wasmPack.before);
    const tool = await requireTool(
      toolchain,
      'wasm-pack',
      'wasm-pack',
      wasmPack.version,
      fits,
      note,
    );
    tools.push(tool);
    return tool.version;
  });
  await steps.run('WASM core (rust-core/pkg)', async (note) => {
    const before = JSON.stringify(readManifest()?.files);
    await compile(toolchain, tools, note);
    const { raw, gzip } = sizesOf(readFileSync(wasmPath()));
    const news = before === JSON.stringify(fileHashes()) ? 'the same bytes as before' : 'new bytes';
    return `${Math.round(raw / 1000)} KB, gzip ${Math.round(gzip / 1000)} KB, ${news}`;
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

/** @param {import('./rust.mjs').Rust} rust @param {{bin: string, version: string}[]} tools
 * @param {import('./steps.mjs').Note} note */
async function compile(rust, tools, note) {
  const hashBefore = sourceHash();
  const path = [...tools.map((tool) => tool.bin), rust.env.PATH ?? ''].join(delimiter);
  const env = { ...rust.env, PATH: path };
  await fetchCrates(rust, note);

  const settings = join(core, 'target', 'wasm-build.toml');
  mkdirSync(join(core, 'target'), { recursive: true });
  writeFileSync(settings, cargoSettings(rust));
  const made = join(core, 'target', 'pkg');
  rmSync(made, { recursive: true, force: true });
  // wasm-pack looks for wasm32 beside the compiler only, and refuses one of our own unless it is forced.
  const flags = buildFlags.map((flag) =>
    flag === 'no-install' && rust.wasmSysroot !== rust.sysroot ? 'force' : flag,
  );
  const args = [
    'build',
    ...flags,
    '--out-dir',
    'target/pkg',
    '.',
    '--',
    '--locked',
    '--config',
    settings,
  ];
  await mustRun('wasm-pack', args, {
    cwd: core,
    env,
    onLine: note,
    whatFailed: 'The WASM core does not build.',
  });
  // wasm-pack writes one that hides the package from git and npm.
  rmSync(join(made, '.gitignore'), { force: true });
  replacePackage(made);

  const [bindgen, pack] = tools.map((tool) => tool.version);
  writeManifest({
    sourceHash: hashBefore,
    flags: buildFlags,
    rustc: `${rust.version} ${rust.host}`,
    wasmBindgen: bindgen ?? '',
    wasmPack: pack ?? '',
    wasmOpt: 'not used',
    sizes: sizesOf(readFileSync(wasmPath())),
    files: fileHashes(),
  });
  writeFileSync(builtHere, JSON.stringify(fileHashes()));
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
