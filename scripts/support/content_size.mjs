// What the content codec weighs in a browser: decode, encode and all their checks, bundled, minified and compressed.
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { root } from './project.mjs';

/** Bytes after `gzip -9`: 6 KiB. */
export const contentLimit = 6 * 1024;

/** @returns {Promise<number>} bytes after `gzip -9` */
export async function contentSize() {
  const bundle = await rolldown({ input: join(root, 'ts/content/container.ts') });
  const { output } = await bundle.generate({ format: 'es', minify: true, comments: false });
  return gzipSync(output[0].code, { level: 9 }).length;
}
