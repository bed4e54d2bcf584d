// The code of the README and of other pages, run as it stands there against the built library.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each(['README.md', 'docs/content.md'])(
  'the code of %s runs and prints what the page says',
  async (path) => {
    const page = await readFile(join(root, path), 'utf8');
    const code = /```js\n([\s\S]*?)```/.exec(page)?.[1];
    const promised = /It prints `([^`]+)`/.exec(page)?.[1];
    expect(code).toBeDefined();
    expect(promised).toBeDefined();
    // Below the package's own package.json, so that `exedra` is the package itself.
    const folder = await mkdtemp(join(root, 'dist', '.readme-'));
    try {
      const file = join(folder, 'readme.mjs');
      await writeFile(file, code as string);
      const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
      expect(stdout.trim()).toBe(promised);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
