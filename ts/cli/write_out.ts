// Where a command's account goes.

import { writeFileSync } from 'node:fs';

/** To a file by its name, or, for `true`, to the standard output. */
export function writeOut(to: string | boolean, text: string): void {
  if (typeof to === 'string') writeFileSync(to, text);
  else process.stdout.write(text);
}
