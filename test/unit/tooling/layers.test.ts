// The layer check must see each fault it exists for: each is planted in a small project and must be found.
import { describe, expect, it } from 'vitest';
import { circles, layerFaults } from '../../../scripts/check-layers.mjs';
import { plant } from './planted.ts';

const head = '// What this file is.\n';
const room = `${head}export const room = 1;\n`;

describe('the layer check', () => {
  it('accepts imports that point one way', () => {
    const project = plant({
      'ts/errors.ts': `${head}export const base = 1;\n`,
      'ts/room/index.ts': `${head}export { base } from '../errors.ts';\n`,
      'ts/client/index.ts': `${head}export { base } from '../room/index.ts';\n`,
      'ts/cli/main.ts': `#!/usr/bin/env node\n${head}import '../client/index.ts';\n`,
    });
    expect(layerFaults(project)).toEqual([]);
  });

  it.each([
    ['a static import', "import { server } from '../server/index.ts';\nserver;\n"],
    [
      'a type-only import',
      "import type { Server } from '../server/index.ts';\nexport let x: Server;\n",
    ],
    ['a re-export', "export * from '../server/index.ts';\n"],
    ['a dynamic import', "export const load = () => import('../server/index.ts');\n"],
  ])('refuses an arrow that points back, made by %s', (_, code) => {
    const project = plant({
      'ts/room/index.ts': head + code,
      'ts/server/index.ts': `${head}export const server = 1;\n`,
    });
    expect(layerFaults(project)).toEqual([
      'ts/room/index.ts: imports ../server/index.ts: room must not import server: the arrow points back',
    ]);
  });

  it('refuses that client and provider know each other', () => {
    const project = plant({
      'ts/client/index.ts': `${head}import '../provider/index.ts';\n`,
      'ts/provider/index.ts': `${head}export {};\n`,
    });
    expect(layerFaults(project)).toEqual([
      'ts/client/index.ts: imports ../provider/index.ts: client and provider must not know each other',
    ]);
  });

  it('refuses imports that run in a circle', () => {
    const project = plant({
      'ts/room/a.ts': `${head}import './b.ts';\n`,
      'ts/room/b.ts': `${head}import './c.ts';\n`,
      'ts/room/c.ts': `${head}import './a.ts';\n`,
    });
    expect(layerFaults(project)).toEqual([
      'imports run in a circle: ts/room/a.ts -> ts/room/b.ts -> ts/room/c.ts -> ts/room/a.ts',
    ]);
  });

  it('refuses layers in a circle even where their files are not', () => {
    const project = plant({
      'ts/mls/a.ts': `${head}import '../wire/a.ts';\n`,
      'ts/mls/b.ts': `${head}export {};\n`,
      'ts/wire/a.ts': `${head}export {};\n`,
      'ts/wire/b.ts': `${head}import '../mls/b.ts';\n`,
    });
    expect(layerFaults(project)).toEqual(['imports run in a circle: mls -> wire -> mls']);
  });

  it('refuses the generated glue outside ts/mls', () => {
    const glue = `${head}import '../../rust-core/pkg/exedra_core.js';\n`;
    const project = plant({
      'ts/mls/a.ts': glue,
      'ts/room/a.ts': glue,
      'test/unit/a.test.ts': glue,
    });
    expect(layerFaults(project)).toEqual([
      'ts/room/a.ts: imports rust-core/pkg; only ts/mls may',
      'test/unit/a.test.ts: imports rust-core/pkg; only ts/mls may',
    ]);
  });

  it.each(['node:fs', 'fs', 'fs/promises'])(
    'refuses %s in a layer that must run without Node',
    (name) => {
      const project = plant({ 'ts/client/a.ts': `${head}import '${name}';\n` });
      expect(layerFaults(project)).toEqual([
        `ts/client/a.ts: imports ${name}; client must run without Node`,
      ]);
    },
  );

  it('allows the provider the host’s cryptography and nothing else of the host', () => {
    const project = plant({
      'ts/provider/a.ts': `${head}import 'node:crypto';\n`,
      'ts/provider/b.ts': `${head}import 'node:net';\n`,
    });
    expect(layerFaults(project)).toEqual([
      'ts/provider/b.ts: imports node:net; provider must run without Node',
    ]);
  });

  it('refuses Buffer in a neutral layer, but not the word in a comment or in ArrayBuffer', () => {
    const project = plant({
      'ts/wire/good.ts': `${head}// Buffer would not do.\nexport const x = new ArrayBuffer(1);\n`,
      'ts/wire/bad.ts': `${head}export const x = Buffer.alloc(1);\n`,
    });
    expect(layerFaults(project)).toEqual([
      'ts/wire/bad.ts: uses Buffer in line 2; wire must run without Node',
    ]);
  });

  it('refuses a file that does not begin with a comment', () => {
    const project = plant({ 'ts/room/index.ts': 'export const room = 1;\n' });
    expect(layerFaults(project)).toEqual([
      'ts/room/index.ts: must begin with a comment that says what it implements',
    ]);
  });

  it('refuses a file of more than 500 lines', () => {
    const project = plant({
      'ts/room/long.ts': head + 'export {};\n'.repeat(500),
      'ts/room/fits.ts': head + 'export {};\n'.repeat(499),
    });
    expect(layerFaults(project)).toEqual([
      'ts/room/long.ts: has 501 lines; split it (at most 500)',
    ]);
  });

  it('refuses a folder that is no layer', () => {
    const project = plant({ 'ts/utils/index.ts': room });
    expect(layerFaults(project)).toEqual([
      'ts/utils/index.ts: is in the layer `utils`, which scripts/check-layers.mjs does not know',
    ]);
  });

  it('tells a circle once, however many ways lead into it', () => {
    const graph = new Map([
      ['a', new Set(['b', 'c'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ]);
    expect(circles(graph)).toEqual([['b', 'c', 'b']]);
  });
});
