// The sums in the gate's last line: nothing that went wrong, or did not run, may count as passed.
import { describe, expect, it } from 'vitest';
import { countCargo, countVitest } from '../../../scripts/support/checks.mjs';

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
};

describe('the gate counts', () => {
  it('each test of a vitest report', () => {
    expect(countVitest(report, 0)).toEqual({ passed: 5, failed: 0 });
    expect(countVitest({ ...report, numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2 });
  });

  it('a test file that does not load as failed', () => {
    const unloaded = { status: 'failed', assertionResults: [] };
    const broken = { ...report, testResults: [...report.testResults, unloaded] };
    expect(countVitest(broken, 1)).toEqual({ passed: 5, failed: 1 });
  });

  it('skipped tests and tests still to be written as failed', () => {
    const lazy = { ...report, numPendingTests: 1, numTodoTests: 2 };
    expect(countVitest(lazy, 0)).toEqual({ passed: 5, failed: 3 });
  });

  it('an error outside all tests as failed', () => {
    expect(countVitest(report, 1)).toEqual({ passed: 5, failed: 1 });
  });

  it('the tests of every cargo target, ignored ones as failed', () => {
    const output = [
      'test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s',
      'test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out',
    ].join('\n');
    expect(countCargo(output, 101)).toEqual({ passed: 5, failed: 2 });
  });

  it('Rust code that does not compile as failed', () => {
    expect(countCargo('error: could not compile', 101)).toEqual({ passed: 0, failed: 1 });
  });
});
