// Each production of the drafts' schemas, and each field of one, by what fits it and what does not: read from the
// schemas as published, so that none is forgotten.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ContentError, decodeContent, decodeStatusReport } from '../../ts/content/index.ts';
import { type Production, productions } from '../support/content_productions.ts';
import { recheckContent, recheckStatusReport } from '../support/content_recheck.ts';

const schemas = [
  'content-04/mimi-content',
  'content-04/delivery-report',
  'content-08/mimi-content',
  'status-01/status',
] as const;

/** The names of the productions of a schema, and of the fields behind them; named numbers are no fields. */
function namesIn(schema: string): string[] {
  const cddl = readFileSync(new URL(`../vectors/${schema}.cddl`, import.meta.url), 'utf8');
  const names = new Set<string>();
  let group = '';
  for (const line of cddl.split('\n')) {
    const production = /^([A-Za-z]\w*) *=/.exec(line)?.[1];
    if (production !== undefined) group = production;
    const inline = /^[A-Za-z]\w* *= *\( *(\w+):/.exec(line)?.[1];
    const field = /^ +(\w+):(?! *\d)/.exec(line)?.[1] ?? /&\((\w+): \d+\) \^/.exec(line)?.[1];
    names.add(group);
    for (const name of [inline, field]) if (name !== undefined) names.add(`${group}.${name}`);
  }
  names.delete('');
  return [...names].sort();
}

/** `accepted`, or the rule that is broken. */
function verdictOf({ schema, profile }: Production, hex: string): string {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  try {
    if (schema.endsWith('mimi-content')) decodeContent(bytes, { profile });
    else decodeStatusReport(bytes, profile);
    return 'accepted';
  } catch (error) {
    if (error instanceof ContentError) return String(error.details.rule);
    throw error;
  }
}

function secondVerdictOf({ schema, profile }: Production, hex: string): string {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  const recheck = schema.endsWith('mimi-content') ? recheckContent : recheckStatusReport;
  const verdict = recheck(bytes, { profile });
  return verdict.ok ? 'accepted' : verdict.rule;
}

test.each(schemas)(
  'each production and field of %s has messages that are accepted and refused',
  (schema) => {
    const covered = productions
      .filter((one) => one.schema === schema && one.accepted.length > 0 && one.refused.length > 0)
      .map(({ name }) => name);
    expect(covered.sort()).toEqual(namesIn(schema));
  },
);

describe.each(productions)('$schema, $name', (production) => {
  test('what fits is accepted', () => {
    for (const hex of production.accepted) {
      expect([hex, verdictOf(production, hex)]).toEqual([hex, 'accepted']);
    }
  });

  test('what does not is refused, by the rule that the re-check names', () => {
    for (const hex of production.refused) {
      const verdict = verdictOf(production, hex);
      expect([hex, verdict]).toEqual([hex, secondVerdictOf(production, hex)]);
      // The bytes are CBOR, and what is wrong is in the schema.
      expect(['accepted', 'C9']).not.toContain(verdict);
    }
  });
});
