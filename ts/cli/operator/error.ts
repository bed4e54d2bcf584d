// What the operator's commands say when they cannot go on.

import { errorClass } from '../../errors.ts';

export const operatorErrors = {
  badFile: {
    kind: 'caller',
    means: 'A file that the command was given cannot be used.',
    remedy: 'Name a file that the command which makes such files has written.',
  },
  refused: {
    kind: 'caller',
    means: 'The provider has refused the request.',
    remedy: 'The message tells why; docs/errors.md has the code.',
  },
  unreachable: {
    kind: 'dependency',
    means: 'The provider cannot be reached.',
    remedy: 'Check --url, and that the provider runs.',
  },
} as const;

const Base = errorClass('OperatorError', 'operator', operatorErrors);

/** Why an operator's command ends, in one sentence. */
export class OperatorError extends Base {
  constructor(code: keyof typeof operatorErrors, message: string, cause?: unknown) {
    super(code, message, { cause });
  }
}
