// What the measurement says when it cannot go on.

import { errorClass } from '../../errors.ts';

const overheadErrors = {
  unexpected: {
    kind: 'bug',
    means: 'The measurement did not go as it must.',
    remedy: 'Report it with the command that was run.',
  },
} as const;

const Base = errorClass('OverheadError', 'overhead', overheadErrors);

/** A measurement that cannot go on, in one sentence. */
export class OverheadError extends Base {
  constructor(message: string) {
    super('unexpected', message);
  }
}

/** Stops the measurement when something is not as it must be: figures of something else are worse than none. */
export function mustBe(holds: boolean, what: string): asserts holds {
  if (!holds) throw new OverheadError(`Not as it must be: ${what}.`);
}
