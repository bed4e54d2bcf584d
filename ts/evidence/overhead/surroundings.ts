// Where figures were measured: every report states machine, versions and commit.

import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

/** How many processes wanted to run at once, on average of the last minute. */
export const load = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;

/** The package's folder: three up, in the sources as in dist. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Node, and what the WASM core was built with, from its manifest. */
export function versions(): Record<string, string> {
  const manifest = new URL('../../../rust-core/pkg/manifest.json', import.meta.url);
  const { rustc, wasmBindgen }: Record<string, string> = JSON.parse(readFileSync(manifest, 'utf8'));
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    ...(rustc === undefined ? {} : { rustc }),
    ...(wasmBindgen === undefined ? {} : { 'wasm-bindgen': wasmBindgen }),
  };
}

/** The commit of the sources; ends in `+` where files differ from it, `unknown` outside of its repository. */
export function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      encoding: 'utf8',
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    // A package that is installed into another project has no commit of its own.
    const top = realpathSync(git('rev-parse', '--show-toplevel'));
    if (top !== realpathSync(ROOT).replace(/[\\/]$/, '')) return 'unknown';
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') ? '+' : '');
  } catch {
    return 'unknown';
  }
}
