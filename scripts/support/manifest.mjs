// rust-core/pkg/manifest.json: what the committed WASM package was built from and what it consists of.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { filesBelow, hashFiles, readJson, root, sha256 } from './project.mjs';

export const core = join(root, 'rust-core');
export const packageFolder = join(core, 'pkg');
const manifestName = 'manifest.json';

/** What `wasm-pack build` is called with; a part of what the package is built from. */
export const buildFlags = [
  '--release',
  '--target',
  'web',
  '--no-pack',
  '--mode',
  'no-install',
  '--no-opt',
];

/** What a browser may have to fetch for the first message, in bytes; origin: docs/performance.md, "Bars". */
export const sizeLimits = { gzip: 650_000, brotli: 480_000 };

/**
 * @typedef {{raw: number, gzip: number, brotli: number}} Sizes in bytes
 * @typedef {{
 *   sourceHash: string, flags: string[],
 *   rustc: string, wasmBindgen: string, wasmPack: string, wasmOpt: string,
 *   sizes: Sizes, files: Record<string, string>,
 * }} Manifest
 */

/** One hash over all that decides what the compiler makes: Rust sources, lock file, settings, patches, flags.
 * @param {string} [folder] */
export function sourceHash(folder = core) {
  const single = [
    'Cargo.toml',
    'Cargo.lock',
    'build.rs',
    'rust-toolchain.toml',
    '.cargo/config.toml',
  ];
  const paths = [
    ...single.filter((path) => existsSync(join(folder, path))),
    ...filesBelow(join(folder, 'src'), folder),
    ...filesBelow(join(folder, 'patches'), folder),
  ];
  return sha256(`${hashFiles(paths, folder)} ${buildFlags.join(' ')}`);
}

/** Raw, gzip -9 and brotli -11 sizes of the .wasm file.
 * @param {Uint8Array} wasm
 * @returns {Sizes} */
export function sizesOf(wasm) {
  const brotli = brotliCompressSync(wasm, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    },
  });
  return { raw: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length, brotli: brotli.length };
}

/** SHA-256 of each file of a package but its manifest.
 * @param {string} [folder]
 * @returns {Record<string, string>} */
export function fileHashes(folder = packageFolder) {
  const names = filesBelow(folder, folder).filter((name) => name !== manifestName);
  return Object.fromEntries(names.map((name) => [name, sha256(readFileSync(join(folder, name)))]));
}

/** The path of the .wasm file in a package.
 * @param {string} [folder] */
export function wasmPath(folder = packageFolder) {
  return join(folder, 'exedra_core_bg.wasm');
}

/** @param {string} [folder]
 * @returns {Manifest | undefined} */
export function readManifest(folder = packageFolder) {
  const path = join(folder, manifestName);
  return existsSync(path) ? readJson(path) : undefined;
}

/** What is wrong with the package in `<core folder>/pkg`, one sentence each; nothing if it is whole and current.
 * @param {string} [folder] the core folder
 * @returns {string[]} */
export function packageProblems(folder = core) {
  const manifest = readManifest(join(folder, 'pkg'));
  if (manifest === undefined) return ['rust-core/pkg/manifest.json is missing.'];
  const problems = [];
  if (manifest.sourceHash !== sourceHash(folder)) {
    problems.push('rust-core/pkg was built from other Rust sources or flags than those at hand.');
  }
  const found = fileHashes(join(folder, 'pkg'));
  for (const name of new Set([...Object.keys(manifest.files), ...Object.keys(found)])) {
    if (found[name] === manifest.files[name]) continue;
    const fault =
      found[name] === undefined ? 'is missing' : 'is not the file that the manifest lists';
    problems.push(`rust-core/pkg/${name} ${fault}.`);
  }
  return problems;
}
