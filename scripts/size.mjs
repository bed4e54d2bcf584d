// Prints the raw, gzip and brotli size of the WASM package, and the gzip size of the content codec, beside their limits.
// 1 KB = 1,000 bytes. `--json` prints {raw, gzip, brotli, content, ok} in bytes; `--check` exits 1 when one is too large.
import { existsSync, readFileSync } from 'node:fs';
import { contentLimit, contentSize } from './support/content_size.mjs';
import { sizeLimits as limits, sizesOf, wasmPath } from './support/manifest.mjs';

if (!existsSync(wasmPath())) {
  console.error('rust-core/pkg holds no .wasm file. Build it with `npm run build:wasm`.');
  process.exit(1);
}
const sizes = sizesOf(readFileSync(wasmPath()));
const content = await contentSize();
const ok = sizes.gzip <= limits.gzip && sizes.brotli <= limits.brotli && content <= contentLimit;
if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ ...sizes, content, ok }));
} else {
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(12);
  console.log('WASM core (1 KB = 1,000 bytes)         size       limit');
  console.log(`  raw               ${kilobytes(sizes.raw).padStart(25)}`);
  console.log(`  gzip -9           ${kilobytes(sizes.gzip).padStart(25)}${kilobytes(limits.gzip)}`);
  console.log(
    `  brotli -11        ${kilobytes(sizes.brotli).padStart(25)}${kilobytes(limits.brotli)}`,
  );
  console.log('Content codec: decode, encode, all checks');
  console.log(`  gzip -9           ${kilobytes(content).padStart(25)}${kilobytes(contentLimit)}`);
}
if (!ok) {
  console.error('Something is larger than its limit.');
  if (process.argv.includes('--check')) process.exitCode = 1;
}
