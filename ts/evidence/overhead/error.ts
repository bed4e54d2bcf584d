// What the measurement says when it cannot go on.

import { errorClass } from '../../errors.ts';

const overheadErrors = {
  unexpected: {
    kind: 'bug',
    means: 'The measurement did not go as it must.',
    remedy: 'Report it with the command that was run.',
  },
  noReport: {
    kind: 'caller',
    means: 'The file is no report of a measurement.',
    remedy: 'Make one with: exedra modes --bench --json FILE.',
  },
  notWritten: {
    kind: 'caller',
    means: 'The results cannot be written to this file.',
    remedy: 'Name a file in a folder that is there and that you may write to.',
  },
} as const;

/** A measurement that cannot go on, or a report that cannot be read or written. */
export class OverheadError extends errorClass('OverheadError', 'overhead', overheadErrors) {}

/** Stops the measurement when something is not as it must be: figures of something else are worse than none. */
export function mustBe(holds: boolean, what: string): asserts holds {
  if (!holds) throw new OverheadError('unexpected', `Not as it must be: ${what}.`);
}
