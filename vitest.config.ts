// Tests by kind: every folder of test/ with tests in it is a vitest project of that name.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Kinds that start processes, race them or wait for them: with time to spare. */
const slow = ['fault', 'scenario', 'interop', 'simulation'];
/** Kinds that load the machine on purpose, or compare times: one file after the other. */
const alone = ['fault', 'interop', 'simulation'];
/** Folders of test/ that hold what tests use. */
const helpers = ['support', 'fixtures'];

const kinds = readdirSync(fileURLToPath(new URL('test', import.meta.url)), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !helpers.includes(entry.name))
  .map((entry) => entry.name);

export default defineConfig({
  test: {
    // All cores: by default one is left to the terminal, which of two is half.
    maxWorkers: availableParallelism(),
    // Compiling and instantiating the WASM core takes its time on a busy machine, and so do the rooms of many tests.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: kinds.map((kind) => ({
      extends: true as const,
      test: {
        name: kind,
        include: [`test/${kind}/**/*.test.ts`],
        ...(slow.includes(kind) ? { testTimeout: 300_000, hookTimeout: 120_000 } : {}),
        ...(alone.includes(kind) ? { fileParallelism: false } : {}),
      },
    })),
  },
});
