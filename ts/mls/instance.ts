// Loads the WebAssembly core once, and is the only way to it.
// Server runtimes load it by themselves, synchronously; browsers call `init` first.

import * as glue from '../../rust-core/pkg/exedra_core.js';
import { MlsError } from './errors.ts';
import { Guard } from './guard.ts';

/** Where the module comes from; nothing given: the file beside the package. */
export interface InitSource {
  /** A compiled module, as `compiledModule()` gives it. */
  readonly module?: WebAssembly.Module | undefined;
  /** The bytes of the .wasm file. */
  readonly bytes?: Uint8Array | undefined;
  /** Where to fetch the .wasm file. */
  readonly url?: URL | string | undefined;
}

export type Glue = typeof glue;

const guard = new Guard();
let compiled: WebAssembly.Module | undefined;
let loading: Promise<void> | undefined;

// ts/mls and dist/mls both lie two levels below the root, so one relative path serves both.
const wasmUrl = (): URL => new URL('../../rust-core/pkg/exedra_core_bg.wasm', import.meta.url);

/** The part of `process` that is asked for, which Node, Deno and Bun have and browsers lack. */
interface ServerProcess {
  getBuiltinModule?: (id: string) => { readFileSync(path: URL): Uint8Array } | undefined;
}

function readFromDisk(): Uint8Array | undefined {
  // Not an import of node:fs: this file must also load in a browser, where a static import would fail.
  const { process } = globalThis as { process?: ServerProcess };
  const url = wasmUrl();
  if (url.protocol !== 'file:') return undefined;
  return process?.getBuiltinModule?.('node:fs')?.readFileSync(url);
}

function instantiate(module: WebAssembly.Module): void {
  guard.run(() => glue.initSync({ module }));
  compiled = module;
}

/**
 * Loads the core; calling it again does nothing. In a browser the .wasm file is fetched from beside this module
 * unless `source` says otherwise. Throws what fetching and compiling throw.
 */
export function init(source: InitSource = {}): Promise<void> {
  if (compiled !== undefined) return Promise.resolve();
  loading ??= load(source).finally(() => {
    loading = undefined;
  });
  return loading;
}

async function load(source: InitSource): Promise<void> {
  const module =
    source.module ??
    (source.bytes === undefined
      ? await compileFrom(source.url)
      : await WebAssembly.compile(source.bytes as Uint8Array<ArrayBuffer>));
  if (compiled === undefined) instantiate(module);
}

async function compileFrom(url: URL | string | undefined): Promise<WebAssembly.Module> {
  const bytes = url === undefined ? readFromDisk() : undefined;
  if (bytes !== undefined) return WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  const response = await fetch(url ?? wasmUrl());
  if (!response.ok) {
    throw new MlsError('notInitialized', undefined, {
      details: { status: response.status, url: String(url ?? wasmUrl()) },
    });
  }
  // Not compileStreaming: it demands the media type application/wasm, which many file servers do not send.
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Loads the core synchronously; calling it again does nothing. Without a source it needs a server runtime.
 * Throws MlsError `notInitialized` where there is nothing to load from.
 */
export function initSync(source: Omit<InitSource, 'url'> = {}): void {
  if (compiled !== undefined) return;
  if (source.module !== undefined) {
    instantiate(source.module);
    return;
  }
  const bytes = source.bytes ?? readFromDisk();
  if (bytes === undefined) throw new MlsError('notInitialized');
  instantiate(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
}

/** The compiled module, to hand to workers, which then start without compiling. */
export function compiledModule(): WebAssembly.Module {
  initSync();
  if (compiled === undefined) throw new MlsError('notInitialized');
  return compiled;
}

/**
 * Whether the instance of this thread trapped; then only a new worker or process helps. There is no way to start
 * over in the same thread: wasm-bindgen's glue keeps its first instance for good, and all handles point into it.
 */
export function instanceIsDead(): boolean {
  return guard.dead;
}

/** Runs `call` with the loaded glue under the guard; what it throws comes out as MlsError. */
export function core<T>(call: (glue: Glue) => T): T {
  if (compiled === undefined) initSync();
  return guard.run(() => call(glue));
}
