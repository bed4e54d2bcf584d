// Loading the core, and what a trap does to it.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as glue from '../../../rust-core/pkg/exedra_core.js';
import { Guard } from '../../../ts/mls/guard.ts';
import { compiledModule, hash, init, initSync, mlsErrors } from '../../../ts/mls/index.ts';
import { codeOf } from './devices.ts';

const wasm = new URL('../../../rust-core/pkg/exedra_core_bg.wasm', import.meta.url);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('on a server the core loads itself at first use, and loading it again does nothing', async () => {
  expect(hash(1, new Uint8Array())).toHaveLength(32);
  const module = compiledModule();
  initSync();
  await init({ bytes: new Uint8Array() });
  expect(compiledModule()).toBe(module);
});

test('the compiled module can be handed to a worker', () => {
  expect(structuredClone(compiledModule())).toBeInstanceOf(WebAssembly.Module);
});

describe('where nothing can be read from disk', () => {
  async function browser(): Promise<typeof import('../../../ts/mls/index.ts')> {
    vi.resetModules();
    vi.stubGlobal('process', { env: {} });
    return import('../../../ts/mls/index.ts');
  }

  test('a call before init says what to do', async () => {
    const mls = await browser();
    expect(() => mls.hash(1, new Uint8Array())).toThrow('Call `await init()` first');
    expect(() => mls.compiledModule()).toThrow(mls.MlsError);
  });

  test('init takes bytes, a module or a URL', async () => {
    const bytes = readFileSync(wasm);
    const sources = [
      { bytes },
      { module: await WebAssembly.compile(bytes) },
      { url: `data:application/wasm;base64,${bytes.toString('base64')}` },
    ];
    for (const source of sources) {
      const mls = await browser();
      await Promise.all([mls.init(source), mls.init(source)]);
      expect(mls.hash(1, new Uint8Array())).toHaveLength(32);
    }
  });

  test('a failed init can be tried again', async () => {
    const mls = await browser();
    await expect(mls.init({ bytes: new Uint8Array([1, 2, 3]) })).rejects.toThrow();
    await mls.init({ bytes: readFileSync(wasm) });
    expect(mls.hash(1, new Uint8Array())).toHaveLength(32);
  });
});

test('every code that the core throws is in the table, and the others are the loader’s', () => {
  const own = ['notInitialized', 'disposed', 'trapped', 'instanceDead'];
  expect([...glue.errorCodes(), ...own].sort()).toEqual(Object.keys(mlsErrors).sort());
});

describe('a guard', () => {
  /** (module (func (export "trap") unreachable)), by hand (WebAssembly core specification, section 5). */
  const trapping = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
    ...[0x03, 0x02, 0x01, 0x00],
    ...[0x07, 0x08, 0x01, 0x04, 0x74, 0x72, 0x61, 0x70, 0x00, 0x00],
    ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(trapping));
  const trap = exports.trap as () => void;

  test('reports a trap as such, and refuses the instance from then on', () => {
    const guard = new Guard();
    expect(guard.run(() => 7)).toBe(7);
    expect(codeOf(() => guard.run(trap))).toBe('trapped');
    expect(guard.dead).toBe(true);
    expect(codeOf(() => guard.run(() => 7))).toBe('instanceDead');
  });

  test('treats an overflowed stack like a trap', () => {
    const guard = new Guard();
    const forever = (): number => 1 + forever();
    expect(codeOf(() => guard.run(forever))).toBe('trapped');
    expect(codeOf(() => guard.run(() => 7))).toBe('instanceDead');
  });

  test('lives on after an ordinary refusal', () => {
    const guard = new Guard();
    const refusal = Object.assign(new Error('Rule'), {
      code: 'expired',
      details: { rule: 'Rule' },
    });
    expect(() =>
      guard.run(() => {
        throw refusal;
      }),
    ).toThrow(expect.objectContaining({ code: 'expired', details: { rule: 'Rule' } }));
    expect(guard.run(() => 7)).toBe(7);
  });
});
