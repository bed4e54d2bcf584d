// What the demo says when it cannot go on.

import { errorClass } from '../../errors.ts';

export const demoErrors = {
  failed: {
    kind: 'dependency',
    means: 'The demo could not be played.',
    remedy: 'The message tells which step failed; run it again with --log-level debug.',
  },
  unexpected: {
    kind: 'bug',
    means: 'The conversation did not go as it must.',
    remedy: 'Report it with the output of exedra demo --json.',
  },
} as const;

const Base = errorClass('DemoError', 'demo', demoErrors);

/** A demo that cannot go on, in one sentence. */
export class DemoError extends Base {
  constructor(message: string, code: keyof typeof demoErrors = 'failed') {
    super(code, message);
  }
}

/** Stops the demo when something is not as it must be. */
export function mustBe(holds: boolean, what: string): asserts holds {
  if (!holds) throw new DemoError(`Not as it must be: ${what}.`, 'unexpected');
}
