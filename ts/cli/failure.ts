// What the command says when it fails: one line for what the user can mend, the whole story for our own faults.
import { ExedraError } from '../errors.ts';

/** The text after `exedra: `. */
export function explain(error: unknown): string {
  if (error instanceof ExedraError && error.kind !== 'bug') {
    const { rule } = error.details;
    return rule === undefined ? error.message : `${error.message} (rule ${rule})`;
  }
  if (error instanceof Error) return `unexpected failure, please report it: ${error.stack}`;
  return `unexpected failure, please report it: ${String(error)}`;
}
