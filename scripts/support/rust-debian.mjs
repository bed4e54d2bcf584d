// The packaged way to Rust with wasm32 on Debian, for machines without rustup: Debian 12 has a current
// compiler (rustc-web) but no wasm32 standard library for it, which is built once from its sources.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchCrates, pathMapFlags } from './rust-paths.mjs';
import { isAtLeast, localSysroot, wasmTarget } from './rust-places.mjs';
import { mustRun, run } from './steps.mjs';

/** Debian's packages for the compiler, its sources, its linker for wasm32, and the checks of the gate. */
const packages = [
  'rustc-web',
  'cargo-web',
  'rust-web-src',
  'rust-web-llvm',
  'rust-web-clippy',
  'rustfmt-web',
  'gcc',
  'libc6-dev',
];
const packageBin = '/usr/bin';

/** How to become root without being asked for a password; undefined if there is no way.
 * @returns {Promise<string[] | undefined>} */
async function asRoot() {
  if (process.getuid?.() === 0) return [];
  const { code } = await run('sudo', ['-n', 'true']);
  return code === 0 ? ['sudo', '-n'] : undefined;
}

/** The newest version of a package that apt offers.
 * @param {string} name */
async function offered(name) {
  const { output } = await run('apt-cache', ['policy', name]);
  return /Candidate: (\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** Installs Debian's own Rust where that is possible and new enough.
 * @param {string} oldest the oldest Rust that will do
 * @param {import('./steps.mjs').Note} note
 * @returns {Promise<string | undefined>} the folder of rustc and cargo */
export async function installPackagedRust(oldest, note) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined;
  const root = await asRoot();
  if (root === undefined) return undefined;
  const apt = (/** @type {string[]} */ ...args) => {
    const [command = '', ...rest] = [...root, 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return run(command, rest, { env, onLine: note });
  };
  await apt('update');
  const version = await offered('rustc-web');
  if (version === undefined || !isAtLeast(version, oldest)) return undefined;
  const { code } = await apt(
    'install',
    '-y',
    '--no-install-recommends',
    ...packages,
    await linkerPackage(),
  );
  return code === 0 ? packageBin : undefined;
}

/** Debian's `lld` of the newest LLVM that it offers. */
async function linkerPackage() {
  for (const release of [23, 22, 21, 20, 19]) {
    const { output } = await run('apt-cache', ['policy', `lld-${release}`]);
    if (/Candidate: \d/.test(output)) return `lld-${release}`;
  }
  return 'lld';
}

/** The wasm linker that is installed: rustc looks for `rust-lld`, Debian calls it `wasm-ld-<release>`. */
export function packagedLinker() {
  const names = existsSync(packageBin) ? readdirSync(packageBin) : [];
  const linkers = names.filter((name) => /^wasm-ld-\d+$/.test(name)).sort();
  const newest = linkers.at(-1);
  return newest === undefined ? undefined : join(packageBin, newest);
}

/** Builds the wasm32 standard library from the compiler's own sources into `localSysroot`.
 * @param {import('./rust.mjs').Rust} rust @param {import('./steps.mjs').Note} note */
export async function buildWasmStd(rust, note) {
  await fetchCrates(rust, note);
  const env = {
    ...rust.env,
    // `-Z` needs this; it is how the compiler's own packagers build the library.
    RUSTC_BOOTSTRAP: '1',
    CARGO_ENCODED_RUSTFLAGS: pathMapFlags(rust).join('\x1f'),
  };
  const crate = mkdtempSync(join(tmpdir(), 'exedra-std-'));
  try {
    mkdirSync(join(crate, 'src'));
    writeFileSync(join(crate, 'src', 'lib.rs'), '#![no_std]\n');
    writeFileSync(
      join(crate, 'Cargo.toml'),
      '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n',
    );
    await mustRun(
      'cargo',
      ['build', '--release', '-Z', 'build-std=std,panic_abort', '--target', wasmTarget],
      { cwd: crate, env, onLine: note },
    );
    const built = join(crate, 'target', wasmTarget, 'release', 'deps');
    const sysroot = join(localSysroot(rust.version), 'lib', 'rustlib', wasmTarget, 'lib');
    mkdirSync(sysroot, { recursive: true });
    for (const name of readdirSync(built)) {
      if (!name.endsWith('.rlib') || name.startsWith('libstd_for_wasm')) continue;
      copyFileSync(join(built, name), join(sysroot, name));
    }
  } finally {
    rmSync(crate, { recursive: true, force: true });
  }
}
