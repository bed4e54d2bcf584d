// What the audit says when it cannot be made, which is not the same as that it is not ok.

import { errorClass } from '../../errors.ts';

export const auditErrors = {
  unreadable: {
    kind: 'bug',
    means: 'The audit met bytes that it cannot take apart.',
    remedy: 'Report it with the output of exedra audit --json.',
  },
  noTable: {
    kind: 'caller',
    means: 'The specification’s table says nothing of this mode.',
    remedy: 'Audit one of its modes, or say as which of them it is to be judged.',
  },
  unexpected: {
    kind: 'bug',
    means: 'The life that the audit records did not go as it must.',
    remedy: 'Report it with the mode that it was in.',
  },
} as const;

const Base = errorClass('AuditError', 'audit', auditErrors);

/** An audit that cannot go on. */
export class AuditError extends Base {}

/** Ends the audit where the recorded life is not the one that its cells are about. @throws AuditError `unexpected`. */
export function mustBe(holds: boolean, what: string): asserts holds {
  if (!holds) throw new AuditError('unexpected', `Not as it must be: ${what}.`);
}
