// What the command says when it fails: one line for what the user can mend, the whole story for our own faults.
import { printable } from '../content/index.ts';
import { ExedraError } from '../errors.ts';

/** The text after `exedra: `; what it quotes of others' messages cannot move the terminal's cursor. */
export function explain(error: unknown): string {
  return explanation(error).split('\n').map(printable).join('\n');
}

function explanation(error: unknown): string {
  if (error instanceof ExedraError && error.kind !== 'bug') {
    const { rule } = error.details;
    return rule === undefined ? error.message : `${error.message} (rule ${rule})`;
  }
  if (error instanceof Error) return `unexpected failure, please report it: ${error.stack}`;
  return `unexpected failure, please report it: ${String(error)}`;
}
