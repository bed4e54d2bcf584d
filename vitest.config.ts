// Tests by kind: every folder of test/ with tests in it is a vitest project of that name.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Kinds that start processes or race them: one file after the other, with time to spare. */
const slow = ['fault', 'scenario', 'interop', 'simulation'];
/** Folders of test/ that hold what tests use. */
const helpers = ['support', 'fixtures'];

const kinds = readdirSync(fileURLToPath(new URL('test', import.meta.url)), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !helpers.includes(entry.name))
  .map((entry) => entry.name);

export default defineConfig({
  test: {
    // Compiling and instantiating the WASM core takes its time on a busy machine.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: kinds.map((kind) => ({
      extends: true as const,
      test: {
        name: kind,
        include: [`test/${kind}/**/*.test.ts`],
        ...(slow.includes(kind)
          ? { fileParallelism: false, testTimeout: 300_000, hookTimeout: 120_000 }
          : {}),
      },
    })),
  },
});
