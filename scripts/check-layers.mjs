// Checks the house's order in ts/: imports point one way and run in no circle, only ts/mls touches the WASM glue,
// the neutral layers touch nothing of Node, files are short and say first what they are.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { filesBelow, isMain, root } from './support/project.mjs';

/** A layer may import its own storey and those below; the files beside the folders count as layers. */
const storeys = [
  ['errors.ts'],
  ['mls', 'content', 'wire'],
  ['room'],
  ['privacy'],
  ['client', 'provider'],
  ['workers', 'store'],
  ['server'],
  ['index.ts'],
  ['evidence'],
  ['cli', 'explorer'],
];
/** Neighbours on a storey that must not know each other. */
const strangers = [['client', 'provider']];
/** Layers that run in a browser as they are. */
const neutral = ['errors.ts', 'mls', 'content', 'wire', 'room', 'privacy', 'client'];
/** The provider has no input or output of its own; the hub's signatures use the host's cryptography. */
const allowedBuiltins = new Map([['provider', ['node:crypto']]]);
const glue = 'rust-core/pkg';
const longestFile = 500;

/** @param {string} path below the root, `ts/wire/uri.ts` or `ts/errors.ts` */
const layerOf = (path) => path.split('/')[1] ?? '';
/** @param {string} layer */
const storeyOf = (layer) => storeys.findIndex((names) => names.includes(layer));

/** @param {string} specifier */
function isBuiltin(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0] ?? '');
}

/** Specifiers of all imports of a file: static, type-only, re-exports and `import()`.
 * @param {string} text */
function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map((found) => found.fileName);
}

/** @param {string} path of the importing file @param {string} specifier
 * @returns {string | undefined} the path below the root that a relative import names */
function target(path, specifier) {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

/** @param {string} from layer @param {string} to layer
 * @returns {string | undefined} why `from` must not import `to` */
function arrowFault(from, to) {
  if (from === to) return undefined;
  if (storeyOf(to) === -1) return undefined; // Told once, at the unknown layer's own files.
  if (storeyOf(to) > storeyOf(from)) return `${from} must not import ${to}: the arrow points back`;
  const foreign = strangers.some((pair) => pair.includes(from) && pair.includes(to));
  return foreign ? `${from} and ${to} must not know each other` : undefined;
}

/** @param {string} path @param {string} text
 * @returns {number | undefined} the line of the first use of the global `Buffer` */
function bufferLine(path, text) {
  if (!text.includes('Buffer')) return undefined;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  /** @param {ts.Node} node @returns {number | undefined} */
  const visit = (node) => {
    if (ts.isIdentifier(node) && node.text === 'Buffer') {
      return file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    }
    return ts.forEachChild(node, visit);
  };
  return visit(file);
}

/** @param {string} text */
function startsWithComment(text) {
  const code = text.startsWith('#!') ? text.slice(text.indexOf('\n') + 1) : text;
  return /^\/[/*] ?\S|^\/\*\*\s/.test(code);
}

/** Faults of one file, without a view of the others.
 * @param {string} path @param {string} text */
function fileFaults(path, text) {
  const faults = [];
  const lines = text.split('\n').length - 1;
  if (lines > longestFile) faults.push(`has ${lines} lines; split it (at most ${longestFile})`);
  if (!startsWithComment(text))
    faults.push('must begin with a comment that says what it implements');
  const imports = importsOf(text);
  const inMls = path.startsWith('ts/mls/') || path.startsWith('test/unit/mls/');
  if (!inMls && imports.some((name) => name.includes(glue))) {
    faults.push(`imports ${glue}; only ts/mls may`);
  }
  if (!path.startsWith('ts/')) return faults;

  const layer = layerOf(path);
  if (storeyOf(layer) === -1)
    faults.push(`is in the layer \`${layer}\`, which scripts/check-layers.mjs does not know`);
  for (const specifier of imports) {
    const to = target(path, specifier);
    const fault = to?.startsWith('ts/') ? arrowFault(layer, layerOf(to)) : undefined;
    if (fault !== undefined) faults.push(`imports ${specifier}: ${fault}`);
    const confined = neutral.includes(layer) || allowedBuiltins.has(layer);
    if (confined && isBuiltin(specifier) && !allowedBuiltins.get(layer)?.includes(specifier)) {
      faults.push(`imports ${specifier}; ${layer} must run without Node`);
    }
  }
  const buffer = neutral.includes(layer) ? bufferLine(path, text) : undefined;
  if (buffer !== undefined)
    faults.push(`uses Buffer in line ${buffer}; ${layer} must run without Node`);
  return faults;
}

/** Circles among files or layers, each told once, as the way round.
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph
 * @returns {string[][]} */
export function circles(graph) {
  /** @type {string[][]} */
  const found = [];
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map();
  /** @type {string[]} */
  const way = [];
  const walk = (/** @type {string} */ node) => {
    if (state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      found.push([...way.slice(way.indexOf(node)), node]);
      return;
    }
    state.set(node, 'open');
    way.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    way.pop();
    state.set(node, 'done');
  };
  for (const node of graph.keys()) walk(node);
  return found;
}

/** @param {Map<string, Set<string>>} graph @param {string} from @param {string} to */
function connect(graph, from, to) {
  const known = graph.get(from) ?? new Set();
  graph.set(from, known.add(to));
}

/** All faults of a project, as `path: what is wrong`.
 * @param {string} [base] the project's folder
 * @returns {string[]} */
export function layerFaults(base = root) {
  const faults = [];
  /** @type {Map<string, Set<string>>} */
  const files = new Map();
  /** @type {Map<string, Set<string>>} */
  const layers = new Map();
  const paths = ['ts', 'test', 'bench', 'scripts']
    .flatMap((folder) => filesBelow(join(base, folder), base))
    .filter((path) => /\.(?:ts|mjs)$/.test(path) && !path.endsWith('.d.ts'));
  for (const path of paths) {
    const text = readFileSync(join(base, path), 'utf8');
    faults.push(...fileFaults(path, text).map((fault) => `${path}: ${fault}`));
    for (const specifier of importsOf(text)) {
      const to = target(path, specifier);
      if (to === undefined) continue;
      connect(files, path, to);
      if (path.startsWith('ts/') && to.startsWith('ts/') && layerOf(path) !== layerOf(to)) {
        connect(layers, layerOf(path), layerOf(to));
      }
    }
  }
  const rounds = [...circles(files), ...circles(layers)];
  return [...faults, ...rounds.map((round) => `imports run in a circle: ${round.join(' -> ')}`)];
}

if (isMain(import.meta.url)) {
  const faults = layerFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
