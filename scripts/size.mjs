// Prints the raw, gzip and brotli size of the WASM package beside its limits. 1 KB = 1,000 bytes.
// `--json` prints {raw, gzip, brotli, ok} in bytes; `--check` exits 1 when the package is too large.
import { existsSync, readFileSync } from 'node:fs';
import { sizeLimits as limits, sizesOf, wasmPath } from './support/manifest.mjs';

if (!existsSync(wasmPath())) {
  console.error('rust-core/pkg holds no .wasm file. Build it with `npm run build:wasm`.');
  process.exit(1);
}
const sizes = sizesOf(readFileSync(wasmPath()));
const ok = sizes.gzip <= limits.gzip && sizes.brotli <= limits.brotli;
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ ...sizes, ok }));
} else {
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(12);
  console.log('WASM core (1 KB = 1,000 bytes)         size       limit');
  console.log(`  raw               ${kilobytes(sizes.raw).padStart(25)}`);
  console.log(`  gzip -9           ${kilobytes(sizes.gzip).padStart(25)}${kilobytes(limits.gzip)}`);
  console.log(
    `  brotli -11        ${kilobytes(sizes.brotli).padStart(25)}${kilobytes(limits.brotli)}`,
  );
}
if (!ok) {
  console.error('The WASM core is larger than its limit.');
  if (process.argv.includes('--check')) process.exitCode = 1;
}
