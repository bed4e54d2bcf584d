// Finds a Rust toolchain that can build the core, and gives it the wasm32 standard library:
// what is there, else `rustup target add`, else (Debian, as root) the packaged toolchain.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { core } from './manifest.mjs';
import { buildWasmStd, installPackagedRust } from './rust-debian.mjs';
import { isAtLeast, localSysroot, toolsFolder, wasmTarget } from './rust-places.mjs';
import { run, StepError } from './steps.mjs';

/**
 * A Rust toolchain. `env` has its folder first on the PATH and none of the user's flags, which would replace the
 * project's; `sysroot` is where its libraries lie, `wasmSysroot` the same or a folder of the project's.
 * @typedef {{bin: string, version: string, host: string, commit: string, sysroot: string,
 *   wasmSysroot: string | undefined, env: NodeJS.ProcessEnv}} Rust
 */

/** @param {string} bin @returns {NodeJS.ProcessEnv} */
function toolchainEnv(bin) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  for (const name of ['RUSTFLAGS', 'CARGO_ENCODED_RUSTFLAGS', 'CARGO_BUILD_TARGET'])
    delete env[name];
  return env;
}

/** The oldest Rust that builds the core, as its Cargo.toml says. */
export function oldestRust() {
  const manifest = readFileSync(join(core, 'Cargo.toml'), 'utf8');
  return /^rust-version\s*=\s*"([\d.]+)"/m.exec(manifest)?.[1] ?? '1.85';
}

/** @param {string} sysroot */
function hasWasmStd(sysroot) {
  const folder = join(sysroot, 'lib', 'rustlib', wasmTarget, 'lib');
  return existsSync(folder) && readdirSync(folder).some((name) => /^libstd-.*\.rlib$/.test(name));
}

/** @param {string} bin @returns {Promise<Rust | undefined>} */
async function inspect(bin) {
  const exe = process.platform === 'win32' ? '.exe' : '';
  if (!existsSync(join(bin, `rustc${exe}`)) || !existsSync(join(bin, `cargo${exe}`)))
    return undefined;
  const env = toolchainEnv(bin);
  const about = await run('rustc', ['-vV'], { cwd: core, env });
  const sysroot = await run('rustc', ['--print', 'sysroot'], { cwd: core, env });
  if (about.code !== 0 || sysroot.code !== 0) return undefined;
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(about.output)?.[1]?.trim() ?? '';
  const version = field('release').replace(/-.*/, '');
  if (!isAtLeast(version, oldestRust())) return undefined;
  const own = sysroot.output.trim();
  const local = localSysroot(version);
  const wasmSysroot = [own, local].find(hasWasmStd);
  return {
    bin,
    version,
    host: field('host'),
    commit: field('commit-hash'),
    sysroot: own,
    wasmSysroot,
    env,
  };
}

/** Toolchains new enough for the core, in the order in which they are preferred. */
async function toolchains() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const path = (process.env.PATH ?? '').split(delimiter);
  const bins = new Set([
    ...path,
    join(cargoHome, 'bin'),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ]);
  const found = [];
  for (const bin of bins) {
    const rust = bin === '' ? undefined : await inspect(bin);
    if (rust !== undefined) found.push(rust);
  }
  return found;
}

/** A toolchain for checks and tests on this machine; no wasm32 needed.
 * @returns {Promise<Rust | undefined>} */
export async function findRust() {
  return (await toolchains())[0];
}

/** Makes sure that `cargo fmt` or `cargo clippy` is there: rustup's minimal profile leaves them out.
 * @param {Rust} rust @param {'fmt' | 'clippy'} command @param {import('./steps.mjs').Note} note */
export async function requireComponent(rust, command, note) {
  const probe = await run('cargo', [command, '--version'], { cwd: core, env: rust.env });
  if (probe.code === 0) return;
  const component = command === 'fmt' ? 'rustfmt' : command;
  const options = { cwd: core, env: rust.env, onLine: note };
  const { code, output } = await run('rustup', ['component', 'add', component], options);
  if (code === 0) return;
  throw new StepError(
    `\`cargo ${command}\` is missing; install it with \`rustup component add ${component}\`.`,
    `${probe.output}${output}`,
  );
}

/** A toolchain that has the wasm32 standard library already.
 * @returns {Promise<Rust | undefined>} */
export async function findWasmRust() {
  return (await toolchains()).find((rust) => rust.wasmSysroot !== undefined);
}

/** A toolchain with the wasm32 standard library, installed if need be.
 * @param {import('./steps.mjs').Note} note
 * @returns {Promise<Rust>} throws a StepError with the two commands that the user should run */
export async function requireWasmRust(note) {
  const ready = await findWasmRust();
  if (ready !== undefined) return ready;
  const tried = [];
  for (const rust of await toolchains()) {
    if (!existsSync(join(rust.bin, 'rustup'))) continue;
    const { output } = await run('rustup', ['target', 'add', wasmTarget], {
      cwd: core,
      env: rust.env,
      onLine: note,
      timeoutMs: 300_000,
    });
    tried.push(output);
    const added = await inspect(rust.bin);
    if (added?.wasmSysroot !== undefined) return added;
  }
  const packaged = await installPackagedRust(oldestRust(), note);
  if (packaged !== undefined) {
    const rust = await inspect(packaged);
    if (rust?.wasmSysroot !== undefined) return rust;
    if (rust !== undefined) {
      await buildWasmStd(rust, note);
      const built = await inspect(packaged);
      if (built?.wasmSysroot !== undefined) return built;
    }
  }
  throw new StepError(
    `The WASM core must be built, and no Rust ${oldestRust()} or newer with the ${wasmTarget} target was found.\n` +
      'Install Rust with your system’s rustup package or from the Rust project’s site, then run:\n' +
      `  rustup toolchain install stable\n  rustup target add ${wasmTarget}`,
    tried.join('\n'),
  );
}

/** Where a tool lies: the project's own folder, cargo's, or the PATH; `fits` looks at its `--version`.
 * @param {Rust} rust @param {string} tool @param {(version: string) => boolean} fits
 * @returns {Promise<{bin: string, version: string} | undefined>} */
export async function findTool(rust, tool, fits) {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const path = (process.env.PATH ?? '').split(delimiter);
  for (const bin of [join(toolsFolder, 'bin'), join(cargoHome, 'bin'), ...path]) {
    const program = join(bin, process.platform === 'win32' ? `${tool}.exe` : tool);
    if (bin === '' || !existsSync(program)) continue;
    const { code, output } = await run(program, ['--version'], { env: rust.env });
    const version = /\d+\.\d+\.\d+/.exec(output)?.[0];
    if (code === 0 && version !== undefined && fits(version))
      return { bin: dirname(program), version };
  }
  return undefined;
}

/** Makes sure that a tool is there, by `cargo install` into the project's own folder if it is not.
 * @param {Rust} rust @param {string} tool @param {string} crate @param {string} version
 * @param {(version: string) => boolean} fits @param {import('./steps.mjs').Note} note */
export async function requireTool(rust, tool, crate, version, fits, note) {
  const found = await findTool(rust, tool, fits);
  if (found !== undefined) return found;
  mkdirSync(toolsFolder, { recursive: true });
  // A debug build without its debug information: several times quicker to make, and the tool runs for seconds only.
  const args = [
    'install',
    crate,
    '--version',
    version,
    '--bin',
    tool,
    '--debug',
    '--root',
    toolsFolder,
  ];
  const env = { ...rust.env, CARGO_PROFILE_DEV_DEBUG: '0' };
  const { code, output } = await run('cargo', args, {
    cwd: toolsFolder,
    env,
    onLine: note,
  });
  const installed = code === 0 ? await findTool(rust, tool, fits) : undefined;
  if (installed !== undefined) return installed;
  throw new StepError(`\`cargo install ${crate}\` failed.`, output);
}
