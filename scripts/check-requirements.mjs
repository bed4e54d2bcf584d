// Checks test/requirements.json: every rule of the specifications has an id and a test that exists.
// An entry is id -> {rule, source, test}, test being "path#title" or a list of such.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isMain, readJson, root } from './support/project.mjs';

/** @typedef {{rule?: string, source?: string, test?: string | string[]}} Requirement */

const testFunctions = ['it', 'test', 'describe'];

/** The function at the bottom of `it`, `it.each(…)`, `test.concurrent`.
 * @param {ts.Node} node @returns {string} */
function calledName(node) {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node))
    return calledName(node.expression);
  if (ts.isTaggedTemplateExpression(node)) return calledName(node.tag);
  return '';
}

/** Titles of the tests in a TypeScript file, or names of the functions in a Rust file.
 * @param {string} path @param {string} text
 * @returns {Set<string>} */
export function testTitles(path, text) {
  if (path.endsWith('.rs')) {
    return new Set([...text.matchAll(/#\[test\][^{]*?fn (\w+)/g)].map((match) => match[1] ?? ''));
  }
  /** @type {Set<string>} */
  const titles = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && testFunctions.includes(calledName(node.expression))) {
      const title = node.arguments[0];
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
      else if (title !== undefined && ts.isTemplateExpression(title)) {
        titles.add(title.getText().slice(1, -1));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return titles;
}

/** @param {Record<string, Requirement>} requirements @param {string} [base] the project's folder
 * @returns {string[]} faults, as `id: what is wrong` */
export function requirementFaults(requirements, base = root) {
  /** @type {string[]} */
  const faults = [];
  for (const [id, { rule, source, test }] of Object.entries(requirements)) {
    if (!rule) faults.push(`${id}: has no rule`);
    if (!source) faults.push(`${id}: has no source`);
    const tests = [test ?? []].flat();
    if (tests.length === 0) faults.push(`${id}: has no test`);
    for (const name of tests) {
      const [path = '', title = ''] = name.split(/#(.*)/s);
      const place = join(base, path);
      if (path === '' || !existsSync(place))
        faults.push(`${id}: ${path || '(no path)'} does not exist`);
      else if (!testTitles(path, readFileSync(place, 'utf8')).has(title)) {
        faults.push(`${id}: ${path} has no test with the title “${title}”`);
      }
    }
  }
  return faults;
}

if (isMain(import.meta.url)) {
  const path = join(root, 'test', 'requirements.json');
  const faults = existsSync(path)
    ? requirementFaults(readJson(path))
    : ['test/requirements.json is missing'];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
