// Each rule of the content format by messages that break it and by the nearest ones that do not: code, rule, path; and
// that a fault anywhere is found in time in proportion to the message, whatever it claims.

import { describe, expect, test } from 'vitest';
import { ContentError, decodeContent, rules } from '../../ts/content/index.ts';
import { type ContentCase, contentCases } from '../support/content_cases.ts';

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

function faultOf({ hex, profile, options }: ContentCase): ContentError | undefined {
  try {
    decodeContent(bytesOf(hex), { ...options, profile });
    return undefined;
  } catch (error) {
    if (error instanceof ContentError) return error;
    throw error;
  }
}

/** The tests of one rule; the title of each group is what test/requirements.json names. */
function prove(rule: string): void {
  const cases = contentCases[rule] ?? [];
  test.each(cases.filter(({ code }) => code === undefined))('$profile, accepted: $name', (one) => {
    expect(faultOf(one)).toBeUndefined();
  });
  test.each(cases.filter(({ code }) => code !== undefined))('$profile, refused: $name', (one) => {
    const fault = faultOf(one);
    expect(
      fault && { code: fault.code, rule: fault.details.rule, path: fault.details.path },
    ).toEqual({
      code: one.code,
      rule,
      path: one.path,
    });
    expect(fault?.details).toMatchObject({
      offset: expect.any(Number),
      expected: expect.any(String),
      found: expect.any(String),
    });
  });
}

describe('C1: arrays have their length, items their type and size, and nothing follows', () => {
  prove('C1');
});
describe('C2: the encoding is deterministic', () => {
  prove('C2');
});
describe('C3: texts, floats, keys and tags keep to the data model', () => {
  prove('C3');
});
describe('C4: parts and extension values are nested four levels deep at the most', () => {
  prove('C4');
});
describe('C5: parts, ids and sizes are limited', () => {
  prove('C5');
});
describe('C6: an expiry of more than 366 days is suspicious', () => {
  prove('C6');
});
describe('C7: cardinality and part semantics are known', () => {
  prove('C7');
});
describe('C8: hashes are known and as long as they should be', () => {
  prove('C8');
});
describe('C9: the bytes are well-formed CBOR', () => {
  prove('C9');
});
describe('C10: part indices count, and sender and room are who they are', () => {
  prove('C10');
});

test('every code of a rule has a message that is refused with it', () => {
  const refused = new Set(
    Object.values(contentCases).flatMap((cases) => cases.map(({ code }) => code)),
  );
  expect(Object.keys(rules).filter((code) => !refused.has(code as never))).toEqual([]);
});

test('a suspicious expiry is told as a warning where that is asked for', () => {
  const [warned] = (contentCases.C6 ?? []).filter(({ options }) => options?.expiry === 'warn');
  const warnings: ContentError[] = [];
  decodeContent(bytesOf(warned?.hex ?? ''), {
    ...warned?.options,
    profile: 'draft08',
    onWarning: (warning) => warnings.push(warning),
  });
  expect(warnings.map(({ code }) => code)).toEqual(['suspiciousExpiry']);
});
