// The requirements check: a rule without a test, or with a test that is not there, must be found.
import { describe, expect, it } from 'vitest';
import { requirementFaults, testTitles } from '../../../scripts/check-requirements.mjs';
import { plant } from './planted.ts';

const rule = { rule: 'A room has an owner.', source: 'room policy, section 3' };

describe('the requirements check', () => {
  it('accepts a rule whose test exists', () => {
    const project = plant({ 'test/unit/a.test.ts': "it('a room has an owner', () => {});\n" });
    const requirements = { R1: { ...rule, test: 'test/unit/a.test.ts#a room has an owner' } };
    expect(requirementFaults(requirements, project)).toEqual([]);
  });

  it('refuses a rule without a test', () => {
    expect(requirementFaults({ R1: rule, R2: { ...rule, test: [] } })).toEqual([
      'R1: has no test',
      'R2: has no test',
    ]);
  });

  it('refuses a title that stands in the file only as text', () => {
    const project = plant({ 'test/unit/a.test.ts': "// it('owner', …)\nconst owner = 'owner';\n" });
    const requirements = { R1: { ...rule, test: 'test/unit/a.test.ts#owner' } };
    expect(requirementFaults(requirements, project)).toEqual([
      'R1: test/unit/a.test.ts has no test with the title “owner”',
    ]);
  });

  it('refuses a test file that does not exist, and a rule without words or source', () => {
    const requirements = { R1: { test: 'test/none.test.ts#title' } };
    expect(requirementFaults(requirements, plant({}))).toEqual([
      'R1: has no rule',
      'R1: has no source',
      'R1: test/none.test.ts does not exist',
    ]);
  });

  it('knows the titles of plain, repeated and described tests, and of tests in Rust', () => {
    const typescript = [
      "describe('a group', () => {",
      "  it('joins', () => {});",
      "  it.each([1])('refuses %s', () => {});",
      "  test.concurrent('races', () => {});",
      '  it(`counts ' + '$' + '{n}`, () => {});',
      '});',
    ].join('\n');
    expect([...testTitles('a.test.ts', typescript)]).toEqual([
      'a group',
      'joins',
      'refuses %s',
      'races',
      'counts ' + '$' + '{n}',
    ]);
    const rust =
      '#[test]\nfn restores() {}\n#[test]\n#[should_panic]\nfn refuses() {}\nfn helper() {}\n';
    expect([...testTitles('a.rs', rust)]).toEqual(['restores', 'refuses']);
  });
});
